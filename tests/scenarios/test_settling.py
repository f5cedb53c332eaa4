"""A conflict settled by a person for the other side's value: both sides agree afterwards, and nothing flips back in silence."""

import pytest

from include import acts
from include.dossiers.conflicts import listed
from include.dossiers.settling import settle
from include.hub import Hub
from include.life import Refused
from include.readback import differences
from mappings.canonical import DOSSIER
from tests.scenarios.conftest import Province
from tests.scenarios.test_two_way import TwoWay, conflicts

pytestmark = [pytest.mark.postgres, pytest.mark.scenario]


@pytest.fixture
def both(world: Hub, province: Province) -> TwoWay:
    return TwoWay(world, province)


def settled_for_the_portal(both: TwoWay) -> str:
    """A dossier whose telephone both sides changed, settled for the portal's number and told to both."""
    code = both.waiting()
    both.round()
    both.change("dvcqg", code, ago=4, SoDienThoai="0912000888")
    both.change("motcua", code, ago=3, soDienThoai="0912000777")
    both.round()
    settle(both.hub, listed(both.hub)[0]["id"], "can-bo-1", "người nộp xác nhận số trên Cổng", other=True)
    both.round()
    return code


def phones(both: TwoWay, code: str) -> tuple[str, str, str]:
    return both.golden(code)["phone"], both.held("motcua", code)["soDienThoai"], both.held("dvcqg", code)["SoDienThoai"]


def test_a_conflict_settled_for_the_other_value_is_told_to_both_sides_which_then_agree(both: TwoWay) -> None:
    code = settled_for_the_portal(both)
    assert phones(both, code) == ("+84912000888", "0912000888", "0912000888")
    assert differences(both.hub, both.province.running.endpoints) == []
    before = both.writes()
    assert sum(one.changed + one.published for one in both.round().values()) == 0
    assert both.round(full=True)["dossiers"].changed == 0
    assert (both.writes(), conflicts(both), phones(both, code)[0]) == (before, [], "+84912000888")


def test_who_took_the_other_value_and_why_is_known_of_the_record_and_stands_in_the_log(both: TwoWay) -> None:
    code = settled_for_the_portal(both)
    (one,) = listed(both.hub, "settled", code=code)
    assert (one["taken"], one["settled_by"], one["reason"]) == (True, "can-bo-1", "người nộp xác nhận số trên Cổng")
    record = both.golden(code)
    assert record["updated_run"] == f"conflict/{one['id']}"
    by = both.hub.db.rows("SELECT flow FROM hub.source WHERE id = %s", record["provenance"][DOSSIER.names.index("phone")])
    assert by == [("portal_filed",)]
    act = acts.of(both.hub, f"conflict/{one['id']}")[0]
    assert (act["who"], act["field"], act["stands"], act["dossier"]) == ("can-bo-1", "phone", "portal_filed", code)
    assert "0912000888" not in str(act)
    with pytest.raises(Refused, match="settled already"):
        settle(both.hub, one["id"], "can-bo-1", "lại", other=True)


def test_a_side_that_has_not_heard_of_the_decision_does_not_flip_it_back(both: TwoWay) -> None:
    code = both.waiting()
    both.round()
    both.change("dvcqg", code, ago=4, SoDienThoai="0912000888")
    both.change("motcua", code, ago=3, soDienThoai="0912000777")
    both.round()
    settle(both.hub, listed(both.hub)[0]["id"], "can-bo-1", "người nộp xác nhận", other=True)
    both.change("motcua", code, ago=2, email="ban.mot.cua@example.com")
    both.round()
    both.round()
    assert phones(both, code) == ("+84912000888", "0912000888", "0912000888")
    assert both.held("motcua", code)["email"] == "ban.mot.cua@example.com"
    assert conflicts(both) == []


def test_a_side_that_sets_its_old_value_again_makes_a_conflict_and_not_a_silent_flip(both: TwoWay) -> None:
    code = settled_for_the_portal(both)
    both.change("motcua", code, soDienThoai="0912000777")
    both.round()
    assert conflicts(both) == [(code, "phone", "portal_filed", "settled")]
    both.round()
    assert phones(both, code) == ("+84912000888", "0912000888", "0912000888")
    settle(both.hub, listed(both.hub)[0]["id"], "can-bo-2", "người nộp đã đổi số", other=True)
    both.round()
    both.round()
    assert phones(both, code) == ("+84912000777", "0912000777", "0912000777")
    assert differences(both.hub, both.province.running.endpoints) == []


def test_a_new_value_after_the_decision_is_taken_as_any_other(both: TwoWay) -> None:
    code = settled_for_the_portal(both)
    both.change("motcua", code, soDienThoai="0912000666")
    both.round()
    both.round()
    assert (both.golden(code)["phone"], both.held("dvcqg", code)["SoDienThoai"]) == ("+84912000666", "0912000666")
    assert (conflicts(both), differences(both.hub, both.province.running.endpoints)) == ([], [])


def test_what_the_authority_answers_for_is_not_settled_for_the_other_side(both: TwoWay) -> None:
    code = both.waiting()
    both.change("motcua", code, trangThai="2", ngayTiepNhan="20261123093000", ngayHenTra="20261210170000")
    both.round()
    both.change("dvcqg", code, NgayHenTra="20261201170000")
    both.round()
    assert conflicts(both) == [(code, "due_at", "dossiers", "owner_holds")]
    with pytest.raises(Refused, match="the authority in charge answers for this field"):
        settle(both.hub, listed(both.hub)[0]["id"], "can-bo-1", "Cổng đúng", other=True)
    assert conflicts(both) == [(code, "due_at", "dossiers", "owner_holds")]


def test_a_conflict_overtaken_by_a_newer_value_is_not_settled_for_an_old_one(both: TwoWay) -> None:
    code = both.waiting()
    both.round()
    both.change("dvcqg", code, ago=4, SoDienThoai="0912000888")
    both.change("motcua", code, ago=3, soDienThoai="0912000777")
    both.round()
    both.change("motcua", code, soDienThoai="0912000666")
    both.round()
    with pytest.raises(Refused, match="has changed since"):
        settle(both.hub, listed(both.hub)[-1]["id"], "can-bo-1", "số cũ", other=True)
