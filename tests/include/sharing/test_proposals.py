"""What agencies propose is decided by people, each decision is an act; old months of the access log can be forgotten, the present one cannot."""

import uuid

import pytest
from typer.testing import CliRunner

from include import cli_sharing
from include.sharing import proposals, vault
from include.sharing.agreements import NotNow
from tests.include.sharing.conftest import Agency, World, number

pytestmark = pytest.mark.postgres
BODY = {"type": "personal_number", "value": number(4), "field": "address", "proposed": "Số 5 đường Lý Thái Tổ", "reason": "sổ hộ tịch"}


def proposed(agency: Agency, world: World) -> int:
    answer = agency.post("/v1/persons/corrections", BODY, Idempotency_Key=uuid.uuid4().hex)
    assert answer.status_code == 201, answer.text
    return proposals.proposals(world.hub, "proposed")[-1].id


def acts(world: World, one: int) -> list[str]:
    return [row[0] for row in world.hub.db.rows("SELECT kind FROM hub.act WHERE subject = %s ORDER BY seq", f"correction/{one}")]


def test_a_proposal_is_listed_without_values_read_as_an_act_and_decided_once(agency: Agency, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_sharing, "hub", lambda: world.hub)
    one = proposed(agency, world)
    run = CliRunner().invoke
    listed = run(cli_sharing.share, ["corrections", "--json"]).output
    assert (f'"id": {one}' in listed, BODY["proposed"] in listed) == (True, False)
    by = ["--who", "chị Hoa", "--reason", "đối chiếu sổ"]
    assert BODY["proposed"] in run(cli_sharing.share, ["correction", str(one), "--json", *by]).output
    assert run(cli_sharing.share, ["decide", str(one), "accept", *by]).exit_code == 0
    assert acts(world, one) == ["correction_read", "correction"]
    with pytest.raises(NotNow, match="đang chờ"):
        proposals.decide(world.hub, "chị Hoa", one, "refuse", "nhầm")
    assert [each.state for each in proposals.proposals(world.hub) if each.id == one] == ["accepted"]


def test_a_decision_needs_a_reason(agency: Agency, world: World) -> None:
    one = proposed(agency, world)
    with pytest.raises(NotNow, match="lý do"):
        proposals.decide(world.hub, "t", one, "accept", " ")


def test_the_present_months_key_cannot_be_erased(world: World) -> None:
    with pytest.raises(LookupError, match="chỉ xóa"):
        vault.forget(world.hub, "t", vault.month_of(world.hub.clock()) + 1, "dọn")
    assert vault.forget(world.hub, "t", 202001, "hết hạn lưu") == []


def test_another_key_file_is_noticed_before_it_writes_anything(world: World) -> None:
    before = world.hub.db.rows("SELECT count(*) FROM hub.access_key")
    with world.hub.db.transaction() as connection, pytest.raises(LookupError, match="HUB_SHARING_KEY_FILE"):
        vault.prepare(connection, b"k" * 32, world.hub.clock())
    assert world.hub.db.rows("SELECT count(*) FROM hub.access_key") == before


@pytest.mark.parametrize("content", [b"", b"x", b"AAAA\n", b"A" * 64])
def test_a_key_file_that_holds_no_key_is_refused(world: World, content: bytes) -> None:
    path = world.hub.settings.home / f"key-{uuid.uuid4().hex}"
    path.write_bytes(content)
    with pytest.raises(LookupError, match="openssl rand"):
        vault.master_key(path)
