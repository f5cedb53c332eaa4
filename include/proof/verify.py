#!/usr/bin/env python3
"""Verifies a proof pack of the data-integration hub of Bắc Ninh. One file, Python 3.11, nothing else needed.

    python3 verify.py PACK.zip [--key HEX]

A pack is a ZIP whose every bit is accounted for:

``manifest.json``   the SHA-256 of every file of the pack, and what the pack speaks of
``seal.json``       the entry of the log of acts that names the manifest's SHA-256, and the proof that it stands in the log
``run.json``        the proof that ``report.json``, the report of the run, stands in the log of runs
``pages.txt``       the SHA-256 of every page the run landed; their hash stands in the report
``checks.txt``      the same for the results of Great Expectations
``page.bin``, ``raw.bin``, ``mapped.json``, ``verdict.json``, ``checks/…``, ``report.json``   what it is about

Proofs are those of RFC 6962; log heads are notes signed with Ed25519 (RFC 8032). Without ``--key`` the pack is held against the key it brings
along: compare that with the one the province publishes.
"""

import base64
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Mapping

SEALS = ("manifest.json", "seal.json")


class Refused(Exception):
    """The pack is not what was sealed; the message says where."""


# --- Ed25519 (RFC 8032, section 6), verification only

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)  # noqa: E741 the name RFC 8032 gives the square root of -1
Point = tuple[int, int, int, int]


def plus(a: Point, b: Point) -> Point:
    """The sum of two points in extended coordinates."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % P, k * m % P, j * k % P, i * m % P


def times(number: int, point: Point) -> Point:
    """``number`` times a point."""
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = plus(total, point)
        point, number = plus(point, point), number >> 1
    return total


def root_of(y: int, sign: int) -> int:
    """The x that goes with y. Raises Refused when there is none."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P)
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * I % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise Refused("not a point of the curve")
    return P - x if x & 1 != sign else x


def point(data: bytes) -> Point:
    """A point from its 32 bytes."""
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    x = root_of(y, sign)
    return x, y, 1, x * y % P


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE: Point = (root_of(BASE_Y, 0), BASE_Y, 1, root_of(BASE_Y, 0) * BASE_Y % P)


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` is the key's on the message."""
    if len(public) != 32 or len(signature) != 64:
        return False
    half, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= Q:
        return False
    k = int.from_bytes(hashlib.sha512(half + public + message).digest(), "little") % Q
    try:
        left, right = times(s, BASE), plus(point(half), times(k, point(public)))
    except Refused:
        return False
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- The log (RFC 6962, RFC 9162 section 2.1.3.2) and its signed heads


def root(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The tree head an inclusion proof speaks for. Raises Refused when the proof has the wrong length."""
    if not 0 <= index < size:
        raise Refused("the entry is not in the log")
    last = size - 1
    for step in path:
        if last == 0:
            raise Refused("the proof is too long")
        if index & 1 or index == last:
            leaf = hashlib.sha256(b"\x01" + step + leaf).digest()
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = hashlib.sha256(b"\x01" + leaf + step).digest()
        index, last = index >> 1, last >> 1
    if last:
        raise Refused("the proof is too short")
    return leaf


def head(note: str, log: str, public: bytes) -> tuple[int, bytes, str]:
    """Size, root and moment of a signed head. Raises Refused when the key did not sign it, or it is of another log."""
    text, _, signature = note.partition("\n\n— ")
    lines, name = text.split("\n"), f"bacninh-hub/{log}"
    raw = base64.b64decode(signature.rstrip("\n").partition(" ")[2], validate=True)
    key_id = hashlib.sha256(f"{name}\n".encode() + b"\x01" + public).digest()[:4]
    again = f"{text}\n\n— {name} {base64.b64encode(raw).decode()}\n"
    if len(lines) != 4 or lines[0] != name or note != again or raw[:4] != key_id or not signed(public, f"{text}\n".encode(), raw[4:]):
        raise Refused(f"the head of the log {log} was not signed by this key")
    return int(lines[1]), base64.b64decode(lines[2], validate=True), lines[3]


def included(proof: Mapping[str, object], log: str, entry: bytes, public: bytes) -> str:
    """Raises Refused unless the proof shows that ``entry`` stands in the log; else says where."""
    index, path, note = proof["index"], proof["path"], proof["head"]
    if proof.keys() - {"index", "path", "head", "entry"} or not isinstance(index, int) or not isinstance(path, list) or not isinstance(note, str):
        raise Refused("the proof is malformed")
    size, wanted, at = head(note, log, public)
    if root(hashlib.sha256(b"\x00" + entry).digest(), index, size, [bytes.fromhex(each) for each in path]) != wanted:
        raise Refused(f"the entry is not the one at {index} of the log {log}")
    return f"entry {index} of the log {log}, head over {size} entries signed at {at}"


# --- The pack


def canonical(value: object) -> bytes:
    """JSON in the one form a pack has it in."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def packed(files: Mapping[str, bytes]) -> bytes:
    """The ZIP of files: stored, without times and rights, so that the same files are the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def opened(pack: bytes) -> dict[str, bytes]:
    """The files of a pack. Raises Refused when the container holds a bit that no file accounts for."""
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    if packed(files) != pack:
        raise Refused("the container is not as it was written")
    return files


def parsed(data: bytes) -> dict[str, object]:
    """A JSON object in its one form."""
    value = json.loads(data)
    if not isinstance(value, dict) or canonical(value) != data:
        raise Refused("a proof is not in canonical form")
    return value


def verify(pack: bytes, key: bytes | None = None) -> list[str]:
    """What the pack shows, line by line. Raises Refused when anything in it is not as it was sealed."""
    try:
        return shown(pack, key)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        EOFError,
        IndexError,
        NotImplementedError,
        RuntimeError,
        OSError,
        zipfile.BadZipFile,
    ) as error:
        raise Refused(f"the pack cannot be read: {error}") from error


def shown(pack: bytes, key: bytes | None) -> list[str]:
    """The verification itself."""
    files = opened(pack)
    manifest = parsed(files["manifest.json"])
    public = bytes.fromhex(str(manifest["key"]))
    if key is not None and key != public:
        raise Refused("the pack was sealed with another key")
    listed = manifest["files"]
    if not isinstance(listed, dict) or listed.keys() != files.keys() - set(SEALS):
        raise Refused("the pack holds other files than its manifest says")
    for name, wanted in listed.items():
        if hashlib.sha256(files[name]).hexdigest() != wanted:
            raise Refused(f"{name} was altered")
    seal = parsed(files["seal.json"])
    entry = str(seal["entry"]).encode()
    if json.loads(entry)["manifest"] != hashlib.sha256(files["manifest.json"]).hexdigest():
        raise Refused("the seal is of another manifest")
    told = [f"subject: {manifest['subject']}", f"sealed: {included(seal, 'acts', entry, public)}"]
    told.append(f"report: {included(parsed(files['run.json']), 'runs', files['report.json'], public)}")
    return [*told, *evidence(files), f"key: {public.hex()}"]


def evidence(files: Mapping[str, bytes]) -> list[str]:
    """Follows the report's hashes to the pages and the checks."""
    told, report = [], json.loads(files["report.json"])
    for name, part, hashed in (("pages.txt", "page.bin", "sha256"), ("checks.txt", "", "checks")):
        lines = files[name].decode().split()
        if hashlib.sha256("".join(lines).encode()).hexdigest() != report["evidence"][hashed]:
            raise Refused(f"{name} is not what the report speaks of")
        found = [part] if part in files else [each for each in files if each.startswith("checks/") and not part]
        for each in found:
            if hashlib.sha256(files[each]).hexdigest() not in lines:
                raise Refused(f"{each} is not of this run")
        told.append(f"{name}: {len(lines)} hashes as the report says, {len(found)} of them in the pack")
    if "raw.bin" in files:
        told.append("record: its bytes stand in the page" if files["raw.bin"] in files["page.bin"] else "record: cut out of the page by its parser")
    return told


def main() -> int:
    """The command line: 0 when the pack is sound."""
    arguments = sys.argv[1:]
    key = bytes.fromhex(arguments.pop(arguments.index("--key") + 1)) if "--key" in arguments else None
    names = [each for each in arguments if each != "--key"]
    if len(names) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        with open(names[0], "rb") as file:  # noqa: PTH123 one import less
            told = verify(file.read(), key)
    except OSError as error:
        sys.stderr.write(f"{names[0]}: không đọc được · cannot be read ({error.strerror})\n")
        return 2
    except Refused as error:
        sys.stderr.write(f"REFUSED · KHÔNG HỢP LỆ: {error}\n")
        return 1
    sys.stdout.write("SOUND · HỢP LỆ\n" + "\n".join(f"  {line}" for line in told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
