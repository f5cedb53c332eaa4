"""The configuration of the nginx in front: TLS, client certificates checked against the agencies' authority, nothing let in that only nginx may say.

Certificates are asked for, not demanded: an agency may prove itself by token or signature instead. One that is shown and does not stand is refused
by nginx itself. What nginx says of a certificate counts only beside the secret of ``HUB_SHARING_PROXY``.
"""

import re
from dataclasses import dataclass

from include.sharing.auth.certificates import HEADER, PROOF
from include.sharing.call import LARGEST_BODY

TEMPLATE = """# Made by ./hub share nginx. Keep it readable for root only: it holds HUB_SHARING_PROXY.
upstream hub_sharing {{
    server {upstream};
    keepalive 64;
}}

server {{
    listen {listen} ssl;
    server_name {name};
    server_tokens off;
    access_log off;  # the audit log is the log

    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384;
    ssl_session_cache shared:hub:10m;
    ssl_session_tickets off;

    ssl_client_certificate {authority};{revoked}
    ssl_verify_client optional;
    ssl_verify_depth 3;

    client_max_body_size {largest};
    client_header_timeout 10s;
    client_body_timeout 10s;
    send_timeout 30s;
    large_client_header_buffers 4 16k;
    add_header Strict-Transport-Security "max-age=31536000" always;

    location / {{
        proxy_pass http://hub_sharing;
        proxy_http_version 1.1;
        proxy_request_buffering on;
        proxy_read_timeout 65s;
        proxy_set_header Host $host;
        proxy_set_header Connection "";
        proxy_set_header {header} $ssl_client_escaped_cert;
        proxy_set_header {proof} "{secret}";
        proxy_pass_request_headers on;
    }}
}}
"""
"""The two headers are set for every request, so whatever a caller put there is gone; without a certificate the first is empty, and not sent."""


@dataclass(frozen=True, slots=True)
class Front:
    """Where things are: ``upstream`` is the service's host:port or unix:/path, ``authority`` the CA file of client certificates, ``revoked`` its
    CRL or empty.
    """

    name: str
    certificate: str
    key: str
    authority: str
    secret: str
    upstream: str = "127.0.0.1:8480"
    listen: str = "443"
    revoked: str = ""


def configuration(front: Front) -> str:
    """A file for ``/etc/nginx/conf.d``. Raises LookupError for what could not stand in it."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,200}", front.secret):
        make = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        raise LookupError(f"HUB_SHARING_PROXY cần 16–200 ký tự A-Z a-z 0-9 _ - · needs 16 to 200 of these: {make}")
    for each in (front.name, front.certificate, front.key, front.authority, front.upstream, front.listen, front.revoked):
        if re.search(r"[\s;{}\"'$#]", each):
            raise LookupError(f"{each!r}: không được có khoảng trắng hay ; {{ }} $ # · must hold no blanks and none of these")
    return TEMPLATE.format(
        upstream=front.upstream, listen=front.listen, name=front.name, certificate=front.certificate, key=front.key, authority=front.authority,
        revoked=f"\n    ssl_crl {front.revoked};" if front.revoked else "", largest=LARGEST_BODY, header=HEADER, proof=PROOF, secret=front.secret,
    )  # fmt: skip
