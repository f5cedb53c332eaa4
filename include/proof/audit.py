"""``hub audit verify``: reads a log whole and names the first place where it is not what was signed."""

import re
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from include.hub import Hub
from include.proof.keys import Head, opened, signing_key
from include.proof.log import HEIGHT, heads_file
from include.proof.logs import LOGS
from include.proof.merkle import EMPTY, node_hash
from include.store.database import Connection

NOTE = re.compile(r"[^\n]+\n\d+\n[^\n]+\n[^\n]+\n\n— [^\n]+\n")
"""A signed note in the file of heads."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was signed. ``position`` counts entries from 0; None where no entry can be named."""

    log: str
    position: int | None
    vi: str
    en: str


@dataclass(slots=True)
class Frontier:
    """The right edge of a growing tree: the perfect subtrees that make it up, the largest first, as (level, hash)."""

    edge: list[tuple[int, bytes]] = field(default_factory=list)

    def push(self, leaf: bytes) -> list[tuple[int, bytes]]:
        """Adds a leaf; returns the subtrees it completed at levels that are kept."""
        level, done = 0, []
        while self.edge and self.edge[-1][0] == level:
            leaf = node_hash(self.edge.pop()[1], leaf)
            level += 1
            if level % HEIGHT == 0:
                done.append((level, leaf))
        self.edge.append((level, leaf))
        return done

    def root(self) -> bytes:
        """The head over all leaves so far."""
        if not self.edge:
            return EMPTY
        result = self.edge[-1][1]
        for _, each in reversed(self.edge[:-1]):
            result = node_hash(each, result)
        return result


def verify(hub: Hub, log: str) -> tuple[int, list[Finding]]:
    """How many entries the log has, and what is wrong with it; the finding with the earliest entry first."""
    public = signing_key(hub.settings).public_key()
    with hub.db.transaction() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        findings = altered(connection, log) + told_otherwise(connection, log) + unlogged(connection, log)
        heads, forged = signed_heads(connection, hub, log, public)
        size, broken = grown(connection, log, heads)
    found = [*findings, *forged, *broken]
    return size, sorted(found, key=lambda each: size if each.position is None else each.position)


def verify_all(hub: Hub) -> dict[str, tuple[int, list[Finding]]]:
    """Every log."""
    return {log: verify(hub, log) for log in LOGS}


def altered(connection: Connection, log: str) -> list[Finding]:
    """The first entry that is gone or says something else than its leaf."""
    query = (
        f"SELECT l.seq, e.ref IS NULL FROM hub.log_leaf l LEFT JOIN ({LOGS[log].entries}) e USING (ref)"
        " WHERE l.log = %s AND l.hash IS DISTINCT FROM sha256('\\x00'::bytea || e.data) ORDER BY l.seq LIMIT 1"
    )
    row = connection.execute(query, [log]).fetchone()
    if row is None:
        return []
    words = ("mục đã bị xóa", "the entry is gone") if row[1] else ("nội dung đã bị sửa", "the entry was changed")
    return [Finding(log, row[0], *words)]


def told_otherwise(connection: Connection, log: str) -> list[Finding]:
    """The first entry whose columns, which pages show, say something else than its document, which was signed."""
    if not LOGS[log].beside:
        return []
    row = connection.execute(
        f"SELECT min(l.seq) FROM hub.log_leaf l JOIN ({LOGS[log].beside}) e USING (ref) WHERE l.log = %s",
        [log],
    ).fetchone()
    if row is None or row[0] is None:
        return []
    return [Finding(log, row[0], "các cột khác với nội dung đã ký", "its columns say something else than what was signed")]


def unlogged(connection: Connection, log: str) -> list[Finding]:
    """An entry put in behind the log's back: without a leaf of its own."""
    entries = f"{LOGS[log].entries} WHERE {LOGS[log].due}"
    query = f"SELECT min(e.ref) FROM ({entries}) e LEFT JOIN hub.log_leaf l ON l.log = %s AND l.ref = e.ref WHERE l.ref IS NULL"
    row = connection.execute(query, [log]).fetchone()
    if row is None or row[0] is None:
        return []
    return [Finding(log, None, f"mục {row[0]} không có trong nhật ký", f"entry {row[0]} is not in the log")]


def signed_heads(connection: Connection, hub: Hub, log: str, public: Ed25519PublicKey) -> tuple[list[Head], list[Finding]]:
    """The heads this hub's key signed, in the database and beside it; and those another key signed or nobody."""
    kept = [row[0] for row in connection.execute("SELECT note FROM hub.log_head WHERE log = %s", [log])]
    path = heads_file(hub, log)
    beside = path.read_text(encoding="utf-8") if path.exists() else ""
    notes = dict.fromkeys([*kept, *NOTE.findall(beside), *filter(None, [NOTE.sub("", beside).strip()])])
    heads, forged = [], []
    for note in notes:
        head = opened(note, public)
        if head is None or head.log != log:
            forged.append(Finding(log, None, "đầu nhật ký không do khóa của trục ký", "a head was not signed by the hub's key"))
        else:
            heads.append(head)
    return heads, forged[:1]


def grown(connection: Connection, log: str, heads: list[Head]) -> tuple[int, list[Finding]]:
    """Grows the tree again leaf by leaf; compares each kept node and each signed head. The first difference ends it."""
    query = "SELECT level, index, hash FROM hub.log_node WHERE log = %s"
    nodes = {(level, index): node for level, index, node in connection.execute(query, [log])}
    signed: dict[int, set[bytes]] = {}
    for head in heads:
        signed.setdefault(head.size, set()).add(head.root)
    frontier, size, sound = Frontier(), 0, 0
    findings: list[Finding] = []
    with connection.cursor("leaves") as cursor:
        cursor.itersize = 10_000
        cursor.execute("SELECT seq, hash FROM hub.log_leaf WHERE log = %s ORDER BY seq", [log])
        for seq, leaf in cursor:
            if seq != size:
                findings.append(Finding(log, size, "thiếu một mục", "an entry is missing"))
                break
            size += 1
            for level, node in frontier.push(leaf):
                if nodes.get((level, seq >> level)) != node:
                    findings.append(Finding(log, seq >> level << level, "nút trong không khớp", "an inner node does not fit"))
            if signed.get(size, set()) - {frontier.root()}:
                return size, [*findings, Finding(log, sound, "không khớp đầu đã ký", "the log is not what was signed")]
            sound = size if size in signed else sound
    if max(signed, default=0) > size and not findings:
        findings.append(Finding(log, size, "phần cuối đã bị cắt", "the end was cut off"))
    return size, findings
