"""A proof pack is accepted as it was sealed, by a program that needs nothing, and refused after any bit of it is changed."""

import random
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from include.hub import Hub
from include.proof import pack, verify
from include.proof.keys import public_bytes, signing_key
from include.proof.verify import Refused, canonical, opened, packed
from include.runs import Wish, begin
from include.steps import land, merge, refine, report
from tests.conftest import fresh_database, hub_on
from tests.include.shelf import record, shelved

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def ran(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub after a run with one sound record and one without a name."""
    with fresh_database(server) as db:
        hub = hub_on(db, tmp_path_factory.mktemp("proof"))
        flow = shelved("insurance", [record("insurance"), record("insurance", maSoBhxh="2701234599", hoTen="")])
        begin(hub, flow, "r1", Wish(full=True))
        for step in (land, refine, merge, report):
            step(hub, flow, "r1")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("include.evidence.find", lambda _: flow)
            yield hub


@pytest.fixture(scope="module")
def row(ran: Hub) -> bytes:
    """The pack of the row put aside."""
    return pack.of_row(ran, "kiemtoan", ran.db.rows("SELECT id FROM hub.quarantine")[0][0], "thanh tra 12/2026")


def test_the_packs_of_a_run_a_row_and_a_record_are_sound(ran: Hub, row: bytes) -> None:
    key = public_bytes(signing_key(ran.settings))
    taken = ran.db.rows("SELECT source_key FROM hub.source_record")[0][0]
    assert verify.verify(row, key)[0].startswith("subject: row/")
    assert verify.verify(pack.of_run(ran, "x", "insurance", "r1"), key)[0] == "subject: run/insurance/r1"
    told = verify.verify(pack.of_record(ran, "x", "insurance", taken, "vì dân hỏi"), key)
    assert told[0].startswith("subject: record/insurance/")
    assert "record: its bytes stand in the page" in told
    assert taken not in told[0]


def test_a_pack_holds_the_bytes_the_mapping_the_checks_and_the_verdict(ran: Hub, row: bytes) -> None:
    files = opened(row)
    assert {
        "page.bin",
        "raw.bin",
        "mapped.json",
        "verdict.json",
        "report.json",
        "run.json",
        "seal.json",
        "manifest.json",
        "pages.txt",
    } <= files.keys()
    assert b"2701234599" in files["raw.bin"]
    assert b'"required_missing"' in files["verdict.json"]
    assert b'"versions"' in files["report.json"]
    assert b'"fingerprint"' in files["report.json"]
    assert any(name.startswith("checks/") for name in opened(pack.of_run(ran, "x", "insurance", "r1")))


def test_the_verifier_runs_alone(row: bytes, tmp_path: Path) -> None:
    alone = tmp_path / "verify.py"
    alone.write_bytes(Path(verify.__file__).read_bytes())
    (tmp_path / "pack.zip").write_bytes(row)
    command = [sys.executable, "-I", "-S", str(alone), str(tmp_path / "pack.zip")]
    assert subprocess.run(command, check=True, capture_output=True, cwd=tmp_path).stdout.startswith(b"SOUND")
    (tmp_path / "pack.zip").write_bytes(row[:-1])
    assert subprocess.run(command, check=False, capture_output=True, cwd=tmp_path).returncode == 1


@settings(max_examples=150, deadline=None)
@given(where=st.integers(min_value=0))
def test_any_flipped_bit_is_refused(row: bytes, where: int) -> None:
    bit = where % (8 * len(row))
    changed = bytearray(row)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Refused):
        verify.verify(bytes(changed))


def test_every_bit_of_what_seals_a_pack_counts(row: bytes) -> None:
    files = opened(row)
    for name in ("manifest.json", "seal.json", "run.json"):
        for bit in random.Random(1).sample(range(8 * len(files[name])), 120):
            changed = bytearray(files[name])
            changed[bit // 8] ^= 1 << bit % 8
            with pytest.raises(Refused):
                verify.verify(packed({**files, name: bytes(changed)}))


def test_a_file_taken_out_or_put_in_is_refused(row: bytes) -> None:
    files = opened(row)
    with pytest.raises(Refused, match="other files"):
        verify.verify(packed({**files, "more.txt": b""}))
    with pytest.raises(Refused, match="other files"):
        verify.verify(packed({name: data for name, data in files.items() if name != "raw.bin"}))


def test_a_pack_sealed_by_another_key_is_refused(row: bytes) -> None:
    with pytest.raises(Refused, match="another key"):
        verify.verify(row, public_bytes(Ed25519PrivateKey.generate()))


def test_a_proof_says_nothing_beside_the_proof(row: bytes) -> None:
    files = opened(row)
    seal = verify.parsed(files["seal.json"])
    with pytest.raises(Refused, match="malformed"):
        verify.verify(packed({**files, "seal.json": canonical({**seal, "note": "x"})}))


def test_the_container_is_stored_without_times(row: bytes) -> None:
    with zipfile.ZipFile(BytesIO(row)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@settings(max_examples=40, deadline=None)
@given(message=st.binary(max_size=200), other=st.binary(max_size=64))
def test_ed25519_agrees_with_a_library(message: bytes, other: bytes) -> None:
    key = Ed25519PrivateKey.generate()
    signature = key.sign(message)
    assert verify.signed(public_bytes(key), message, signature)
    assert not verify.signed(public_bytes(key), message + b"x", signature)
    assert not verify.signed(public_bytes(key), message, other)
    assert not verify.signed(
        public_bytes(key), message, signature[:32] + (int.from_bytes(signature[32:], "little") + verify.Q).to_bytes(32, "little")
    )
