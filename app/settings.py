"""What the surroundings decide: read once, here and nowhere else, into a frozen value."""

import inspect
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_SHARED = "PROMETHEUS_MULTIPROC_DIR"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an installation may set, with defaults that work on a laptop.

    Attributes:
        home: folder that holds all that the program writes (`DAYBOOK_HOME`).
        database_url: external PostgreSQL as its owner (`DATABASE_URL`); without it the embedded one is started.
        app_database_url: the application role of the external server, where the owner may not create
            roles (`DAYBOOK_APP_DATABASE_URL`).
        secure_cookies: cookies carry `Secure` and the `__Host-` prefix. Off only for the demo and tests,
            which speak plain HTTP on this machine (`DAYBOOK_INSECURE_COOKIES=1`).
        allowed_hosts: names under which pages are served; empty means any (`DAYBOOK_ALLOWED_HOSTS`).
        trusted_proxies: addresses whose `X-Forwarded-For` is believed (`DAYBOOK_TRUSTED_PROXIES`).
        idle_minutes: a session ends after so many minutes without use (`DAYBOOK_IDLE_MINUTES`).
        session_hours: a session ends after so many hours in any case (`DAYBOOK_SESSION_HOURS`).
        backup_key_file: file with the key of encrypted backups (`DAYBOOK_BACKUP_KEY_FILE`); the public part is
            enough to write them.
        metrics_token: whoever sends it as a bearer token may read `/metrics` (`DAYBOOK_METRICS_TOKEN`).
        metrics_from: networks that may read `/metrics` without a token, beside this machine; commas between
            (`DAYBOOK_METRICS_FROM`).
        payer_files: folder below which files for payers and from them lie (`DAYBOOK_PAYER_FILES`); without it
            `payer-files` inside the folder of the program.
        log: form of the lines on standard error, json or text (`DAYBOOK_LOG`).
        log_requests: each request of a person has a line in the log (`DAYBOOK_LOG_REQUESTS`, 0 for none).
        template_checks: templates name the variable that is missing; for tests only, since the message
            may show what a page holds (`DAYBOOK_TEMPLATE_CHECKS=1`).
    """

    home: Path
    database_url: str | None = None
    app_database_url: str | None = None
    secure_cookies: bool = True
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    idle_minutes: int = 30
    session_hours: int = 12
    backup_key_file: Path | None = None
    metrics_token: str = ""
    metrics_from: tuple[Network, ...] = ()
    payer_files: Path | None = None
    log: str = "json"
    log_requests: bool = True
    template_checks: bool = False

    @property
    def payer_folder(self) -> Path:
        """Where the folders of payers lie."""
        return self.payer_files or self.home / "payer-files"

    @staticmethod
    def from_environment(environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings; a value that cannot be understood raises ValueError with its name."""
        found = os.environ if environment is None else environment
        return Settings(
            home=Path(found.get("DAYBOOK_HOME") or ".data").resolve(),
            database_url=found.get("DATABASE_URL") or None,
            app_database_url=found.get("DAYBOOK_APP_DATABASE_URL") or None,
            secure_cookies=found.get("DAYBOOK_INSECURE_COOKIES") != "1",
            allowed_hosts=_names(found.get("DAYBOOK_ALLOWED_HOSTS", "")),
            trusted_proxies=_names(found.get("DAYBOOK_TRUSTED_PROXIES", "")),
            idle_minutes=_whole(found, "DAYBOOK_IDLE_MINUTES", 30),
            session_hours=_whole(found, "DAYBOOK_SESSION_HOURS", 12),
            backup_key_file=Path(key_file).resolve() if (key_file := found.get("DAYBOOK_BACKUP_KEY_FILE")) else None,
            metrics_token=found.get("DAYBOOK_METRICS_TOKEN", ""),
            metrics_from=_networks(found.get("DAYBOOK_METRICS_FROM", "")),
            payer_files=Path(files).resolve() if (files := found.get("DAYBOOK_PAYER_FILES")) else None,
            log=log_form(found),
            log_requests=found.get("DAYBOOK_LOG_REQUESTS") != "0",
            template_checks=found.get("DAYBOOK_TEMPLATE_CHECKS") == "1",
        )


@dataclass(frozen=True, slots=True)
class Described:
    """One setting as people read it. What is secret is masked."""

    variable: str
    value: str
    origin: str
    meaning: str


_VARIABLE = re.compile(r"\s*\(`((?:DAYBOOK|DATABASE|DAYBOOK_APP)_[A-Z_]+)[^)]*\)")
_ADDRESSES = ("database_url", "app_database_url")


def described(settings: Settings, environment: Mapping[str, str] | None = None) -> list[Described]:
    """Every setting: its variable, its value, where that came from, and what it means."""
    found = os.environ if environment is None else environment
    rows = []
    for field in fields(Settings):
        text = _meanings()[field.name]
        variable = _VARIABLE.search(text)
        assert variable is not None, f"say the variable of {field.name} in the docstring"
        value = getattr(settings, field.name)
        if found.get(variable[1]):
            origin = "environment"
        else:
            origin = "default" if field.name == "home" or value == field.default else "this command"
        rows.append(Described(variable[1], _shown(field.name, value), origin, _sentence(_VARIABLE.sub("", text))))
    return rows


def _meanings() -> dict[str, str]:
    """What the docstring of Settings says of each field."""
    found: dict[str, str] = {}
    name = ""
    for line in inspect.cleandoc(Settings.__doc__ or "").partition("Attributes:\n")[2].splitlines():
        head, colon, rest = line.strip().partition(": ")
        if colon and line.startswith("    ") and not line.startswith("     "):
            name, found[head] = head, rest
        else:
            found[name] += " " + line.strip()
    return found


def _sentence(text: str) -> str:
    text = text.replace("`", "").strip().removesuffix(".")
    return text[:1].upper() + text[1:] + "."


def _shown(name: str, value: object) -> str:
    if name in _ADDRESSES and isinstance(value, str):
        parts = urlsplit(value)
        return f"{parts.scheme}://…@{parts.hostname or ''}{parts.path}" if parts.password else value.partition("?")[0]
    if name == "metrics_token":
        return "set, not shown" if value else "not set"
    if name == "secure_cookies":
        return "secure" if value else "not secure"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value) or "none"
    return "not set" if value is None else str(value)


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _whole(found: Mapping[str, str], name: str, default: int) -> int:
    text = found.get(name, "")
    if not text:
        return default
    if not text.isdigit() or int(text) < 1:
        raise ValueError(f"{name} must be a whole number of at least 1.")
    return int(text)


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(name, strict=False) for name in _names(text))
    except ValueError:
        raise ValueError("DAYBOOK_METRICS_FROM must hold addresses or networks such as 10.0.8.0/24.") from None


def log_form(environment: Mapping[str, str] | None = None) -> str:
    """The form of log lines; known before everything else, since faults of the settings are logged too."""
    found = (os.environ if environment is None else environment).get("DAYBOOK_LOG") or "json"
    if found not in ("json", "text"):
        raise ValueError("DAYBOOK_LOG must be json or text.")
    return found


def share_metrics(folder: Path | None) -> None:
    """Say to this process and its children where they count together. The library reads it from the environment."""
    if folder is None:
        os.environ.pop(_SHARED, None)
    else:
        os.environ[_SHARED] = str(folder)


def metrics_folder() -> Path | None:
    """Where the processes of this machine count together; None for one alone."""
    found = os.environ.get(_SHARED)
    return Path(found) if found else None
