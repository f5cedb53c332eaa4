"""SOAP with the doors shut: nothing that breaks the contract gets in, and nothing that breaks it gets out."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import CONTRACTS, Contract, contract
from connectors.envelope import raise_fault
from connectors.errors import BadAnswer, ConnectorError, RequestRefused, SourceRefused, SourceUnavailable
from connectors.page import Endpoint
from connectors.soap import username_token
from connectors.transport import Patience
from include import sources
from tests.connectors.conftest import QUICK, Say, Script, Server

OPERATION = "DanhSachNguoiThamGia"
NAMESPACE = "urn:bhxh:nguoithamgia:1"
XML = {"Content-Type": "text/xml; charset=utf-8"}
SINCE, UNTIL = {"since": "2026-11-01T00:00:00+07:00"}, datetime.fromisoformat("2026-11-23T00:00:00+07:00")
PERSON = """<nguoiThamGia><maSoBhxh>2400000001</maSoBhxh><soDinhDanh>027099000123</soDinhDanh><hoTen>Nguyễn Văn Mẫu</hoTen>
<ngaySinh>19990102</ngaySinh><loaiNgaySinh>0</loaiNgaySinh><gioiTinh>1</gioiTinh><capNhatLuc>2026-11-04T10:00:00+07:00</capNhatLuc></nguoiThamGia>"""
RESULT = (
    f'<DanhSachNguoiThamGiaResponse xmlns="{NAMESPACE}"><tongSo>1</tongSo><trang>1</trang><soTrang>1</soTrang>{PERSON}</DanhSachNguoiThamGiaResponse>'
)


def envelope(inner: str, head: str = "") -> str:
    return f'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">{head}{inner}</soap:Envelope>'


def body(inner: str = RESULT) -> str:
    return envelope(f"<soap:Body>{inner}</soap:Body>")


def soap_fault(side: str, code: str = "") -> bytes:
    detail = f'<detail><loi xmlns="{NAMESPACE}"><ma>{code}</ma><moTa>số 027099000123</moTa></loi></detail>' if code else ""
    return body(f"<soap:Fault><faultcode>soap:{side}</faultcode><faultstring>027099000123</faultstring>{detail}</soap:Fault>").encode()


@pytest.fixture
def read(serve: Callable[[Script], Server]) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """``read(script)`` gives the records of social insurance as a server that answers so tells them."""
    open_sources = []

    def reading(script: Script, patience: Patience = QUICK) -> list[dict[str, Any]]:
        source: Any = sources.participants(Endpoint("bhxh", serve(script).url, "user", "secret"))
        source.transport.patience = patience
        open_sources.append(source)
        return [source.decode(row) for page in source.pages(SINCE, UNTIL) for row in source.rows(page.body)]

    yield reading
    for source in open_sources:
        source.close()


Read = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize("lead", ["", '<?xml version="1.0" encoding="UTF-8"?>', '\ufeff<?xml version="1.0" encoding="UTF-8"?>'])
def test_a_good_answer_is_read_with_or_without_byte_order_mark(read: Read, lead: str) -> None:
    found = read(lambda _: Say(body=(lead + body()).encode(), headers=XML))
    assert [(one["soDinhDanh"], one["hoTen"]) for one in found] == [("027099000123", "Nguyễn Văn Mẫu")]


HEADER = '<soap:Header><x:Must xmlns:x="urn:x" soap:mustUnderstand="{}"/></soap:Header>'
CORRUPT = {
    "wrong wrapper": body(RESULT.replace("DanhSachNguoiThamGiaResponse", "DanhSachKhacResponse")),
    "no wrapper": body(f'<tongSo xmlns="{NAMESPACE}">1</tongSo>'),
    "wrapper of another namespace": body(RESULT.replace(NAMESPACE, "urn:other")),
    "required missing": body(RESULT.replace("<hoTen>Nguyễn Văn Mẫu</hoTen>", "")),
    "everything missing": body(re.sub(r"<nguoiThamGia>.*</nguoiThamGia>", "<nguoiThamGia/>", RESULT, flags=re.DOTALL)),
    "empty wrapper": body(f'<DanhSachNguoiThamGiaResponse xmlns="{NAMESPACE}"/>'),
    "date in Vietnamese form": body(RESULT.replace("2026-11-04T10:00:00+07:00", "04/11/2026")),
    "date that is none": body(RESULT.replace("2026-11-04", "2026-02-30")),
    "number that is none": body(RESULT.replace("<tongSo>1<", "<tongSo>5x<")),
    "nil where not nillable": body(
        RESULT.replace("<hoTen>Nguyễn Văn Mẫu<", '<hoTen xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"><')
    ),
    "unknown element": body(RESULT.replace("<gioiTinh>", "<tuoi>27</tuoi><gioiTinh>")),
    "wrong order": body(RESULT.replace("<tongSo>1</tongSo><trang>1</trang>", "<trang>1</trang><tongSo>1</tongSo>")),
    "processing instruction in a number": body(RESULT.replace("027099000123", "0270<?x y?>99000123")),
    "element in a number": body(RESULT.replace("027099000123", "0270<i/>99000123")),
    "number given twice": body(RESULT.replace("<soDinhDanh>", "<soDinhDanh>024099000123</soDinhDanh><soDinhDanh>")),
    "two results": body(RESULT + RESULT),
    "two bodies": envelope(f"<soap:Body>{RESULT}</soap:Body><soap:Body>{RESULT}</soap:Body>"),
    "empty body": body(""),
    "no body": envelope(""),
    "header to be understood": envelope(f"<soap:Body>{RESULT}</soap:Body>", HEADER.format("1")),
    "header to be understood, in words": envelope(f"<soap:Body>{RESULT}</soap:Body>", HEADER.format("true")),
    "dtd": "<!DOCTYPE x>" + body(),
    "entity": '<!DOCTYPE x [<!ENTITY n "Mẫu">]>' + body(RESULT.replace("Mẫu", "&n;")),
    "SOAP 1.2": body().replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"),
    "no envelope": RESULT,
    "nothing at all": "",
}


@pytest.mark.parametrize("answer", CORRUPT.values(), ids=CORRUPT)
def test_a_corrupt_answer_is_a_bad_answer(read: Read, answer: str) -> None:
    assert answer != body()
    with pytest.raises(BadAnswer) as caught:
        read(lambda _: Say(body=answer.encode(), headers=XML))
    assert not re.search(r"\d{9}|Mẫu", str(caught.value)), "an error names no person"


@pytest.mark.parametrize("answer", CORRUPT.values(), ids=CORRUPT)
def test_a_corrupt_answer_is_refused_as_a_whole_before_any_row_is_read(answer: str) -> None:
    with pytest.raises(BadAnswer):
        contract("bhxh.wsdl").open(answer.encode(), OPERATION)


def test_an_empty_202_is_a_bad_answer(read: Read) -> None:
    with pytest.raises(BadAnswer):
        read(lambda _: Say(202, b"", XML))


def test_a_header_that_need_not_be_understood_is_no_matter(read: Read) -> None:
    answer = envelope(f"<soap:Body>{RESULT}</soap:Body>", HEADER.format("0"))
    assert len(read(lambda _: Say(body=answer.encode(), headers=XML))) == 1


def test_a_comment_does_not_cut_a_number_short(read: Read) -> None:
    answer = body(RESULT.replace("027099000123", "0270<!-- -->99000123"))
    assert read(lambda _: Say(body=answer.encode(), headers=XML))[0]["soDinhDanh"] == "027099000123"


def test_an_envelope_cut_short_is_asked_for_again(read: Read) -> None:
    whole = body().encode()
    answers = [whole[:-400], whole[:-3], whole]
    assert len(read(lambda _: Say(body=answers.pop(0), headers=XML))) == 1


def test_the_same_page_twice_is_a_bad_answer(read: Read) -> None:
    answer = body(RESULT.replace("<tongSo>1<", "<tongSo>2000<")).encode()
    with pytest.raises(BadAnswer, match="same page twice"):
        read(lambda _: Say(body=answer, headers=XML))


def test_more_promised_than_given_is_a_bad_answer(read: Read) -> None:
    answer = body(RESULT.replace("<tongSo>1<", "<tongSo>2<")).encode()
    with pytest.raises(BadAnswer, match="promised 2 records and gave 1"):
        read(lambda _: Say(body=answer, headers=XML))


@pytest.mark.parametrize(
    ("side", "code", "error"),
    [
        ("Client", "XACTHUC", SourceRefused),
        ("Client", "THAMSO", SourceRefused),
        ("Server", "QUATAI", SourceUnavailable),
        ("Client", "QUATAI", SourceUnavailable),
        ("Server", "KHAC", SourceUnavailable),
        ("Client", "KHAC", SourceRefused),
        ("Server", "", SourceUnavailable),
        ("Client", "", SourceRefused),
    ],
)
@pytest.mark.parametrize("status", [200, 500])
def test_a_fault_means_what_the_table_says_else_whose_side_it_is(read: Read, side: str, code: str, error: type[ConnectorError], status: int) -> None:
    with pytest.raises(error) as caught:
        read(lambda _: Say(status, soap_fault(side, code), XML), Patience(attempts=2, first=0.001))
    assert str(caught.value) == f"SOAP Fault {side} {code}".rstrip(), "the fault's own words may name a person"


def test_overload_is_waited_for(read: Read) -> None:
    answers = [Say(500, soap_fault("Server", "QUATAI"), XML), Say(body=body().encode(), headers=XML)]
    assert len(read(lambda _: answers.pop(0))) == 1


def test_an_answer_without_fault_raises_none() -> None:
    raise_fault(body().encode(), {})


def copied(tmp_path: Path) -> Path:
    for name in ("bhxh.wsdl", "SHA256SUMS"):
        shutil.copy(CONTRACTS / name, tmp_path / name)
    return tmp_path / "bhxh.wsdl"


def test_every_contract_is_pinned() -> None:
    for path in CONTRACTS.glob("*.wsdl"):
        assert Contract(path.name).namespace


def test_an_unchanged_copy_of_a_contract_is_taken(tmp_path: Path) -> None:
    copied(tmp_path)
    assert Contract("bhxh.wsdl", tmp_path).namespace == NAMESPACE


def test_a_changed_copy_of_a_contract_is_refused(tmp_path: Path) -> None:
    wsdl = copied(tmp_path)
    wsdl.write_bytes(wsdl.read_bytes() + b"\n")
    with pytest.raises(BadAnswer, match=r"bhxh\.wsdl is not the contract pinned"):
        Contract("bhxh.wsdl", tmp_path)


def test_a_contract_under_another_name_is_refused(tmp_path: Path) -> None:
    copied(tmp_path).rename(tmp_path / "other.wsdl")
    with pytest.raises(BadAnswer, match="pinned"):
        Contract("other.wsdl", tmp_path)


def test_a_contract_that_imports_is_refused_even_when_pinned(tmp_path: Path) -> None:
    import hashlib

    wsdl = copied(tmp_path)
    text = wsdl.read_text().replace('<xsd:complexType name="NguoiThamGia">', '<xsd:import namespace="urn:x"/><xsd:complexType name="NguoiThamGia">')
    wsdl.write_text(text)
    (tmp_path / "SHA256SUMS").write_text(f"{hashlib.sha256(text.encode()).hexdigest()}  bhxh.wsdl\n")
    with pytest.raises(BadAnswer, match="without imports"):
        Contract("bhxh.wsdl", tmp_path)


@pytest.mark.parametrize("change", [{"trang": "first"}, {"trang": 0}, {"tuThoiDiem": "yesterday"}, {"unknown": 1}, {"trang": None}], ids=str)
def test_arguments_that_do_not_fit_never_leave_the_house(change: dict[str, Any]) -> None:
    good = {"tuThoiDiem": UNTIL, "denThoiDiem": UNTIL, "trang": 1, "soLuong": 10}
    contract("bhxh.wsdl").request(OPERATION, good)
    with pytest.raises(RequestRefused):
        contract("bhxh.wsdl").request(OPERATION, good | change)


def test_what_repeats_in_the_schema_repeats_in_the_shape() -> None:
    shape = contract("motcua.wsdl").shape("DanhSachHoSoThayDoiResponse")["hoSo"]
    assert shape[0]
    assert {name for name, (repeats, _) in shape[1].items() if repeats} == {"giayTo", "quaTrinh", "lePhi", "boSung", "ketQua", "ketNoiCSDL"}


def test_each_attempt_carries_a_fresh_token_and_never_the_password(serve: Callable[[Script], Server]) -> None:
    answers = [Say(503), Say(503), Say(body=body().encode(), headers=XML)]
    server = serve(lambda _: answers.pop(0))
    source: Any = sources.participants(Endpoint("bhxh", server.url, "user", "the-password"))
    source.transport.patience = QUICK
    list(source.pages(SINCE, UNTIL))
    source.close()
    sent = [request.body.decode() for request in server.seen]
    assert [text.count("#PasswordDigest") for text in sent] == [1, 1, 1]
    for name in ("Nonce", "Password"):
        assert len({found for text in sent for found in re.findall(rf"<\w+:{name}[^>]*>([^<]+)<", text)}) == len(sent)
    created = [datetime.fromisoformat(found).replace(tzinfo=UTC) for text in sent for found in re.findall(r"<\w+:Created>([^<]+)<", text)]
    assert all(abs(datetime.now(UTC) - moment) < timedelta(minutes=1) for moment in created)
    assert "the-password" not in "".join(sent)


def test_a_token_is_made_for_each_message() -> None:
    endpoint = Endpoint("bhxh", "http://127.0.0.1:9", "user", "secret")
    assert username_token(endpoint) is not username_token(endpoint)


def test_the_action_and_type_of_soap_1_1_are_sent(serve: Callable[[Script], Server]) -> None:
    server = serve(lambda _: Say(body=body().encode(), headers=XML))
    source = sources.participants(Endpoint("bhxh", server.url, "user", "secret"))
    list(source.pages(SINCE, UNTIL))
    source.close()
    headers = server.seen[0].headers
    assert (headers["SOAPAction"], headers["Content-Type"]) == (f'"{NAMESPACE}/{OPERATION}"', "text/xml; charset=utf-8")
