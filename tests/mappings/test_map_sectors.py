# ruff: noqa: E501  tables of values read best a converter a block
"""The converters of the sector registers, value by value: what each takes, and what it refuses for which reason."""

from typing import Any

import pytest

from mappings.bhxh_participations import participation_code
from mappings.btxh_beneficiaries import commune_named
from mappings.cadastre import area_dm2, certificate_code, legacy_commune, parcel_key, serial, sheet_number
from mappings.codes import DOSSIER_STATUSES, enterprise_kind, flag, rows, values_of
from mappings.codes import coded as decoder
from mappings.datdai_certificates import holder_name, holder_number
from mappings.dkkd_enterprises import parent_code
from mappings.dvcqg_catalogues import bare_name, fee, papers_asked, unit_code, unit_key, unit_kind, working_days
from mappings.dvcqg_dossiers import identity_number
from mappings.kho_papers import file_hash, owner_kind, paper_owner, scope
from mappings.refusal import Refusal
from mappings.xephang_services import score
from tests.mappings.said import said

CODED = sorted({(row["list"], row["source"]) for row in rows("values")})
STRANGE = ("99", "x", "-1", "0.0", "1.0", "01x", "mới", "１", "null", "A B", "?")


@pytest.mark.parametrize(("name", "source"), CODED, ids=lambda value: value)
def test_every_code_of_a_list_is_read_blanks_around_it_or_not(name: str, source: str):
    convert = decoder(name, source)
    for code, value in values_of(name, source).items():
        for written in (code, f" {code}", f"{code} ", f"\t{code}\n"):
            assert convert(written) == value


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize(("name", "source"), CODED, ids=lambda value: value)
def test_what_is_no_code_of_a_list_is_refused(name: str, source: str, strange: str):
    assert said(decoder(name, source), strange)[1].code == "code_unknown"


HASH = "0123456789abcdef" * 4
TAKEN: dict[Any, list[tuple[Any, Any]]] = {
    certificate_code: [
        ("T12401000123", "T12401000123"), ("t12401000123", "T12401000123"), (" T12401000123 ", "T12401000123"), ("T124 0100 0123", "T12401000123"),
        ("000000000000", "000000000000"), ("ABCDEFGHIJKL", "ABCDEFGHIJKL"), ("A1B2C3D4E5F6", "A1B2C3D4E5F6"), ("123456789012", "123456789012"),
        ("t1240100012a", "T1240100012A"), ("", None), (None, None), ("  ", None),
    ],
    serial: [
        ("AA 00123456", "AA00123456"), ("aa00123456", "AA00123456"), ("CĐ 123456", "CĐ123456"), ("BK123456", "BK123456"), (" BK 123456 ", "BK123456"),
        ("1234", "1234"), ("Q 123456", "Q123456"), ("AB 123 456", "AB123456"), ("cđ123456", "CĐ123456"), ("DA 000001", "DA000001"), ("", None), (None, None),
    ],
    sheet_number: [
        ("1", "1"), ("07", "7"), ("007", "7"), ("12", "12"), (" 12 ", "12"), ("999999", "999999"), ("000001", "1"), ("345", "345"), ("10", "10"),
        ("100", "100"), ("", None), (None, None),
    ],
    area_dm2: [
        ("120", 12000), ("120,5", 12050), ("120.5", 12050), ("120,55", 12055), ("0,01", 1), ("0", 0), ("120 m2", 12000), ("120m²", 12000),
        ("1 200", 120000), ("999999999", 99999999900), (" 5 ", 500), ("", None), (None, None),
    ],
    unit_code: [
        ("07210", "07210"), (" 07210 ", "07210"), ("00001", "00001"), ("99999", "99999"), ("0 7 2 1 0", "07210"), ("09169", "09169"), ("07732", "07732"),
        ("00000", "00000"), ("12345", "12345"), ("", None), (None, None),
    ],
    unit_kind: [
        ("Xã Nhã Nam", "xã"), ("xã nhã nam", "xã"), ("Phường Bắc Giang", "phường"), ("PHƯỜNG BẮC GIANG", "phường"), ("Thị trấn Chũ", "thị trấn"),
        ("Đặc khu Cô Tô", "đặc khu"), (" Xã  Nhã Nam", "xã"), ("Nhã Nam", None), ("Xãnhã", None), ("Huyện Tân Yên", None), ("", None), (None, None),
    ],
    bare_name: [
        ("Xã Nhã Nam", "Nhã Nam"), ("Phường Bắc Giang", "Bắc Giang"), ("Thị trấn Chũ", "Chũ"), ("Đặc khu Cô Tô", "Cô Tô"), ("Nhã Nam", "Nhã Nam"),
        ("xã Xuân Lương", "Xuân Lương"), ("  Xã   Nhã   Nam ", "Nhã Nam"), ("Phường Phượng Sơn", "Phượng Sơn"), ("Xã Xã Đàn", "Xã Đàn"),
        ("Huyện Tân Yên", "Huyện Tân Yên"), ("", None), (None, None),
    ],
    file_hash: [
        (HASH, HASH), (HASH.upper(), HASH), (f" {HASH} ", HASH), ("0" * 64, "0" * 64), ("f" * 64, "f" * 64), ("F" * 64, "f" * 64), ("a1" * 32, "a1" * 32),
        ("9" * 64, "9" * 64), ("Ab" * 32, "ab" * 32), (HASH[:32] + " " + HASH[32:], HASH), ("", None), (None, None),
    ],
    scope: [
        ("Toàn quốc", "national"), ("toàn quốc", "national"), ("TOÀN QUỐC", "national"), (" Toàn  quốc ", "national"), ("H05.16", "H05.16"),
        ("000.00.16.H05", "H05.16"), ("H05", "H05"), ("H05.201", "H05.201"), ("h05.16", "H05.16"), ("G15", "G15"), ("", None), (None, None),
    ],
    paper_owner: [
        ("024094000125", "024094000125"), (" 024094000125 ", "024094000125"), ("024 094 000 125", "024094000125"), ("024196000124", "024196000124"),
        ("001085000126", "001085000126"), ("2400000128", "2400000128"), ("2400000128-001", "2400000128001"), ("2400000128001", "2400000128001"),
        (" 2400000128", "2400000128"), ("0100109106", "0100109106"), ("", None), (None, None),
    ],
    owner_kind: [
        ("024094000125", "personal_number"), ("24094000125", "personal_number"), (" 024094000125 ", "personal_number"), ("2400000128", "tax_code"),
        ("2400000128-001", "tax_code"), ("2400000128001", "tax_code"), ("123", "tax_code"), ("024 094 000 125", "personal_number"), ("", None), (None, None),
    ],
    score: [("1", 1), ("2", 2), ("3", 3), ("4", 4), ("5", 5), (" 5 ", 5), ("01", 1), ("05", 5), (" 1", 1), ("3 ", 3), ("", None), (None, None)],
    commune_named: [
        ("Phường Bắc Giang", "07210"), ("phường bắc giang", "07210"), ("PHƯỜNG BẮC GIANG", "07210"), ("Bắc Giang", "07210"), (" Phường  Bắc Giang ", "07210"),
        ("P. Bắc Giang", "07210"), ("Xã Bắc Giang", "07210"), ("bắc giang", "07210"), ("BẮC GIANG", "07210"), ("phường Bắc Giang", "07210"), ("", None), (None, None),
    ],
    parent_code: [
        ("2400000128-001", "2400000128"), ("2400000128001", "2400000128"), (" 2400000128-001 ", "2400000128"), ("2400000128-099", "2400000128"),
        ("2400000128 001", "2400000128"), ("0100109106-010", "0100109106"), ("2400000128", None), ("024094000125", None), ("2400000129-001", None),
        ("chi nhánh", None), ("", None), (None, None),
    ],
    flag: [("1", True), ("0", False), (" 1", True), ("0 ", False), ("\t1", True), ("", None), (" ", None), (None, None)],
}  # fmt: skip
REFUSED: dict[Any, tuple[str, list[str]]] = {
    certificate_code: ("certificate_code_invalid", ["T1240100012", "T124010001234", "T12401-00012", "x", "Đ12401000123", "T1240100012.", "T1240100012/", "?", "T12_01000123",
                                                    "１２３４５６７８９０１２"]),
    sheet_number: ("parcel_invalid", ["0", "000", "-1", "1a", "1.5", "1,5", "1234567", "A12", "１２", "12/3", "?"]),
    area_dm2: ("wrong_type", ["khoảng 120", "1.200,5", "120,555", "-5", "120 ha", "1.2.3", "12O", "1e3", ",5", "5,", "9999999999"]),
    unit_code: ("unit_unknown", ["7210", "072100", "0721a", "07.10", "BN210", "-7210", "０７２１０", "x", "072", "1"]),
    file_hash: ("file_hash_invalid", [HASH[:-1], HASH + "0", "g" * 64, "x", "0" * 40, "0" * 128, "z" + HASH[1:], HASH[:-1] + "?", "sha256:" + HASH, "０" * 64]),
    scope: ("agency_code_invalid", ["toàn tỉnh", "cả nước", "BN/16", "16", "H5.16", "H05.", "H05.1", "x", "Tỉnh Bắc Ninh", "H05-16"]),
    score: ("score_out_of_range", ["0", "6", "10", "00", "99", "100", "7", "8", "9", "11"]),
    commune_named: ("unit_unknown", ["Phường Không Có", "Hà Nội", "x", "07210", "Tỉnh Bắc Ninh", "Huyện Tân Yên", "Bac Giang", "Xã", "Phường", "???"]),
    flag: ("code_unknown", ["2", "x", "true", "True", "Y", "có", "-1", "01", "10", "0.0", "no"]),
}  # fmt: skip
MALFORMED_OWNERS = ["0240940001", "2400000129", "024094000", "x", "240000012", "2400000128-01", "24000001280012", "abc", "1", "2400000128-0012"]


def cases(table: dict[Any, list[tuple[Any, Any]]]) -> list[Any]:
    return [pytest.param(convert, *pair, id=f"{convert.__name__}-{pair[0]}") for convert, pairs in table.items() for pair in pairs]


@pytest.mark.parametrize(("convert", "written", "taken"), cases(TAKEN))
def test_what_is_sound_is_taken_in_its_canonical_form(convert: Any, written: Any, taken: Any):
    assert convert(written) == taken


@pytest.mark.parametrize(
    ("convert", "code", "written"),
    [pytest.param(convert, code, value, id=f"{convert.__name__}-{value[:20]}") for convert, (code, values) in REFUSED.items() for value in values],
)
def test_what_is_not_is_refused_for_its_reason(convert: Any, code: str, written: str):
    taken, refusal = said(convert, written)
    assert (taken, refusal and refusal.code) == (None, code)


@pytest.mark.parametrize(
    "convert", [certificate_code, serial, sheet_number, unit_code, bare_name, file_hash, scope, paper_owner], ids=lambda c: c.__name__
)
def test_a_canonical_value_stays_itself(convert: Any):
    for _, value in TAKEN[convert]:
        if value not in {None, "national", "Xã Đàn"}:
            assert convert(value) == value


@pytest.mark.parametrize("written", MALFORMED_OWNERS)
def test_an_owner_without_a_sound_number_is_refused(written: str):
    assert said(paper_owner, written)[1].code.startswith(("personal_number", "tax_code"))


@pytest.mark.parametrize("commune", ["07201", " 07201 ", "07732", "", None])
def test_a_map_sheet_belongs_to_a_commune_of_before_the_reform(commune: str | None):
    assert legacy_commune(commune) == ((commune or "").strip() or None)


@pytest.mark.parametrize("commune", ["99999", "7201", "x", "072011", "00000", "BN", "-1", "0720", "12345", "?"])
def test_a_map_sheet_of_no_such_commune_is_refused(commune: str):
    assert said(legacy_commune, commune)[1].code == "parcel_invalid"


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        (("07201", "12", "345"), "07201-12-345"), (("07201", "012", "0345"), "07201-12-345"), ((" 07201", "1", "1"), "07201-1-1"), (("07732", "7", "9"), "07732-7-9"),
        (("", "12", "345"), None), (("07201", "", "345"), None), (("07201", "12", ""), None), ((None, None, None), None), (("99999", "12", "345"), None),
        (("07201", "0", "345"), None), (("07201", "12", "x"), None),
    ],
)  # fmt: skip
def test_a_parcel_is_named_by_commune_sheet_and_number_or_not_at_all(parts: tuple[str | None, ...], key: str | None):
    assert parcel_key(*parts) == key


@pytest.mark.parametrize(
    ("kind", "number", "taken"),
    [
        ("1", "024094000125", "024094000125"),
        ("2", "120000001", "120000001"),
        ("3", "2400000128", "2400000128"),
        ("4", "B1234567", "B1234567"),
        ("1", "", None),
        ("9", "", None),
    ],
)
def test_a_land_holder_is_named_by_the_paper_shown(kind: str, number: str, taken: str | None):
    assert holder_number({"loaiGiayTo": kind, "soGiayTo": number}) == taken


@pytest.mark.parametrize("kind", ["", "0", "5", "9", "x", "-1", None, "11", "CCCD", "1.0"])
def test_a_land_holder_with_a_number_of_no_kind_is_refused(kind: str | None):
    assert said(holder_number, {"loaiGiayTo": kind, "soGiayTo": "024094000125"})[1].code == "code_unknown"  # type: ignore[arg-type]


def test_an_organisation_that_holds_land_keeps_its_capitals():
    assert holder_name({"loaiGiayTo": "3", "hoTen": "CÔNG TY TNHH ABC"}) == "CÔNG TY TNHH ABC"
    assert holder_name({"loaiGiayTo": "1", "hoTen": "NGUYỄN VĂN AN"}) == "Nguyễn Văn An"


@pytest.mark.parametrize(
    ("code", "since", "key"),
    [
        ("07210", "01/07/2025", "2025-07-01/07210"), (" 07210", "01/07/2025", "2025-07-01/07210"), ("07210", "1/7/2025", "2025-07-01/07210"),
        ("09169", "20/09/2026", "2026-09-20/09169"), ("07210", "01/07/2025 00:00:00", "2025-07-01/07210"),
        ("", "01/07/2025", None), ("07210", "", None), (None, None, None), ("07210", "31/02/2025", None), ("07210", "hôm nay", None), ("07210", "2025-07-01", None),
    ],
)  # fmt: skip
def test_a_unit_is_named_by_its_first_day_and_code(code: str | None, since: str | None, key: str | None):
    assert unit_key(code, since) == key


@pytest.mark.parametrize(
    ("listed", "papers"),
    [
        ([{"GIAYTO": [{"MAGIAYTO": "A", "TENGIAYTO": "Đơn"}]}], [("A", "Đơn")]),
        ([{"GIAYTO": [{"MAGIAYTO": "A"}, {"MAGIAYTO": "B"}]}, {"GIAYTO": [{"MAGIAYTO": "C"}]}], [("A", None), ("B", None), ("C", None)]),
        ([{"GIAYTO": []}], []), ([], []), ([{}], []), (["x"], []), ([{"GIAYTO": "x"}], []), ([{"GIAYTO": [1, None, "x"]}], []),
        ([{"GIAYTO": [{"MAGIAYTO": 7, "TENGIAYTO": " Đơn  xin "}]}], [("7", "Đơn xin")]), ([{"GIAYTO": [{"TENGIAYTO": ""}]}], [(None, None)]),
    ],
)  # fmt: skip
def test_the_papers_of_a_procedure_are_those_of_all_groups(listed: list[Any], papers: list[tuple[Any, Any]]):
    assert papers_asked(listed) == [{"code": code, "name": name} for code, name in papers]


@pytest.mark.parametrize("structure", [[1], {"a": 1}, True, False, [[]], {}, [None], ["x"], {"": ""}, [{}]])
def test_a_structure_in_place_of_a_code_is_refused(structure: Any):
    assert said(papers_asked, [{"GIAYTO": [{"MAGIAYTO": structure}]}])[1].code == "wrong_type"  # type: ignore[arg-type]


def way(limit: str, unit: str, cost: str = "0") -> list[Any]:
    return [{"KENH": "1", "THOIGIAN": [{"THOIGIANGIAIQUYET": limit, "DONVITINH": unit, "PHILEPHI": cost}]}]


@pytest.mark.parametrize(("limit", "unit", "days"), [("5", "Ngày làm việc", 5), ("5", "ngày làm việc", 5), (" 12 ", "Ngày  làm việc", 12), ("0", "Ngày làm việc", 0),
                                                     ("5", "Giờ", None), ("5", "Tháng", None), ("5", "", None), ("", "Ngày làm việc", None)])  # fmt: skip
def test_a_time_limit_counts_in_working_days_or_not_at_all(limit: str, unit: str, days: int | None):
    assert working_days(way(limit, unit)) == days
    assert working_days([]) is None


@pytest.mark.parametrize(("written", "cost"), [("0", 0), ("20000", 20000), (" 5000 ", 5000), ("", None)])
def test_a_fee_is_that_of_the_first_way(written: str, cost: int | None):
    assert fee(way("1", "Giờ", written) + way("1", "Giờ", "99")) == cost


@pytest.mark.parametrize(("number", "unit", "begins", "code"), [
    ("2401234567", "TA0001", "20200101", "2401234567|TA0001|20200101"), ("2401234567", "", "20200101", "2401234567||20200101"), ("2401234567", None, None, "2401234567||"),
    (" 2401234567 ", " TA0001 ", "20200101", "2401234567|TA0001|20200101"), ("", "TA0001", "20200101", None), (None, None, None, None),
])  # fmt: skip
def test_a_participation_is_named_by_number_unit_and_first_day(number: str | None, unit: str | None, begins: str | None, code: str | None):
    assert participation_code(number, unit, begins) == code


@pytest.mark.parametrize(
    ("kind", "number", "taken"), [("1", "024094000125", "024094000125"), ("2", "120000001", "120000001"), ("1", "", None), ("", "", None)]
)
def test_a_portal_owner_is_read_by_the_kind_of_number(kind: str, number: str, taken: str | None):
    assert identity_number([{"LoaiDinhDanh": kind, "SoDinhDanh": number}]) == taken
    assert identity_number([]) is None


@pytest.mark.parametrize("kind", ["", "0", "3", "4", "9", "x", "CCCD", "11", "-1", "1.0"])
def test_a_portal_owner_of_no_kind_is_refused(kind: str):
    assert said(identity_number, [{"LoaiDinhDanh": kind, "SoDinhDanh": "024094000125"}])[1].code == "code_unknown"  # type: ignore[arg-type]


@pytest.mark.parametrize("form", sorted({row["code"] for row in rows("values") if row["list"] == "enterprise_kind"}))
def test_every_legal_form_of_the_list_is_known_in_any_capitals(form: str):
    assert enterprise_kind(form) == enterprise_kind(form.upper()) == enterprise_kind(f"  {form.lower()} ") != None  # noqa: E711 one chain


@pytest.mark.parametrize("form", ["Công ty", "TNHH", "x", "1", "CTCP ABC", "Tổ hợp tác xyz", "Limited", "?", "Doanh nghiep tu nhan", "-"])
def test_a_legal_form_of_no_list_is_refused(form: str):
    assert said(enterprise_kind, form)[1].code == "code_unknown"


def test_the_ten_statuses_of_the_portal_are_all_there():
    assert list(DOSSIER_STATUSES) == [str(n) for n in range(1, 11)]


def test_a_refusal_says_what_it_saw():
    with pytest.raises(Refusal, match="code"):
        decoder("paper_kind", "kho")("7")
