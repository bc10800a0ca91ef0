"""A backup that cannot be restored is none: the whole way there and back, and everything that must be refused."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pyrage
import pytest

from app.accounts.people import AddUser, add_user
from app.census.commands import refold_all
from app.cli import run
from app.kernel.refusal import Refused
from app.platform import postgres, seal, work
from app.platform.backup import making
from app.platform.backup.container import Incoming, Inspection, Manifest, Outgoing
from app.platform.backup.keys import BackupImpossible, new_key, read_keys
from app.platform.backup.tools import find_tool, surroundings
from app.platform.db import open_engine
from app.platform.postgres import Addresses
from app.platform.work import begin, everywhere, reading
from app.security.passwords import verify_password
from tests.support.feed import Telling
from tests.support.world import PASSWORD, World

STORY = (
    "A01 | visit VISIT-100 | rec 03-10 08:15 | occ 03-10 08:00 | bed 4W^401^A\n"
    "A02 | visit VISIT-100 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A\n"
)
DIGESTS = (
    "select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public'"
    " and c.relkind = 'r' and relname not in ('user_session', 'sign_in_attempt') order by 1"
)


def digests(url: str) -> dict[str, str]:
    """Every table row by row, as one digest each. The audit trail is compared apart: a restore adds to it."""
    with psycopg.connect(url) as owner:
        names = [row[0] for row in owner.execute(DIGESTS)]
        found: dict[str, str] = {}
        for name in names:
            row = owner.execute(
                f"select md5(coalesce(string_agg(t::text, chr(10) order by t::text), '')) from {name} t"  # type: ignore[arg-type]
            ).fetchone()
            assert row is not None
            found[name] = row[0]
        return found


@pytest.fixture
def empty(server: str) -> Iterator[Addresses]:
    """A database with nothing in it, as on a new machine."""
    name = f"r_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")  # type: ignore[arg-type]
    owner = postgres.in_database(server, name)
    yield Addresses(owner=owner, app=postgres.as_role(owner, postgres.APP_ROLE, None), embedded=True)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")  # type: ignore[arg-type]


_numbers = iter(range(10_000))


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    new_key(path)
    return path


def use(addresses: Addresses, home: Path, patch: pytest.MonkeyPatch) -> None:
    """What follows works on this database."""
    patch.setenv("DATABASE_URL", addresses.owner)
    patch.setenv("DAYBOOK_APP_DATABASE_URL", addresses.app)
    patch.setenv("DAYBOOK_HOME", str(home))


@pytest.fixture
def kept(world: World, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup of a small hospital with a stay, people and a sealed trail."""
    Telling(world).tell(STORY)
    with begin(everywhere("test")) as change:
        add_user(change, AddUser(name="rita", display_name="Rita Sand", password=PASSWORD))
    seal.seal_what_is_final()
    work.engine().dispose()  # whoever restores is alone with the database
    home = tmp_path / "first"
    home.mkdir()
    (home / "plan.json").write_text('{"seed": 7}')
    use(world.addresses, home, monkeypatch)
    file = tmp_path / "daybook.backup"
    assert run(["backup", str(file), "--key", str(key)]) == 0
    return file


def test_a_restore_gives_every_row_again_and_people_sign_in(
    kept: Path, key: Path, world: World, empty: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before = digests(world.addresses.owner)
    use(empty, tmp_path / "second", monkeypatch)

    assert run(["restore", str(kept), "--key", str(key)]) == 0

    after = digests(empty.owner)
    differing = {name for name in before | after if before.get(name) != after.get(name)}
    assert differing <= {"audit_event"}  # it tells of the restore
    assert (tmp_path / "second" / "plan.json").read_text() == '{"seed": 7}'
    engine = open_engine(empty.app, size=2)
    work.connect(engine)
    try:
        with reading(everywhere("test")) as view:
            hashed = view.value("select password_hash from app_user where name = 'rita'")
            assert list(refold_all(view)) == []
            assert view.value("select count(*) from user_session") == 0
            told = view.values("select name from audit_event where name like 'backup.%' order by id")
        assert verify_password(hashed, PASSWORD)
        assert told == ["backup.made", "backup.restored"]
        with psycopg.connect(empty.owner) as owner:
            verdict = seal.verify(owner)
            left = owner.execute("select count(*) from pg_namespace where nspname like 'before%'").fetchone()
        assert verdict.broken is None and verdict.seals > 0
        assert left == (0,)
        Telling(replace_world(world, empty), first=10).tell("A03 | rec 03-14 11:30 | occ 03-14 11:20 | disp 01\n")
    finally:
        engine.dispose()


def replace_world(world: World, addresses: Addresses) -> World:
    """The same hospital, known from another database."""
    copy = object.__new__(World)
    copy.__dict__.update({**world.__dict__, "addresses": addresses})
    return copy


def test_data_is_left_alone_without_replace_and_replaced_with_it(
    kept: Path, key: Path, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    before = digests(world.addresses.owner)
    with begin(everywhere("test")) as change:
        change.write("encounter", "update encounter set service = 'SURGERY'")
        change.record(making.BackupMade(file="none"))
    work.engine().dispose()
    changed = digests(world.addresses.owner)

    assert run(["restore", str(kept), "--key", str(key)]) == 1
    assert "--replace" in capsys.readouterr().err
    assert digests(world.addresses.owner) == changed

    assert run(["restore", str(kept), "--key", str(key), "--replace"]) == 0
    assert digests(world.addresses.owner)["encounter"] == before["encounter"] != changed["encounter"]


SAID = {
    "wrong key": "does not open",
    "public key": "public keys only",
    "cut short": "cut short",
    "cut in its head": "cut short",
    "changed": "damaged",
    "no backup": "no encrypted backup",
}


@pytest.mark.parametrize("harm", SAID)
def test_what_cannot_be_trusted_is_refused_and_nothing_changes(
    harm: str, kept: Path, key: Path, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    before = digests(world.addresses.owner)
    data = kept.read_bytes()
    other = tmp_path / "other"
    public = new_key(other)
    if harm == "wrong key":
        key = other
    elif harm == "public key":
        key.write_text(public)
    elif harm == "cut short":
        kept.write_bytes(data[: len(data) - 20_000])
    elif harm == "cut in its head":
        kept.write_bytes(data[:90])
    elif harm == "changed":
        kept.write_bytes(data[:40_000] + bytes([data[40_000] ^ 1]) + data[40_001:])
    else:
        kept.write_bytes(b"just a letter\n" * 100)

    assert run(["restore", str(kept), "--key", str(key), "--replace"]) == 1

    said = capsys.readouterr().err
    assert SAID[harm] in said
    assert "Traceback" not in said
    assert digests(world.addresses.owner) == before


def altered(kept: Path, key: Path, **changes: Any) -> None:
    """Write the backup again with another manifest."""

    class Kept(Inspection):
        def __init__(self) -> None:
            super().__init__()
            self.all = b""

        def write(self, data: bytes, /) -> object:
            self.all += data
            return None

    import io

    keys, dump, out = read_keys(key), Kept(), io.BytesIO()
    incoming = Incoming(dump)
    with kept.open("rb") as file:
        pyrage.decrypt_io(file, incoming, list(keys.identities))
    assert incoming.manifest is not None
    manifest: Manifest = msgspec.structs.replace(incoming.manifest, **changes)
    pyrage.encrypt_io(Outgoing(manifest, io.BytesIO(dump.all), lambda _count: None), out, list(keys.recipients))
    kept.write_bytes(out.getvalue())


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"revision": "9999"}, 1, "newer version"),
        ({"postgres": 97}, 3, "Install the client programs of PostgreSQL 97"),
        ({"rows": {"app_user": 1}}, 3, "Rows are missing"),
    ],
)
def test_a_backup_that_does_not_fit_puts_everything_back(
    changes: dict[str, Any], status: int, says: str, kept: Path, key: Path, world: World,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    before = digests(world.addresses.owner)
    altered(kept, key, **changes)

    assert run(["restore", str(kept), "--key", str(key), "--replace"]) == status
    assert says in capsys.readouterr().err
    assert digests(world.addresses.owner) == before


def test_a_running_installation_is_not_restored_over(
    kept: Path, key: Path, world: World, capsys: pytest.CaptureFixture[str]
):
    with psycopg.connect(world.addresses.app):
        assert run(["restore", str(kept), "--key", str(key), "--replace"]) == 1

    assert "Stop Daybook" in capsys.readouterr().err


def test_a_restore_that_was_killed_is_finished_by_the_next(
    kept: Path, key: Path, world: World, capsys: pytest.CaptureFixture[str]
):
    before = digests(world.addresses.owner)
    with psycopg.connect(world.addresses.owner, autocommit=True) as owner:
        owner.execute("alter schema public rename to before_restore_public")
        owner.execute("create schema public")

    assert run(["restore", str(kept), "--key", str(key)]) == 1
    assert "--replace" in capsys.readouterr().err
    assert digests(world.addresses.owner) == before
    with psycopg.connect(world.addresses.owner, autocommit=True) as owner:
        owner.execute("alter schema public rename to before_restore_public")
        owner.execute("create schema public")
        owner.execute("create table public.app_user as select * from before_restore_public.app_user")
    assert run(["restore", str(kept), "--key", str(key), "--replace"]) == 1
    assert "was used since" in capsys.readouterr().err


def test_nothing_of_a_patient_can_be_read_in_the_file(kept: Path):
    data = kept.read_bytes()

    assert data.startswith(b"age-encryption.org/v1\n")
    for telling in (b"PGDMP", b"DAYBOOK BACKUP", b"VISIT-100", b"Rita Sand"):  # too long to arise by chance
        assert telling not in data
    assert kept.stat().st_mode & 0o077 == 0
    assert [path.name for path in kept.parent.iterdir() if ".part" in path.name] == []


def test_a_backup_needs_a_key_and_never_writes_over(
    kept: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    data = kept.read_bytes()

    assert run(["backup", str(tmp_path / "b")]) == 3
    assert "no key for backups" in capsys.readouterr().err
    assert run(["backup", str(kept), "--key", str(key)]) == 1
    assert "never written over" in capsys.readouterr().err
    assert run(["backup", "--new-key", str(key)]) == 1
    assert run(["backup"]) == 2
    monkeypatch.setenv("DAYBOOK_BACKUP_KEY_FILE", str(key))
    assert run(["backup", str(tmp_path / "b")]) == 0

    assert kept.read_bytes() == data and (tmp_path / "b").exists()


def test_the_public_part_is_enough_to_write(kept: Path, key: Path, tmp_path: Path):
    public = tmp_path / "public"
    public.write_text(str(read_keys(key).recipients[0]) + "\n")

    assert run(["backup", str(tmp_path / "b"), "--key", str(public)]) == 0
    altered(tmp_path / "b", key)  # the secret part opens it


def test_a_key_file_that_holds_something_else_is_named(tmp_path: Path):
    path = tmp_path / "key"
    path.write_text("# a comment\nopen sesame\n")

    with pytest.raises(Refused, match="line 2 is no key"):
        read_keys(path)
    with pytest.raises(BackupImpossible, match="cannot be read"):
        read_keys(tmp_path / "absent")


def test_tools_are_of_the_servers_version_and_no_password_is_an_argument(addresses: Addresses):
    tool = find_tool("pg_dump", postgres.server_version(addresses.owner) // 10000)

    assert tool.major == 18
    found = surroundings("postgresql+psycopg://owner:s3cret@db.example:5433/daybook?sslmode=require")
    assert found["PGPASSWORD"] == "s3cret" and found["PGPORT"] == "5433" and found["PGSSLMODE"] == "require"
