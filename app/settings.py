"""What the surroundings decide: read once, here and nowhere else, into a frozen value."""

import dataclasses
import inspect
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
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
        requests_per_minute: how often a person may ask in a minute, at each process of the web; a tenth of it for files
            and searches, four times as often for an address where nobody is signed in (`DAYBOOK_REQUESTS_PER_MINUTE`).
        backup_key_file: file with the key of encrypted backups (`DAYBOOK_BACKUP_KEY_FILE`); the public part is
            enough to write them.
        secret_key_file: file with the keys that seal secrets in the database (`DAYBOOK_SECRET_KEY_FILE`); without it
            `secret-keys` inside the folder of the program, made when it is first needed.
        metrics_token: whoever sends it as a bearer token may read `/metrics` (`DAYBOOK_METRICS_TOKEN`).
        metrics_from: networks that may read `/metrics` without a token, beside this machine; commas between
            (`DAYBOOK_METRICS_FROM`).
        payer_files: folder below which files for payers and from them lie (`DAYBOOK_PAYER_FILES`); without it
            `payer-files` inside the folder of the program.
        smtp_url: mail server for links to vendors, such as `smtp://user:word@mail.example:587` or `smtps://…`
            (`DAYBOOK_SMTP_URL`); without it links are shown to be copied.
        mail_from: address from which such mail comes (`DAYBOOK_MAIL_FROM`).
        public_url: address under which people outside reach this installation, for links in mail
            (`DAYBOOK_PUBLIC_URL`).
        mail_domains: domains besides that of `mail_from` to which reports of measures may be mailed; commas between
            (`DAYBOOK_MAIL_DOMAINS`).
        mail_figures: mails with a report carry its figures as a PDF (`DAYBOOK_MAIL_FIGURES=1`); without it they carry
            the way to it, which needs a sign-in.
        oidc_issuer: the hospital's identity provider, as it calls itself (`DAYBOOK_OIDC_ISSUER`); without it people
            sign in with passwords only. Needs the public address of this installation.
        oidc_client_id: the name under which the provider knows this installation (`DAYBOOK_OIDC_CLIENT_ID`).
        oidc_client_secret: the word that proves it (`DAYBOOK_OIDC_CLIENT_SECRET`, or the path of a file with it in
            `DAYBOOK_OIDC_CLIENT_SECRET_FILE`).
        oidc_scopes: what is asked of the provider (`DAYBOOK_OIDC_SCOPES`); add `offline_access` where it hands out
            refresh tokens for that only.
        oidc_groups_claim: the claim with a person's groups (`DAYBOOK_OIDC_GROUPS_CLAIM`); dots lead into others.
        oidc_name_claim: the claim with the user name by which a prepared person is found
            (`DAYBOOK_OIDC_NAME_CLAIM`). It must be one that people cannot change themselves.
        oidc_label: the provider's name on the button of the sign-in page (`DAYBOOK_OIDC_LABEL`).
        oidc_hosts: further hosts of the provider, such as `keys.example` or `keys.example:8443`; commas between
            (`DAYBOOK_OIDC_HOSTS`).
        oidc_amr: words of the claim amr that mean that a second factor was asked; commas between
            (`DAYBOOK_OIDC_AMR`).
        oidc_acr: values of the claim acr that mean the same; commas between (`DAYBOOK_OIDC_ACR`).
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
    requests_per_minute: int = 600
    backup_key_file: Path | None = None
    secret_key_file: Path | None = None
    metrics_token: str = ""
    metrics_from: tuple[Network, ...] = ()
    payer_files: Path | None = None
    smtp_url: str = ""
    mail_from: str = ""
    public_url: str = ""
    mail_domains: tuple[str, ...] = ()
    mail_figures: bool = False
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = dataclasses.field(default="", repr=False)
    oidc_scopes: str = "openid profile email groups"
    oidc_groups_claim: str = "groups"
    oidc_name_claim: str = "preferred_username"
    oidc_label: str = "your hospital account"
    oidc_hosts: tuple[str, ...] = ()
    oidc_amr: tuple[str, ...] = ("mfa",)
    oidc_acr: tuple[str, ...] = ()
    log: str = "json"
    log_requests: bool = True
    template_checks: bool = False

    @property
    def report_domains(self) -> tuple[str, ...]:
        """Where reports may be mailed to: the domain of the sender, and those that were allowed besides."""
        own = self.mail_from.rpartition("@")[2].strip("> ")
        return (*((own,) if own else ()), *self.mail_domains)

    @property
    def secret_keys(self) -> Path:
        """Where the keys lie that seal secrets in the database."""
        return self.secret_key_file or self.home / "secret-keys"

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
            requests_per_minute=_whole(found, "DAYBOOK_REQUESTS_PER_MINUTE", 600),
            backup_key_file=Path(key_file).resolve() if (key_file := found.get("DAYBOOK_BACKUP_KEY_FILE")) else None,
            secret_key_file=Path(keys).resolve() if (keys := found.get("DAYBOOK_SECRET_KEY_FILE")) else None,
            metrics_token=found.get("DAYBOOK_METRICS_TOKEN", ""),
            metrics_from=_networks(found.get("DAYBOOK_METRICS_FROM", "")),
            payer_files=Path(files).resolve() if (files := found.get("DAYBOOK_PAYER_FILES")) else None,
            smtp_url=_mail_server(found.get("DAYBOOK_SMTP_URL", "")),
            mail_from=found.get("DAYBOOK_MAIL_FROM", ""),
            public_url=_public(found.get("DAYBOOK_PUBLIC_URL", "")),
            mail_domains=_names(found.get("DAYBOOK_MAIL_DOMAINS", "")),
            mail_figures=found.get("DAYBOOK_MAIL_FIGURES") == "1",
            **_identity(found),
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
_ADDRESSES = ("database_url", "app_database_url", "smtp_url")


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
    if value == "":
        return "not set"
    if name in _ADDRESSES and isinstance(value, str):
        parts = urlsplit(value)
        return f"{parts.scheme}://…@{parts.hostname or ''}{parts.path}" if parts.password else value.partition("?")[0]
    if name in ("metrics_token", "oidc_client_secret"):
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


def _mail_server(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise ValueError("DAYBOOK_SMTP_URL must read smtp://server:port or smtps://server:port.")
    return text


def _public(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("DAYBOOK_PUBLIC_URL must be an address such as https://daybook.example.")
    return text.rstrip("/")


def _identity(found: Mapping[str, str]) -> dict[str, Any]:
    """What is set of the identity provider; half of it is refused, since people would find out at the sign-in."""
    issuer = found.get("DAYBOOK_OIDC_ISSUER", "")
    texts = {
        f"oidc_{name.lower()}": found[f"DAYBOOK_OIDC_{name}"]
        for name in ("CLIENT_ID", "SCOPES", "GROUPS_CLAIM", "NAME_CLAIM", "LABEL")
        if found.get(f"DAYBOOK_OIDC_{name}")
    }
    lists = {
        f"oidc_{name.lower()}": _names(found[f"DAYBOOK_OIDC_{name}"])
        for name in ("HOSTS", "AMR", "ACR")
        if f"DAYBOOK_OIDC_{name}" in found
    }
    secret = found.get("DAYBOOK_OIDC_CLIENT_SECRET", "")
    if path := found.get("DAYBOOK_OIDC_CLIENT_SECRET_FILE"):
        try:
            secret = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError):
            raise ValueError("The file of DAYBOOK_OIDC_CLIENT_SECRET_FILE cannot be read.") from None
    if issuer and not _is_issuer(issuer):
        raise ValueError("DAYBOOK_OIDC_ISSUER must be an address such as https://sign-in.example, without a query.")
    if issuer and not (secret and texts.get("oidc_client_id") and found.get("DAYBOOK_PUBLIC_URL")):
        raise ValueError(
            "DAYBOOK_OIDC_ISSUER needs DAYBOOK_OIDC_CLIENT_ID, DAYBOOK_OIDC_CLIENT_SECRET and DAYBOOK_PUBLIC_URL."
        )
    return {"oidc_issuer": issuer, "oidc_client_secret": secret, **texts, **lists}


def _is_issuer(text: str) -> bool:
    """https, and plain http on this machine only; nothing behind the path."""
    parts = urlsplit(text)
    host = parts.hostname or ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in ("localhost", "127.0.0.1", "::1"))
    return bool(host) and safe and not (parts.query or parts.fragment or "@" in parts.netloc)


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


def give_memory_back() -> None:
    """Let programs started from here return memory to the system once they have no use for it (GNU C library).

    A database server that plans a wide list takes 60 MiB for a moment, and each of its processes would keep them.
    """
    os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(1024 * 1024))
    os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(4 * 1024 * 1024))


def metrics_folder() -> Path | None:
    """Where the processes of this machine count together; None for one alone."""
    found = os.environ.get(_SHARED)
    return Path(found) if found else None
