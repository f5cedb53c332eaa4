"""A wrong setting is told in a sentence that names its variable, and repairs nothing behind anybody's back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from include.errors import SettingMissing
from include.proof.keys import signing_key
from include.settings import Settings
from include.sharing.auth import tokens
from include.sharing.vault import master_key

USES: dict[str, Callable[[Settings], object]] = {
    "HUB_LOG_KEY_FILE": signing_key,
    "HUB_SHARING_KEY_FILE": lambda settings: master_key(settings.sharing_key_file),
    "HUB_SHARING_TOKEN_FILE": lambda settings: tokens.signing_key(settings.token_key_file),
}


@pytest.mark.parametrize("name", USES)
def test_a_key_file_that_was_named_is_never_made_in_its_place(name: str, tmp_path: Path) -> None:
    gone = tmp_path / "mount" / "key"
    with pytest.raises(SettingMissing, match=f"{name} .*openssl"):
        USES[name](Settings({"HUB_HOME": str(tmp_path), name: str(gone)}))
    assert not gone.exists()


@pytest.mark.parametrize("name", USES)
def test_a_key_nobody_named_is_made_once_under_the_home(name: str, tmp_path: Path) -> None:
    USES[name](Settings({"HUB_HOME": str(tmp_path)}))
    [made] = (tmp_path / "keys").iterdir()
    before = made.read_bytes()
    USES[name](Settings({"HUB_HOME": str(tmp_path)}))
    assert made.read_bytes() == before
