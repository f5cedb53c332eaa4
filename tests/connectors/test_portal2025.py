"""The portal's two dialects say the same of a dossier."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from connectors.dialects import portal2025
from connectors.errors import SourceRefused
from connectors.page import Source
from include import sources
from include.sandbox.run import Running
from mappings.apply import apply
from mappings.dvcqg_dossiers import PORTAL_DOSSIERS
from tests.connectors.conftest import QUICK, Door, endpoint_of

SINCE, UNTIL = {"since": "2024-11-01T00:00:00+07:00"}, datetime.fromisoformat("2026-11-23T00:00:00+07:00")


def read(source: Source) -> list[dict[str, Any]]:
    found = [source.decode(raw) for page in source.pages(dict(SINCE), UNTIL) for raw in source.rows(page.body)]
    source.close()
    return found


def test_both_dialects_give_the_same_records_to_one_mapping(sandbox: Running, door: Door) -> None:
    endpoint = endpoint_of(sandbox, "dvcqg")
    old = apply(PORTAL_DOSSIERS, read(sources.filed(endpoint)))
    new = apply(PORTAL_DOSSIERS, read(sources.filed(replace(endpoint, options={**dict(endpoint.options), "dialect": "2025"}))))
    assert len(old.columns["code"]) > 20
    assert new.columns == old.columns
    assert new.issues == old.issues


def test_no_field_of_the_newer_dialect_is_unknown_to_the_contract(sandbox: Running, door: Door) -> None:
    known = {wire for one in PORTAL_DOSSIERS.fields for wire in one.wires} | set(PORTAL_DOSSIERS.ignored) | {"MaHoSo", "NgayCapNhat"}
    assert {name for row in read(portal2025.filed(endpoint_of(sandbox, "dvcqg"), QUICK)) for name in row} <= known


def test_a_wrong_secret_is_refused_without_a_second_try(sandbox: Running, door: Door) -> None:
    with pytest.raises(SourceRefused, match="/api/v2/token: the key or secret of dvcqg is refused"):
        read(portal2025.filed(endpoint_of(sandbox, "dvcqg", secret="wrong"), QUICK))
    assert door.calls("dvcqg")["token"] == 1


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("2026-11-02T08:15:00.000", "20261102081500"),
        ("2026-11-02T01:15:00.000+00:00", "20261102081500"),
        ("02/11/2026", "02/11/2026"),
        ("", ""),
        (None, None),
    ],
)
def test_moments_are_turned_and_what_is_none_is_left_to_be_refused(wire: Any, expected: Any) -> None:
    assert portal2025.compact(wire) == expected


def test_a_component_with_two_files_is_listed_once_per_file() -> None:
    part = {"MaThanhPhan": "TP1", "TenGiayTo": "Giấy", "GiayToDinhKem": [{"IdGiayTo": "A"}, {"IdGiayTo": "B"}]}
    assert [one["TepDinhKemId"] for one in portal2025.component(part)] == ["A", "B"]
    assert portal2025.component({"MaThanhPhan": "TP1"}) == [{"MaThanhPhanHoSo": "TP1"}]
    assert portal2025.component("x") == ["x"]
