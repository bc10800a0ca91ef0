"""Questions that an installation must be able to answer: is the database there, is it ours, is it guarded, is it sound.

The program's own parts only; what the features add is asked by the command.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from app.platform import postgres, schema, seal
from app.platform.postgres import Addresses
from app.settings import Settings

SCARCE_BYTES = 2 * 1024**3
OLDEST_SERVER = 180_000
# These name a facility, and hold no patient data.
_NO_PATIENTS = ("user_session", "inbound_pending", "role_grant", "identity_role")


@dataclass(frozen=True, slots=True)
class Finding:
    """One question and its answer. `sound` False means that something must be done, which the sentence says."""

    question: str
    sound: bool
    sentence: str


def examine(settings: Settings, addresses: Addresses) -> Iterator[Finding]:
    """Ask everything in turn. Without a database, or with an older schema, the questions after it have no answer."""
    try:
        version = postgres.server_version(addresses.owner)
    except psycopg.OperationalError:
        yield Finding("database", False, "The database does not answer. Check the server and DATABASE_URL.")
        return
    where = "embedded" if addresses.embedded else "external"
    good = version >= OLDEST_SERVER
    yield Finding("database", good, f"PostgreSQL {version // 10000}.{version % 10000}, {where}" + (
        "." if good else "; 18 or newer is needed."))  # fmt: skip
    found = _schema(addresses)
    yield found
    if not found.sound:
        return
    with psycopg.connect(addresses.owner) as owner:
        yield _role_of_application(addresses, owner)
        yield _policies(owner)
        yield _seals(owner)
    yield _disk(settings)


def _schema(addresses: Addresses) -> Finding:
    with schema.owner_connection(addresses.owner) as connection:
        if schema.is_current(connection):
            return Finding("schema", True, "All migrations are applied.")
    return Finding("schema", False, "Migrations are missing. Run `daybook migrate`.")


def _role_of_application(addresses: Addresses, owner: psycopg.Connection[Any]) -> Finding:
    try:
        with psycopg.connect(addresses.app, connect_timeout=5) as connection:
            name: Any = connection.execute("select current_user").fetchone()
    except psycopg.OperationalError:
        return Finding("application role", False, "It cannot sign in. Check DAYBOOK_APP_DATABASE_URL.")
    row: Any = owner.execute(
        "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb, (select count(*) from pg_class where relowner"
        " = r.oid) + (select count(*) from pg_namespace where nspowner = r.oid)"
        " + (select count(*) from pg_proc where proowner = r.oid) from pg_roles r where rolname = %s",
        name,
    ).fetchone()
    if row[0]:
        return Finding("application role", False, f"{name[0]} can pass row policies. Take its attributes away.")
    if row[1]:
        return Finding("application role", False, f"{name[0]} owns {row[1]} things; policies do not hold for it.")
    return Finding("application role", True, f"The role {name[0]} owns nothing and cannot pass row policies.")


def _policies(owner: psycopg.Connection[Any]) -> Finding:
    open_tables = [
        row[0]
        for row in owner.execute(
            "select distinct c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname ="
            " 'facility_id' and not a.attisdropped where c.relkind in ('r', 'p')"
            " and c.relnamespace = to_regnamespace('public')"
            " and not c.relrowsecurity and c.relname <> all(%s) order by 1",
            (list(_NO_PATIENTS),),
        )
    ]
    if open_tables:
        return Finding("row policies", False, f"Tables without a row policy: {', '.join(open_tables)}.")
    return Finding("row policies", True, "Every table with a facility has its row policy.")


def _seals(owner: psycopg.Connection[Any]) -> Finding:
    verdict = seal.verify(owner)
    if verdict.broken is not None:
        return Finding("audit trail", False, f"The trail was changed. {verdict.why}")
    earlier = f" Seals up to {verdict.archived} lie in the archive." if verdict.archived else ""
    found = f"{verdict.rows} rows, {verdict.seals} seals, {verdict.unsealed} unsealed.{earlier}"
    return Finding("audit trail", True, found)


def _disk(settings: Settings) -> Finding:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    enough = free >= SCARCE_BYTES
    sentence = f"{free / 1024**3:.1f} GiB free for {settings.home}."
    return Finding("disk", enough, sentence if enough else f"{sentence} Make room: at least 2 GiB.")
