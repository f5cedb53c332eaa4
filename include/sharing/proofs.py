"""What a citizen takes home: the entry, its place in the log, and the hashes that tie it to a head the hub has signed."""

import base64
from typing import Any

from include.hub import Hub
from include.proof.keys import public_bytes, signing_key
from include.proof.log import Tree
from include.proof.logs import ACCESS


def inclusion(hub: Hub, access: int) -> dict[str, Any] | None:
    """The proof against the latest signed head; None until the entry is under one (a minute at most)."""
    with hub.db.transaction() as connection:
        head = connection.execute("SELECT size, note FROM hub.log_head WHERE log = 'access' ORDER BY size DESC LIMIT 1").fetchone()
        leaf = connection.execute("SELECT seq FROM hub.log_leaf WHERE log = 'access' AND ref = %s", [str(access)]).fetchone()
        if head is None or leaf is None or leaf[0] >= head[0]:
            return None
        data = connection.execute(f"SELECT data FROM ({ACCESS} WHERE id = %s) e", [access]).fetchone()
        path = Tree(connection, "access").inclusion(leaf[0], head[0])
    return {
        "entry": bytes(data[0]).decode() if data else "",
        "index": leaf[0],
        "size": head[0],
        "path": [base64.b64encode(step).decode() for step in path],
        "head": head[1],
        "publicKey": public_bytes(signing_key(hub.settings)).hex(),
        "algorithm": "RFC 6962, SHA-256; Ed25519",
    }
