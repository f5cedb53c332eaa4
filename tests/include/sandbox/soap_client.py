"""zeep from the pinned WSDL, as any integrator would use it."""

from typing import Any

import requests
import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from include.sandbox.accounts import ACCOUNTS
from include.sandbox.soap import CONTRACTS, Contract

ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
_SERVICES = {"bhxh": "{urn:bhxh:nguoithamgia:1}BHXHBinding", "motcua": "{urn:bacninh:motcua:1}MotCuaBinding"}


class Soap:
    """One SOAP system. ``last`` is the body of the last answer."""

    def __init__(self, system: str, url: str, http: requests.Session, user: str | None = None, secret: str | None = None) -> None:
        account = ACCOUNTS[system]
        user, secret = user or account["user"], secret or account["secret"]
        self.url, self.http = url, http
        self.contract = Contract(f"{system}.wsdl")
        if system == "motcua":
            http.auth = (user, secret)
        self.token = UsernameToken(user, secret, use_digest=True)
        wsse = self.token if system == "bhxh" else None
        path = str(CONTRACTS / f"{system}.wsdl")
        self._client = zeep.Client(path, transport=Transport(session=http), wsse=wsse)
        self._plain = zeep.Client(path, transport=Transport(session=http))
        self._service = self._client.create_service(_SERVICES[system], url)

    def call(self, operation: str, **arguments: Any) -> Any:
        return self._service[operation](**arguments)

    def message(self, operation: str, **arguments: Any) -> bytes:
        return etree.tostring(self._plain.create_message(self._plain.service, operation, **arguments))

    def signed(self, operation: str, **arguments: Any) -> bytes:
        return etree.tostring(self._client.create_message(self._service, operation, **arguments))

    def post(self, body: bytes, **headers: str) -> requests.Response:
        return self.http.post(self.url, data=body, headers={"Content-Type": "text/xml; charset=utf-8"} | headers, timeout=10)

    def valid(self, answer: requests.Response) -> etree._Element:
        """The answer element, valid by the WSDL's schema."""
        inner = etree.fromstring(answer.content).find(f"{ENVELOPE}Body")[0]
        self.contract.schema.assertValid(inner)
        return inner


def fault_code(answer: requests.Response) -> str:
    assert answer.status_code == 500
    fault = etree.fromstring(answer.content).find(f"{ENVELOPE}Body/{ENVELOPE}Fault")
    return f"{fault.findtext('faultcode')} {fault.findtext('detail/{*}loi/{*}ma')}"
