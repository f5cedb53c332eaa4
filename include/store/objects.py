"""Landed bytes: kept as received, compressed, named by their sha256, so that the same page is stored once."""

import hashlib
import os
from contextlib import suppress
from uuid import uuid4

import fsspec
import zstandard
from fsspec.implementations.local import LocalFileSystem

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
        """Stores ``body`` unless it is there, and returns its sha256. Whole or not at all: written beside under a name of its own, then renamed."""
        sha256 = hashlib.sha256(body).hexdigest()
        path = self.path(sha256)
        if not self._fs.exists(path):
            folder = path.rsplit("/", 1)[0]
            if folder not in self._made:
                self._fs.makedirs(folder, exist_ok=True)
                self._settle(self._root)
                self._made.add(folder)
            part = f"{path}.{uuid4().hex}.part"
            self._fs.pipe_file(part, zstandard.compress(body, 3))
            self._settle(part)
            try:
                self._fs.mv(part, path)
            except OSError:  # a file system that does not rename onto what another writer of the same content has put there
                self._fs.invalidate_cache(folder)
                if not self._fs.exists(path):
                    raise
                with suppress(OSError):
                    self._fs.rm_file(part)
            self._settle(folder)
        return sha256

    def _settle(self, path: str) -> None:
        """Sees that a file, or the names in a folder, are on disk before the database speaks of them; other stores do so by themselves."""
        if isinstance(self._fs, LocalFileSystem):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises Altered when they are not the ones stored."""
        body = zstandard.decompress(self._fs.cat_file(self.path(sha256)))
        if hashlib.sha256(body).hexdigest() != sha256:
            raise Altered(f"the object {sha256} was altered")
        return body
