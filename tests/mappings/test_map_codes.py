import pytest

from mappings import codes
from mappings.codes import (
    DOSSIER_STATUSES,
    ETHNIC_GROUPS,
    activity_code,
    applicant_kind,
    bhxh_sex,
    channel,
    dossier_status,
    ethnicity,
    flag,
    hotich_sex,
    integer,
    legal_status,
    may_follow,
    nationality,
    payment,
    place,
    reachable,
    reuse,
)
from mappings.refusal import Refusal

TABLES = [
    (hotich_sex, {"0": None, "1": "male", "2": "female"}, ["3", "Nam", "M", "Nữ"]),
    (bhxh_sex, {"1": "male", "2": "female", "3": None}, ["0", "Nữ", "F", "4"]),
    (channel, {"1": "direct", "2": "online", "3": "post"}, ["0", "4", "online"]),
    (applicant_kind, {"1": "citizen", "2": "enterprise", "3": "agency", "4": "organisation"}, ["0", "5"]),
    (place, {"1": "national", "2": "local"}, ["0", "3"]),
    (payment, {"0": "none", "1": "national", "2": "local", "3": "direct"}, ["4"]),
    (flag, {"0": False, "1": True}, ["2", "Y"]),
    (reuse, {"0": "0", "1": "1", "2": "2"}, ["3", "x"]),
    (dossier_status, {str(n): str(n) for n in range(1, 11)}, ["0", "11", "xong"]),
]
NO_CODE_ANYWHERE = ["-1", "01", "1.0", "１", "1,2", "1 2", "true", "null", "?", "male", "99"]
"""No list has these: lists are closed, so a code is neither guessed nor cut nor turned into a number first."""


@pytest.mark.parametrize(("convert", "table", "unknown"), TABLES, ids=[str(index) for index in range(len(TABLES))])
def test_known_codes_are_read_and_unknown_ones_refused(convert, table, unknown):
    assert {code: convert(code) for code in table} == table
    assert convert("") is convert(None) is convert("  ") is None
    assert {code: convert(f" {code} ") for code in table} == table
    for code in [*unknown, *NO_CODE_ANYWHERE]:
        with pytest.raises(Refusal) as refused:
            convert(code)
        assert refused.value.code == ("status_unknown" if convert is dossier_status else "code_unknown")
        assert code in str(refused.value)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("01", "01"),
        ("56", "56"),
        ("Kinh", "01"),
        ("KINH", "01"),
        ("Tày", "02"),
        ("Hmông", "08"),
        ("H'Mông", "08"),
        ("H’MÔNG", "08"),
        ("Mông", "08"),
        ("Mèo", "08"),
        ("Khmer", "05"),
        ("Khơ-me", "05"),
        ("Cao Lan", "15"),
        ("Sán Chỉ", "15"),
        ("Sán Chay", "15"),
        ("Sán Dìu", "18"),
        ("Ê Đê", "12"),
        ("", None),
    ],
)
def test_ethnic_group_is_read_by_code_or_name(written: str, code: str | None):
    assert ethnicity(written) == code


@pytest.mark.parametrize("value", ["57", "00", "99", "kính", "Tay", "x", "0", "001", "Hoa Kỳ", "-"])
def test_unknown_ethnic_group_is_refused(value: str):
    with pytest.raises(Refusal) as refused:
        ethnicity(value)
    assert refused.value.code == "code_unknown"


def test_ethnic_code_that_lost_its_zero_is_proposed():
    with pytest.raises(Refusal) as refused:
        ethnicity("1")
    assert refused.value.proposal == "01"


def test_there_are_54_groups_and_two_entries_beside():
    assert list(ETHNIC_GROUPS) == [f"{n:02}" for n in range(1, 57)]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Đang hoạt động", "1"),
        ("ĐANG HOẠT ĐỘNG", "1"),
        ("Tạm ngừng kinh doanh", "2"),
        ("Không hoạt động tại địa chỉ đã đăng ký", "3"),
        ("Bị thu hồi Giấy chứng nhận đăng ký doanh nghiệp do cưỡng chế về quản lý thuế", "4"),
        ("Bị thu hồi do cưỡng chế về quản lý thuế", "4"),
        ("Đang làm thủ tục giải thể, đã bị chia, bị hợp nhất, bị sáp nhập", "5"),
        ("Đang làm thủ tục giải thể", "5"),
        ("Đang làm thủ tục phá sản", "6"),
        ("Đã giải thể, phá sản, chấm dứt tồn tại", "7"),
        ("  Đang  hoạt động ", "1"),
        ("", None),
    ],
)
def test_legal_status_is_read_by_its_wording(written: str, code: str | None):
    assert legal_status(written) == code


@pytest.mark.parametrize("value", ["1", "NNT đang hoạt động", "Active", "dang hoat dong", "Ngừng", "Giải thể", "x", "7", "Đang chờ", "?"])
def test_unknown_legal_status_is_refused(value: str):
    with pytest.raises(Refusal):
        legal_status(value)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("VN", "VN"),
        ("Việt Nam", "VN"),
        ("VIỆT NAM", "VN"),
        ("việt  nam", "VN"),
        ("Viet Nam", "VN"),
        ("VIETNAM", "VN"),
        ("Việt\u00a0Nam", "VN"),
        ("Vie\u0323\u0302t Nam", "VN"),
        (" VN ", "VN"),
        ("LA", "LA"),
        ("KR", "KR"),
        ("", None),
        (" ", None),
    ],
)
def test_nationality_is_a_country_code(written: str, code: str | None):
    assert nationality(written) == code


@pytest.mark.parametrize("value", ["VNM", "vn", "Lào", "1", "V", "V N", "VN1", "84", "Hàn Quốc", "không", "Vn", "Ấ"])
def test_other_nationality_is_refused(value: str):
    with pytest.raises(Refusal):
        nationality(value)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0", 0),
        ("5000000000", 5_000_000_000),
        ("5.000.000.000", 5_000_000_000),
        ("-1", -1),
        (" 3 ", 3),
        ("", None),
        ("1.000", 1000),
        ("007", 7),
        ("-1.000", -1000),
        ("999999999999999999", 10**18 - 1),
        (None, None),
    ],
)
def test_integer_is_whole(written: str, number: int | None):
    assert integer(written) == number


@pytest.mark.parametrize("value", ["1,5", "1.5", "1.0000", "5 tỷ", "1e9", "x", "1.000,00", "--1", "12345678901234567890", "１２"])
def test_what_is_no_whole_number_is_refused(value: str):
    with pytest.raises(Refusal) as refused:
        integer(value)
    assert refused.value.code == "wrong_type"


@pytest.mark.parametrize("value", ["0111", "4101", "46321", "01110", "9900", "0322", "82990", "6201", "0119", "96390"])
def test_activity_code_keeps_its_zero(value: str):
    assert activity_code(value) == value


def test_activity_code_that_lost_its_zero_is_proposed():
    with pytest.raises(Refusal) as refused:
        activity_code("111")
    assert refused.value.proposal == "0111"


@pytest.mark.parametrize("value", ["11", "410100", "A", "41.01", "x101", "F4101", "4101.", "０１１１", "-4101", "41 01", "?"])
def test_malformed_activity_code_is_refused(value: str):
    with pytest.raises(Refusal):
        activity_code(value)


def test_terminal_statuses_lead_nowhere():
    assert {code for code, status in DOSSIER_STATUSES.items() if status.terminal} == {"3", "7", "8", "10"}
    assert all(not status.moves for status in DOSSIER_STATUSES.values() if status.terminal)


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("1", "2", True),
        ("2", "4", True),
        ("4", "9", True),
        ("9", "10", True),
        ("5", "4", True),
        ("4", "4", True),
        ("4", "2", False),
        ("10", "4", False),
        ("9", "4", False),
        ("3", "1", False),
        ("1", "10", False),
    ],
)
def test_moves_between_statuses(before: str, after: str, allowed: bool):
    assert may_follow(before, after) is allowed


def test_every_code_list_has_unique_codes():
    for name, key in {
        "ethnic_groups": "code",
        "legal_statuses": "code",
        "dossier_statuses": "code",
        "commune_successors": "old_code",
        "legal_status_aliases": "text",
    }.items():
        values = [row[key] for row in codes.rows(name)]
        assert len(values) == len(set(values)), name


@pytest.mark.parametrize(
    ("before", "after", "can"),
    [("1", "10", True), ("2", "10", True), ("5", "9", True), ("10", "4", False), ("9", "4", False), ("3", "2", False), ("7", "7", True)],
)
def test_a_status_is_reached_by_allowed_moves_or_not_at_all(before: str, after: str, can: bool) -> None:
    assert (after in reachable(before)) is can
