"""``./hub share`` and ``./hub serve``: agreements and their life, clients and keys, the service."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from include.cli_params import Port
from include.console import out, show

share = typer.Typer(no_args_is_help=True, help="Sharing with agencies: clients, agreements, the audit log.")
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Who = Annotated[str, typer.Option(help="Who does it; goes into the log of acts.")]
Reason = Annotated[str, typer.Option(help="Needed to refuse and to revoke.")]
State = Annotated[str, typer.Option(help="proposed, accepted or refused; all of them when empty.")]
Why = Annotated[str, typer.Option(help="Why; the log keeps the reason.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


def hub() -> Any:
    """The hub as configured."""
    from include.cli import connect

    return connect()


def document(path: Path) -> dict[str, Any]:
    """The JSON object of a file. Raises LookupError naming the file and the place."""
    import msgspec

    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LookupError(f"{path}: cần một đối tượng JSON · is no JSON object: {error}") from None


@share.command("client")
def client(client_id: str, agency: str, name: str, contact: str, who: Who) -> None:
    """Makes an account for an agency's system: ./hub share client motcua H05 "Hệ thống một cửa" email@…"""
    from include.sharing.clients import register

    register(hub(), who, client_id, agency, name, contact)
    out.print(f"{client_id}: đã tạo; tiếp theo · made; next: ./hub share key {client_id} JWK")


@share.command("suspend")
def suspend(client_id: str, who: Who, reason: Reason) -> None:
    """Shuts an account at once."""
    from include.sharing import clients

    clients.suspend(hub(), who, client_id, reason)
    out.print(f"{client_id}: đã khóa · shut")


@share.command("key")
def key(client_id: str, jwk: File, who: Who) -> None:
    """Adds a public key, a JWK file."""
    from include.sharing.clients import add_key

    out.print(add_key(hub(), who, client_id, document(jwk)))


@share.command("revoke-key")
def revoke_key(client_id: str, kid: str, who: Who) -> None:
    """A key counts no longer, nor any token got with it."""
    from include.sharing import clients

    clients.revoke_key(hub(), who, client_id, kid)
    out.print(f"{client_id}: đã thu hồi khóa {kid} · revoked")


@share.command("issuer")
def issuer(
    client_id: str,
    address: Annotated[str, typer.Argument(help="The issuer, as its tokens say it; one of HUB_SHARING_ISSUERS.")],
    subject: str,
    who: Who,
    revoke: Annotated[bool, typer.Option(help="Its tokens count no longer.")] = False,
) -> None:
    """Takes access tokens that another issuer gives the client."""
    from include.sharing import clients

    (clients.revoke_subject if revoke else clients.add_subject)(hub(), who, client_id, address, subject)
    out.print(f"{client_id}: {'đã thu hồi · revoked' if revoke else 'đã đăng ký · registered'}: {subject}, {address}")


@share.command("certificate")
def certificate(client_id: str, pem: File, who: Who) -> None:
    """Adds a client certificate for mutual TLS."""
    from include.sharing.clients import add_certificate

    out.print(add_certificate(hub(), who, client_id, pem.read_bytes()))


@share.command("request")
def request(
    client_id: str, dataset: str, terms: File, who: Who, agreement: Annotated[str, typer.Option(help="Other terms for this one.")] = ""
) -> None:
    """Asks for an agreement; the terms are a JSON file. The owner of the data answers within two working days."""
    from include.sharing import agreements
    from include.sharing.terms import read

    wanted = read(document(terms))
    made = agreements.amend(hub(), who, agreement, wanted) if agreement else agreements.request(hub(), who, client_id, dataset, wanted)
    out.print(f"{made.agreement}/{made.version}  trả lời trước hết ngày · to be answered by {made.due_on}")


def step(name: str, about: str) -> None:
    """A command for one step in an agreement's life."""

    def command(agreement: str, who: Who, reason: Reason = "") -> None:
        from include.sharing.agreements import move

        done = move(hub(), who, agreement, name, reason)
        out.print(f"{done.agreement}/{done.version} {done.state}")

    command.__doc__ = about
    share.command(name)(command)


step("approve", "The owner of the data agrees.")
step("refuse", "The owner of the data refuses, and says why.")
step("sign", "Both sides have signed.")
step("activate", "Puts it in force; an earlier version ends.")
step("revoke", "Ends it at once: the service refuses within a second.")


@share.command("list")
def listed(client_id: Annotated[str, typer.Argument()] = "", as_json: Json = False) -> None:
    """Every agreement, what it is for and where it stands; late answers and ends that come near are marked."""
    from include.sharing.agreements import versions

    connected = hub()
    rows = []
    for each in versions(connected, client=client_id):
        mark = "sắp hết hạn · expiring" if each.expiring(connected.today) else ""
        mark = "quá hạn trả lời · late" if each.state == "requested" and each.due_on < connected.today else mark
        law = f"{each.terms.act}, {each.terms.article}"
        rows.append(
            (each.agreement, each.version, each.client, each.dataset, each.state, ", ".join(each.terms.operations), law, str(each.due_on), mark)
        )
    head = ("agreement", "version", "client", "dataset", "state", "operations", "legal basis", "answer by", "note")
    show("Thỏa thuận chia sẻ · Agreements", head, rows, as_json)


@share.command("alerts")
def alerts(as_json: Json = False) -> None:
    """What looks wrong: enumeration, unusual volume, work out of hours."""
    rows = hub().db.rows(
        "SELECT id, to_char(at, 'YYYY-MM-DD HH24:MI'), kind, agreement, detail::text, state FROM hub.alert ORDER BY id DESC LIMIT 100"
    )
    show("Cảnh báo · Alerts", ("id", "at", "kind", "agreement", "detail", "state"), rows, as_json)


@share.command("corrections")
def corrections(state: State = "proposed", as_json: Json = False) -> None:
    """Corrections that agencies propose, without their values."""
    from include.sharing.proposals import proposals

    head = ("id", "at", "agreement", "client", "dataset", "record", "field", "state")
    rows = [
        (each.id, f"{each.at:%Y-%m-%d %H:%M}", each.agreement, each.client, each.entity, each.record, each.field, each.state)
        for each in proposals(hub(), state)
    ]
    show("Đề nghị đính chính · Proposed corrections", head, rows, as_json)


@share.command("correction")
def correction(number: int, who: Who, reason: Why, as_json: Json = False) -> None:
    """One of them with what is proposed (personal data!); the look is an act."""
    from include.sharing.proposals import read

    found = read(hub(), who, number, reason)
    show(f"Đề nghị · Proposal {number}", ("what", "value"), [(name, str(value)) for name, value in found._asdict().items()], as_json)


@share.command("decide")
def decide(number: int, step: Annotated[Literal["accept", "refuse"], typer.Argument()], who: Who, reason: Why) -> None:
    """The owner's word on a proposed correction; an accepted one is mended in the owner's own system, and comes with the next sync."""
    from include.sharing.proposals import decide as decided

    decided(hub(), who, number, step, reason)
    out.print(f"{number}: {step}")


@share.command("erase")
def erase(before: Annotated[int, typer.Argument(help="YYYYMM; months before it are erased.")], who: Who, reason: Why) -> None:
    """Erases the keys of old months of the access log: nobody can tell any more whose data was looked at in them; the log stays provable."""
    from include.sharing.vault import forget

    months = forget(hub(), who, before, reason)
    out.print(", ".join(map(str, months)) or "không có tháng nào · no month")


@share.command("nginx")
def nginx(
    name: Annotated[str, typer.Argument(help="The name agencies call, such as chia-se.bacninh.gov.vn.")],
    certificate: Annotated[str, typer.Option(help="The server's certificate (PEM).")],
    key: Annotated[str, typer.Option(help="Its key.")],
    authority: Annotated[str, typer.Option(help="Certificates of the authority that issues agencies' certificates (PEM).")],
    revoked: Annotated[str, typer.Option(help="The authority's revocation list, if there is one.")] = "",
    upstream: Annotated[str, typer.Option(help="Where hub serve listens; unix:/path where it was given --unix.")] = "127.0.0.1:8480",
    listen: Annotated[str, typer.Option(help="Port, or address:port.")] = "443",
) -> None:
    """Prints the nginx configuration for mutual TLS, to go into /etc/nginx/conf.d; HUB_SHARING_PROXY holds the secret both share."""
    from include.settings import Settings
    from include.sharing.nginx import Front, configuration

    secret = Settings.read().environment.get("HUB_SHARING_PROXY", "")
    print(configuration(Front(name, certificate, key, authority, secret, upstream, listen, revoked)), end="")  # noqa: T201 that is the output


@share.command("link")
def link(client_id: str, url: Annotated[str, typer.Option(help="The service's address.")] = "http://127.0.0.1:8480") -> None:
    """A one-time link to an agency's own page, good for five minutes: for an agency whose system cannot ask for one yet."""
    from include.sharing import clients, links, vault

    connected = hub()
    with connected.db.transaction() as connection:
        clients.known(connection, client_id)
    out.print(links.link(vault.master_key(connected.settings.sharing_key_file), url.rstrip("/"), "agency", client_id), soft_wrap=True)


@share.command("sandbox")
def sandbox() -> None:
    """Makes clients, keys and agreements to try the service with, and names somebody of the synthetic province to ask about."""
    from include.local import running
    from include.sharing.seed import key_file, seed

    connected = hub()
    for name in seed(connected):
        out.print(f"{name:10s} {key_file(connected, name)}", soft_wrap=True)
    if "endpoints" in running(connected.settings):
        rows = connected.db.rows("SELECT min(personal_number) FROM golden.person WHERE died_on IS NULL")
        out.print(f"NUMBER={rows[0][0] or ''}   người mẫu · somebody of the sandbox" + ("" if rows[0][0] else ": ./hub run births"), soft_wrap=True)


def serve(
    port: Port = 8480,
    host: Annotated[str, typer.Option(help="Behind nginx leave it as it is.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer; one per core.")] = 2,
    unix: Annotated[Path | None, typer.Option(help="A Unix socket beside the port: for nginx on this machine, and cheaper.")] = None,
) -> None:
    """Serves agencies: look-ups, search, exports, changes, SOAP; ends with Ctrl-C or SIGTERM."""
    from include.sharing.server import listen, listen_at, settings_url
    from include.sharing.server import serve as run

    connected = hub()
    listeners = [listen(host, port), *([listen_at(unix)] if unix else [])]
    url = settings_url(connected.settings, listeners[0].getsockname()[1])
    out.print(f"{url}/docs   tài liệu · documentation", soft_wrap=True)
    out.print(f"{url}/v1/openapi.json   OpenAPI 3.1", soft_wrap=True)
    run(connected, listeners, url, workers)
