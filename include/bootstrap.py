"""Puts pip into a fresh environment on a machine whose Python has no ensurepip (Debian without python3-venv). Run by ./hub; needs no package."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path


def main() -> None:
    """Downloads the pip wheel from the package index, checks its sha256 against the index, and lets it install itself."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
    request = urllib.request.Request(f"{index}/pip/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    wheel = [file for file in files if file["filename"].endswith("-py3-none-any.whl") and not file.get("yanked")][-1]
    with urllib.request.urlopen(wheel["url"], timeout=60) as answer:
        body = answer.read()
    if hashlib.sha256(body).hexdigest() != wheel["hashes"]["sha256"]:
        raise SystemExit(f"{wheel['filename']} does not have the sha256 the index names: refused")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / wheel["filename"]
        path.write_bytes(body)
        subprocess.run([sys.executable, f"{path}/pip", "install", "-q", "--no-index", str(path)], check=True)


if __name__ == "__main__":
    main()
