"""Credentials of the sandbox. They open nothing else: everything here is made up."""

ACCOUNTS: dict[str, dict[str, str]] = {
    "lgsp": {"user": "sandbox-key", "secret": "sandbox-secret"},
    "bhxh": {"user": "sandbox-bhxh", "secret": "sandbox-bhxh-password"},
    "motcua": {"user": "sandbox-motcua", "secret": "sandbox-motcua-password"},
    "thue": {
        "client": "VN:GOV:000.00.00.H05:hub",
        "service": "VN:GOV:000.00.00.G12:thue",
        "userid": "VN-HUB",
    },
    "c06": {
        "user": "sandbox-c06",
        "secret": "sandbox-c06-secret",
        "client": "VN/GOV/000.00.00.H05/hub",
        "apikey": "sandbox-c06-key",
        "madvc": "DVC-24",
    },
    "btxh": {},
    "dvcqg": {
        "user": "sandbox-dvcqg",
        "secret": "sandbox-dvcqg-password",
        "madonvi": "H05",
        "dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider",
    },
}
"""By system, with the names the hub's settings give them."""

UNSUBSCRIBED = {"user": "sandbox-key-unsubscribed", "secret": "sandbox-secret"}
"""An application of the gateway that gets tokens and may call nothing (fault 900908)."""
