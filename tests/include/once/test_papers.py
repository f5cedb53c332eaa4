"""Files of papers: checked by content, kept once, verified on every reading; on a folder and on an S3-compatible server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from include.hub import Hub
from include.once.papers import PaperUnavailable, check, read, signatures, store, type_of
from include.once.papers import _write as write
from include.sandbox.files import pdf, png
from include.settings import Settings
from include.store.objects import Altered
from tests.include.once.conftest import Put, paper

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb0043") + bytes(64) + b"\xff\xd9"


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, str]]:
    """An S3-compatible server with an empty bucket; what fsspec must know to reach it."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    known = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    s3: Any = boto3.client("s3", endpoint_url=known["AWS_ENDPOINT_URL"], aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    s3.create_bucket(Bucket="giay-to")
    yield known
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The hub, keeping papers in a folder or in the bucket."""
    if request.param == "folder":
        return hub
    for name, value in request.getfixturevalue("bucket").items():
        monkeypatch.setenv(name, value)
    return replace(hub, settings=Settings({**hub.settings.environment, "HUB_PAPERS_URL": "s3://giay-to/kho"}))


@pytest.mark.parametrize(("body", "found"), [(pdf("x", signed=False), "application/pdf"), (png("x"), "image/png"), (JPEG, "image/jpeg")])
def test_the_type_is_that_of_the_content(body: bytes, found: str) -> None:
    assert type_of(body) == found
    assert check(body, None).outcome == "stored"


@pytest.mark.parametrize("body", [b"<!doctype html><p>404", b"MZ\x90\x00" + bytes(100), b"PK\x03\x04" + bytes(100), b"", b"%PDF-1.7\nbroken"])
def test_what_is_no_pdf_or_image_is_refused_whatever_it_is_called(body: bytes) -> None:
    assert check(body, None).outcome == "type_refused"


def test_a_filled_signature_field_is_seen_and_an_unsigned_paper_has_none() -> None:
    assert signatures(pdf("x", signed=True)) == 1
    assert signatures(pdf("x", signed=False)) == 0


def test_a_file_with_another_hash_than_told_is_refused() -> None:
    assert check(pdf("x", signed=False), "0" * 64).outcome == "altered"


@pytest.mark.postgres
def test_files_are_kept_once_and_verified_when_read(place: Hub) -> None:
    objects = store(place)
    body = pdf("GT-1", signed=True)
    assert objects.put(body) == objects.put(body)
    assert objects.get(objects.put(body)) == body
    other = objects.put(png("GT-2"))
    with objects._fs.open(objects.path(other), "wb") as file:
        file.write(objects._fs.cat_file(objects.path(objects.put(body))))
    if "s3" in str(type(objects._fs)).lower():
        objects._fs.invalidate_cache()
    with pytest.raises(Altered):
        objects.get(other)


@pytest.mark.postgres
def test_a_paper_is_handed_out_while_it_is_in_force_and_never_after(hub: Hub, put: Put, tmp_path: Path) -> None:
    body = pdf("GT-1", signed=True)
    made = put("paper", **paper(code="GT-1", path="/kho/GT-1", valid_to="2026-11-30"))
    with pytest.raises(PaperUnavailable, match="not fetched"):
        read(hub, "GT-1")
    write(hub, [(made, 1, "GT-1", None, store(hub).put(body), len(body), check(body, None))])
    assert read(hub, "GT-1") == body
    with pytest.raises(PaperUnavailable, match="no longer in force since 2026-11-30"):
        read(hub, "GT-1", date(2026, 12, 1))
    with pytest.raises(PaperUnavailable, match="no such paper"):
        read(hub, "GT-2")
    assert hub.db.rows("SELECT media_type, signatures FROM hub.paper_file") == [("application/pdf", 1)]
