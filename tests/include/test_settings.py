"""A wrong setting is told in a sentence that names its variable, and repairs nothing behind anybody's back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from include.errors import SettingMissing, SettingWrong
from include.hub import Hub
from include.proof.keys import signing_key
from include.settings import Settings
from include.sharing.auth import tokens
from include.sharing.vault import master_key
from include.unexpected import foreseen

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


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("HUB_BATCH_ROWS", "abc", "a whole number from 1"),
        ("HUB_BATCH_ROWS", "-5", "a whole number from 1"),
        ("HUB_SPAN_ROWS", "0", "a whole number from 1"),
        ("HUB_OBJECTS_URL", "nosuch://x", "no such store: nosuch://"),
        ("HUB_PAPERS_URL", "gs://bucket/x", "needs its driver installed"),
        ("HUB_DATABASE_URL", "garbage", "postgresql://"),
        ("HUB_GX_ENGINE", "bogus", "mask, stock"),
        ("HUB_LOG_KEY_FILE", "/nowhere", "openssl"),
    ],
)
def test_a_setting_of_no_use_is_told_before_anything_starts(tmp_path: Path, name: str, value: str, told: str) -> None:
    with pytest.raises(SettingWrong) as raised:
        Hub.connect(Settings({"HUB_HOME": str(tmp_path), name: value}))
    assert (name in str(raised.value), told in str(raised.value), list(tmp_path.iterdir())) == (True, True, [])


@pytest.mark.parametrize("value", ["nonsense", "lgsp.bacninh.gov.vn", "://x"])
def test_an_address_of_no_use_is_told(value: str) -> None:
    with pytest.raises(SettingWrong, match="HUB_LGSP_URL"):
        Settings({"HUB_LGSP_URL": value}).endpoint("lgsp")


def test_a_store_that_lets_nobody_in_is_told_by_its_setting() -> None:
    refused = type("NoCredentialsError", (Exception,), {"__module__": "botocore.exceptions"})()
    assert "HUB_OBJECTS_URL" in str(foreseen(refused))
