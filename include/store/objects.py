"""Landed bytes: kept as received, compressed, named by their sha256, so that the same page is stored once."""

import hashlib

import fsspec
import zstandard

from include.errors import HubError


class Altered(HubError):
    """Stored bytes no longer have the sha256 they are named by."""


class Objects:
    """A folder or bucket of content-addressed bytes."""

    def __init__(self, url: str) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(url)
        self._made: set[str] = set()

    def path(self, sha256: str) -> str:
        """Where the bytes with this hash are."""
        return f"{self._root}/{sha256[:2]}/{sha256}.zst"

    def put(self, body: bytes) -> str:
        """Stores ``body`` unless it is there, and returns its sha256. Whole or not at all: written beside, then renamed."""
        sha256 = hashlib.sha256(body).hexdigest()
        path = self.path(sha256)
        if not self._fs.exists(path):
            folder = path.rsplit("/", 1)[0]
            if folder not in self._made:
                self._fs.makedirs(folder, exist_ok=True)
                self._made.add(folder)
            self._fs.pipe_file(path + ".part", zstandard.compress(body, 3))
            self._fs.mv(path + ".part", path)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises Altered when they are not the ones stored."""
        body = zstandard.decompress(self._fs.cat_file(self.path(sha256)))
        if hashlib.sha256(body).hexdigest() != sha256:
            raise Altered(f"the object {sha256} was altered")
        return body
