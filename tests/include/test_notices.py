"""Owners are told what of theirs waits, once a day, by the channel they chose; never whose rows they are."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from standardwebhooks import Webhook

from include.hub import Hub
from include.notices import due, notify
from include.settings import Settings

pytestmark = pytest.mark.postgres

PERSONAL = "024085000126"
SECRET = "a secret of at least twenty-four bytes"


def put_aside(hub: Hub, flow: str, number: int, codes: list[str], fix_by: str, closed: bool = False, waived: str | None = None) -> None:
    with hub.db.transaction() as connection:
        connection.execute(
            "INSERT INTO hub.quarantine (flow, run, n, idx, source_key, row_hash, codes, issues, at, verify_by, fix_by, closed_at, waived_until)"
            " VALUES (%s, 'r1', 1, %s, %s, '', %s, %s, %s, %s, %s, %s, %s)",
            [flow, number, PERSONAL, codes, Jsonb([]), hub.clock(), fix_by, fix_by, hub.clock() if closed else None, waived],
        )


@pytest.fixture
def waiting(hub: Hub) -> Hub:
    """The clock stands at 23 November 2026."""
    put_aside(hub, "births", 1, ["required_missing"], "2026-11-20")
    put_aside(hub, "births", 2, ["required_missing", "date_invalid"], "2026-11-30")
    put_aside(hub, "deaths", 1, ["unit_unknown"], "2026-11-30")
    put_aside(hub, "deaths", 2, ["unit_unknown"], "2026-11-01", closed=True)
    put_aside(hub, "deaths", 3, ["unit_unknown"], "2026-11-01", waived="2026-12-31")
    put_aside(hub, "land", 1, ["parcel_invalid"], "2026-11-10")
    return hub


def told(hub: Hub, **environment: str) -> tuple[Hub, list[tuple[str, str, str]], dict[str, int]]:
    mails: list[tuple[str, str, str]] = []
    hub = replace(hub, settings=Settings({**hub.settings.environment, **environment}))
    return hub, mails, notify(hub, lambda *mail: mails.append(mail))


def test_an_owner_is_told_of_all_its_sources_without_what_is_closed_or_waived(waiting: Hub):
    found = {notice.owner: (notice.rows, notice.overdue) for notice in due(waiting)}
    assert found == {"so-tu-phap": (3, 1), "so-nnmt": (1, 1)}


def test_a_mail_names_reasons_and_deadlines_and_nobody(waiting: Hub):
    _, mails, outcomes = told(waiting, HUB_NOTICE_SO_TU_PHAP="mailto:hotich@example.com")
    assert outcomes == {"sent": 1, "failed": 1}
    [(to, subject, html)] = mails
    assert to == "hotich@example.com"
    assert "3 bản ghi chờ sửa, 1 quá hạn" in subject
    assert "Thiếu dữ liệu bắt buộc" in html
    assert "20/11/2026" in html
    assert PERSONAL not in html + subject


def test_nobody_is_told_twice_on_one_day(waiting: Hub):
    hub, _, _ = told(waiting, HUB_NOTICE_SO_TU_PHAP="mailto:a@example.com", HUB_NOTICE_SO_NNMT="mailto:b@example.com")
    assert due(hub) == []


def test_an_owner_without_an_address_is_told_of_in_the_books(waiting: Hub):
    hub, _, outcomes = told(waiting)
    assert outcomes == {"failed": 2}
    messages = {row[0] for row in hub.db.rows("SELECT message FROM hub.notice")}
    assert "HUB_NOTICE_SO_TU_PHAP chưa đặt · is not set" in messages
    assert len(due(hub)) == 2


def test_a_mail_server_that_fails_keeps_nobody_else_from_being_told(waiting: Hub):
    hub = replace(
        waiting, settings=Settings({**waiting.settings.environment, "HUB_NOTICE_SO_TU_PHAP": "mailto:a@x", "HUB_NOTICE_SO_NNMT": "mailto:b@x"})
    )
    sent = []

    def mail(to: str, *_: str) -> None:
        if to == "b@x":
            raise ConnectionRefusedError("no mail server")
        sent.append(to)

    assert notify(hub, mail) == {"sent": 1, "failed": 1}
    assert sent == ["a@x"]


@contextmanager
def listening(status: int) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    taken: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(({name.lower(): value for name, value in self.headers.items()}, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", taken
    finally:
        server.shutdown()
        server.server_close()


def test_a_webhook_is_signed_so_that_a_stranger_s_library_accepts_it(waiting: Hub):
    with listening(204) as (url, taken):
        _, _, outcomes = told(
            waiting,
            HUB_NOTICE_SO_TU_PHAP=url,
            HUB_NOTICE_SO_TU_PHAP_SECRET=SECRET,
            HUB_WEBHOOK_NETWORKS="127.0.0.0/8",
            HUB_NOTICE_SO_NNMT="mailto:b@x",
        )
    assert outcomes == {"sent": 2}
    [(headers, body)] = taken
    assert json.loads(body)["data"]["rows"] == 3
    assert PERSONAL not in body.decode()
    signed = Webhook(SECRET.encode())
    assert headers["webhook-signature"] == signed.sign(headers["webhook-id"], _moment(headers), body.decode())


def _moment(headers: dict[str, str]) -> Any:

    return datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)


def test_a_webhook_that_is_refused_is_tried_again(waiting: Hub):
    with listening(500) as (url, _):
        hub, _, outcomes = told(waiting, HUB_NOTICE_SO_TU_PHAP=url, HUB_WEBHOOK_NETWORKS="127.0.0.0/8", HUB_NOTICE_SO_NNMT="mailto:b@x")
    assert outcomes == {"failed": 1, "sent": 1}
    assert [notice.owner for notice in due(hub)] == ["so-tu-phap"]


def test_a_webhook_inside_the_house_is_not_called(waiting: Hub):
    with listening(204) as (url, taken):
        _, _, outcomes = told(waiting, HUB_NOTICE_SO_TU_PHAP=url, HUB_NOTICE_SO_NNMT="mailto:b@x")
    assert (outcomes, taken) == ({"failed": 1, "sent": 1}, [])
