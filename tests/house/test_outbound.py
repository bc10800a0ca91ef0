"""Where the program speaks to others: few named modules, to addresses of the settings, none that somebody typed."""

import ast

from tests.house.sources import named, python_files

# What opens a connection to somewhere, and who may, with the address it goes to.
SPEAKERS = {
    "smtplib": {"app/discharge/referrals/mail/office.py"},  # the mail server of the settings
    "httpx": {"app/accounts/identity/client.py"},  # the identity provider of the settings
    "ssl": {"app/accounts/identity/client.py", "app/interop/mllp.py", "app/cli/serve.py"},  # the last two listen
    "socket": {"app/cli/parts.py", "app/cli/demo.py", "app/cli/serve.py"},  # sockets of our own to listen on
    "asyncio.open_connection": set(),
}
NOBODY = {
    "requests", "urllib.request", "urllib3", "http.client", "ftplib", "telnetlib", "xmlrpc", "aiohttp", "websockets",
    "imaplib", "poplib", "nntplib", "socketserver", "paramiko", "webbrowser", "pickle", "marshal", "shelve",
}  # fmt: skip


def imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add(f"{node.value.id}.{node.attr}")
    return found


def speakers() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in python_files("app", "migrations"):
        names = imported(ast.parse(path.read_text("utf-8")))
        for one in names & (SPEAKERS.keys() | NOBODY):
            found.setdefault(one, set()).add(named(path))
    return found


def test_only_named_modules_open_connections() -> None:
    found = speakers()

    others = {one: sorted(found.get(one, set()) - known) for one, known in SPEAKERS.items()}
    assert not {one: names for one, names in others.items() if names}, (
        "a new way out needs a line here, with its address"
    )
    assert not {one: found[one] for one in NOBODY & found.keys()}


def test_every_way_out_that_is_allowed_exists() -> None:
    found = speakers()

    assert found["smtplib"] == SPEAKERS["smtplib"] and found["httpx"] == SPEAKERS["httpx"]
