"""What a typed row of a bulk SOAP answer costs: ours, XSD validation on, beside zeep's own objects, from the same answers of 1,000 rows.

Records have 14 fields with a nested address of five. Memory is that of a process of its own that reads one answer of 100,000 and of
1,000,000 rows as it comes; ``ROWS`` sets how many rows the comparison of times takes.
"""

import hashlib
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests

from connectors.contract import Contract
from connectors.typed import Typed

PAGE = 1000
SPACE = "urn:bench:dan"
FIELDS = {
    "soDinhDanh": "string", "hoTen": "string", "ngaySinh": "date", "gioiTinh": "int", "danToc": "string", "quocTich": "string",
    "soBhxh": "string", "maThe": "string", "tuNgay": "date", "denNgay": "date", "mucDong": "decimal", "conHieuLuc": "boolean",
    "capNhatLuc": "dateTime",
}  # fmt: skip
ADDRESS = ("soNha", "duong", "thon", "maXa", "maTinh")


def wsdl() -> bytes:
    """One operation that answers with rows."""
    leaves = "".join(f'<xsd:element name="{name}" type="xsd:{kind}"/>' for name, kind in FIELDS.items())
    address = "".join(f'<xsd:element name="{name}" type="xsd:string"/>' for name in ADDRESS)
    return f"""<wsdl:definitions name="B" targetNamespace="{SPACE}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="{SPACE}"
 xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><wsdl:types>
<xsd:schema targetNamespace="{SPACE}" elementFormDefault="qualified">
<xsd:complexType name="DiaChi"><xsd:sequence>{address}</xsd:sequence></xsd:complexType>
<xsd:complexType name="Dan"><xsd:sequence>{leaves}<xsd:element name="diaChi" type="tns:DiaChi"/></xsd:sequence></xsd:complexType>
<xsd:element name="Doc"><xsd:complexType><xsd:sequence><xsd:element name="trang" type="xsd:int"/></xsd:sequence></xsd:complexType></xsd:element>
<xsd:element name="DocResponse"><xsd:complexType><xsd:sequence><xsd:element name="tongSo" type="xsd:int"/>
<xsd:element name="dan" type="tns:Dan" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType></xsd:element></xsd:schema></wsdl:types>
<wsdl:message name="I"><wsdl:part name="p" element="tns:Doc"/></wsdl:message>
<wsdl:message name="O"><wsdl:part name="p" element="tns:DocResponse"/></wsdl:message>
<wsdl:portType name="P"><wsdl:operation name="Doc"><wsdl:input message="tns:I"/><wsdl:output message="tns:O"/></wsdl:operation></wsdl:portType>
<wsdl:binding name="B" type="tns:P"><soap:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>
<wsdl:operation name="Doc"><soap:operation soapAction="doc"/><wsdl:input><soap:body use="literal"/></wsdl:input>
<wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding>
<wsdl:service name="S"><wsdl:port name="P" binding="tns:B"><soap:address location="http://127.0.0.1:9/"/></wsdl:port></wsdl:service>
</wsdl:definitions>""".encode()


def contract() -> Contract:
    """The benchmark's contract, pinned in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="bench-soap-"))
    (folder / "bench.wsdl").write_bytes(wsdl())
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(wsdl()).hexdigest()}  bench.wsdl\n")
    return Contract("bench.wsdl", folder)


def row(n: int) -> str:
    """The n-th record."""
    address = f"<soNha>{n % 300}</soNha><duong>Đường Hùng Vương</duong><thon>Thôn Đông</thon><maXa>07210</maXa><maTinh>24</maTinh>"
    return (
        f"<dan><soDinhDanh>0240990{n:05d}</soDinhDanh><hoTen>Nguyễn Thị Ánh Tuyết {n}</hoTen><ngaySinh>19{n % 90 + 10}-0{n % 9 + 1}-15</ngaySinh>"
        f"<gioiTinh>{n % 2 + 1}</gioiTinh><danToc>01</danToc><quocTich>VN</quocTich><soBhxh>24{n:08d}</soBhxh><maThe>DN4240{n:09d}</maThe>"
        f"<tuNgay>2020-01-01</tuNgay><denNgay>2026-12-31</denNgay><mucDong>{n}.50</mucDong><conHieuLuc>true</conHieuLuc>"
        f"<capNhatLuc>2026-11-0{n % 9 + 1}T10:00:00+07:00</capNhatLuc><diaChi>{address}</diaChi></dan>"
    )


HEAD = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><DocResponse xmlns="{SPACE}"><tongSo>%d</tongSo>'
TAIL = "</DocResponse></s:Body></s:Envelope>"


def answer(first: int) -> bytes:
    """A page."""
    return (HEAD % PAGE + "".join(row(n) for n in range(first, first + PAGE)) + TAIL).encode()


class Long(io.RawIOBase):
    """One answer of so many rows, made as it is read."""

    def __init__(self, rows: int) -> None:
        self._pieces = self._made(rows)
        self._left = b""

    @staticmethod
    def _made(rows: int) -> Iterator[bytes]:
        yield (HEAD % rows).encode()
        for first in range(0, rows, 100):
            yield "".join(row(n) for n in range(first, min(first + 100, rows))).encode()
        yield TAIL.encode()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = next(self._pieces, b"")
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def by_zeep(made: Contract) -> Callable[[bytes], int]:
    """zeep's own reading of an answer into its objects."""
    client = made._client
    binding = client.service._binding
    operation = binding.get("Doc")

    def read(body: bytes) -> int:
        response = requests.Response()
        response.status_code, response._content, response.encoding = 200, body, "utf-8"
        response.headers["Content-Type"] = "text/xml; charset=utf-8"
        return len(binding.process_reply(client, operation, response).dan)

    return read


def spent(read: Callable[[bytes], int], pages: list[bytes]) -> float:
    """CPU seconds for all pages."""
    started = time.process_time()
    found = sum(read(page) for page in pages)
    taken = time.process_time() - started
    assert found == len(pages) * PAGE
    return taken


def peak(rows: int) -> float:
    """MB a process of its own takes at most to read one answer of so many rows."""
    done = subprocess.run([sys.executable, "-m", "bench.soap_decode", str(rows)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def run(rows: int) -> list[dict[str, Any]]:
    """Rows per CPU second, best of three runs that alternate; the ratio; memory."""
    made = contract()
    typed = Typed(made, "Doc", "dan")
    pages = [answer(first) for first in range(0, max(PAGE, min(rows, 20_000)), PAGE)]
    ways: dict[str, Callable[[bytes], int]] = {
        "typed_page": lambda body: len(typed.page(body)),
        "typed_stream": lambda body: sum(1 for _ in typed.stream(io.BytesIO(body))),
        "zeep": by_zeep(made),
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(3):
        for name, read in ways.items():
            best[name] = min(best[name], spent(read, pages))
    count = len(pages) * PAGE
    figures = [
        {"name": "ratio_to_zeep", "value": best["zeep"] / best["typed_page"], "unit": "×", "target": "6"},
        {"name": "stream_ratio_to_zeep", "value": best["zeep"] / best["typed_stream"], "unit": "×", "target": ""},
        *({"name": f"{name}_rows_per_s", "value": count / seconds, "unit": "rows/s", "target": ""} for name, seconds in best.items()),
    ]
    small, large = peak(100_000), peak(1_000_000)
    figures += [
        {"name": "stream_peak_mb_100k", "value": small, "unit": "MB", "target": ""},
        {"name": "stream_peak_mb_1m", "value": large, "unit": "MB", "target": f"{small * 1.1:.0f}"},
    ]
    return figures


if __name__ == "__main__":
    reader = Typed(contract(), "Doc", "dan")
    wanted = int(sys.argv[1])
    assert sum(1 for _ in reader.stream(io.BufferedReader(Long(wanted)))) == wanted
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
