"""``providerurl``: which system behind the national adapter a call is forwarded to. Only those on the endpoint's list, and never from data.

Source: connection guide of the national data-sharing platform (``…/forward/<path>?dstcode=…&providerurl=<url-encoded>``). An address that
anybody could choose would make the adapter call whatever they like in our name, so it is taken from option ``providers`` (addresses with
spaces between) and from nowhere else, letter for letter.
"""

from urllib.parse import urlsplit

from connectors.errors import SourceRefused
from connectors.page import Endpoint


def provider(endpoint: Endpoint, address: str) -> dict[str, str]:
    """``{"providerurl": address}`` for a request's parameters. Raises SourceRefused unless the address is on the list, and a plain https one."""
    allowed = dict(endpoint.options).get("providers", "").split()
    if address not in allowed:
        raise SourceRefused(f"{endpoint.system}: this providerurl is not in option providers ({len(allowed)} are)")
    parts = urlsplit(address)
    plain = parts.scheme == "https" and parts.hostname and not (parts.username or parts.password or parts.query or parts.fragment)
    if not plain or any(letter in address for letter in "\\\r\n\t&#?%@") or ".." in parts.path.split("/"):
        raise SourceRefused(f"{endpoint.system}: option providers holds an address that is not plain https://host/path")
    return {"providerurl": address}
