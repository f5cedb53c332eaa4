"""Contracts made for a test: every type that a lenient reader gets wrong, in SOAP 1.1 or 1.2."""

import hashlib
from pathlib import Path

from connectors.contract import Contract
from connectors.envelope import SOAP_11, SOAP_12, Version

SPACE = "urn:test:kieu"
BINDINGS = {SOAP_11.name: "http://schemas.xmlsoap.org/wsdl/soap/", SOAP_12.name: "http://schemas.xmlsoap.org/wsdl/soap12/"}
SCHEMA = f"""
<xsd:schema targetNamespace="{SPACE}" elementFormDefault="qualified">
  <xsd:simpleType name="Gioi"><xsd:restriction base="xsd:string">
    <xsd:enumeration value="1"/><xsd:enumeration value="2"/>
  </xsd:restriction></xsd:simpleType>
  <xsd:complexType name="NoiO"><xsd:sequence>
    <xsd:element name="maXa" type="xsd:string"/><xsd:element name="duong" type="xsd:string" minOccurs="0"/>
  </xsd:sequence></xsd:complexType>
  <xsd:complexType name="Dong"><xsd:sequence>
    <xsd:element name="so" type="xsd:string"/>
    <xsd:element name="ngay" type="xsd:date"/>
    <xsd:element name="luc" type="xsd:dateTime"/>
    <xsd:element name="lan" type="xsd:int"/>
    <xsd:element name="tien" type="xsd:decimal"/>
    <xsd:element name="con" type="xsd:boolean"/>
    <xsd:element name="gioi" type="tns:Gioi"/>
    <xsd:element name="noiO" type="tns:NoiO" minOccurs="0"/>
    <xsd:element name="ten" type="xsd:string" minOccurs="0" maxOccurs="unbounded"/>
    <xsd:element name="khac" type="xsd:string" minOccurs="0" nillable="true"/>
  </xsd:sequence></xsd:complexType>
  <xsd:element name="Doc"><xsd:complexType><xsd:sequence><xsd:element name="trang" type="xsd:int"/></xsd:sequence></xsd:complexType></xsd:element>
  <xsd:element name="DocResponse"><xsd:complexType><xsd:sequence>
    <xsd:element name="tongSo" type="xsd:int"/><xsd:element name="dong" type="tns:Dong" minOccurs="0" maxOccurs="unbounded"/>
  </xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema>"""
ROW = (
    "<dong><so>027099000123</so><ngay>1999-01-02</ngay><luc>2026-11-04T10:00:00+07:00</luc><lan>5</lan><tien>12.50</tien><con>true</con>"
    "<gioi>1</gioi><noiO><maXa>07210</maXa></noiO><ten>Nguyễn Văn Mẫu</ten><ten>Mẫu</ten></dong>"
)


def wsdl(version: Version) -> str:
    """The contract of one operation, ``Doc``."""
    return f"""<wsdl:definitions name="Kieu" targetNamespace="{SPACE}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
  xmlns:soap="{BINDINGS[version.name]}" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="{SPACE}"><wsdl:types>{SCHEMA}</wsdl:types>
  <wsdl:message name="In"><wsdl:part name="parameters" element="tns:Doc"/></wsdl:message>
  <wsdl:message name="Out"><wsdl:part name="parameters" element="tns:DocResponse"/></wsdl:message>
  <wsdl:portType name="Port"><wsdl:operation name="Doc">
    <wsdl:input message="tns:In"/><wsdl:output message="tns:Out"/>
  </wsdl:operation></wsdl:portType>
  <wsdl:binding name="Binding" type="tns:Port"><soap:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>
    <wsdl:operation name="Doc"><soap:operation soapAction="urn:doc"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding>
  <wsdl:service name="S"><wsdl:port name="P" binding="tns:Binding"><soap:address location="http://127.0.0.1:9/"/></wsdl:port></wsdl:service>
</wsdl:definitions>"""


def made(folder: Path, version: Version = SOAP_11) -> Contract:
    """The contract, pinned in ``folder``."""
    text = wsdl(version).encode()
    (folder / "kieu.wsdl").write_bytes(text)
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(text).hexdigest()}  kieu.wsdl\n")
    return Contract("kieu.wsdl", folder)


def result(rows: str = ROW, total: int = 1) -> str:
    """An answer element."""
    return f'<DocResponse xmlns="{SPACE}"><tongSo>{total}</tongSo>{rows}</DocResponse>'


def envelope(inner: str, version: Version = SOAP_11, head: str = "") -> bytes:
    """An envelope with one Body."""
    return f'<s:Envelope xmlns:s="{version.namespace}">{head}<s:Body>{inner}</s:Body></s:Envelope>'.encode()
