"""Old parts of the trail in files: the chain goes on over the border, nothing is lost, nothing is changed unseen."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.kernel.refusal import Refused
from app.platform import seal
from app.platform.archive import files, moving, proving
from app.platform.archive.moving import AskArchive, archive
from app.platform.archive.verifying import TRAILS
from app.platform.backup.keys import Keys, new_key, read_keys
from app.platform.work import Disclosure, disclose
from tests.support.stays import add_stay
from tests.support.world import World

LONG_AGO = datetime(2015, 6, 1, tzinfo=UTC)
BORDER = date(2016, 1, 1)
ANYTHING = f"select {', '.join(f'(select array_agg(t order by t.id) from {t} t where id <= %s)' for t in TRAILS)}"


@dataclass
class Old:
    """A trail whose first part was sealed long ago. `rows`: what was there before, by trail."""

    world: World
    owner: psycopg.Connection[Any]
    folder: Path
    border: int


@pytest.fixture
def old(world: World, tmp_path: Path) -> Old:
    add_stay(world)
    disclose(world.viewer("dana"), Disclosure("GET /old", [add_stay(world)]))
    for _ in range(2):
        world.owner.execute("select audit_seal_up_to(%s, 1000000, 1000000, 1000000)", (LONG_AGO,))
        disclose(world.viewer("dana"), Disclosure("GET /later", [add_stay(world)]))
    seal.seal_what_is_final()
    return Old(world, world.owner, tmp_path / "archive", 2)


def ask(old: Old, keys: Keys | None = None, **more: Any) -> AskArchive:
    return AskArchive(BORDER, old.folder, keys, **more)


def state(owner: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    """All rows of the three trails under the first seals, and the seals."""
    found: list[tuple[Any, ...]] = []
    for trail in (*TRAILS, "audit_seal"):
        found += owner.execute(f"select t::text from {trail} t where id < 1000 order by id").fetchall()  # type: ignore[arg-type]
    return found


def no_key() -> Keys:
    raise AssertionError("nothing is encrypted here")


def proven(old: Old, keys: Callable[[], Keys] = no_key) -> proving.FolderVerdict:
    return proving.prove_folder(old.folder, keys)


def test_moved_part_is_gone_from_the_tables_and_the_chain_goes_on(old: Old) -> None:
    before = seal.verify(old.owner)

    moved = archive(old.owner, ask(old))

    assert moved is not None and (moved.seal_from, moved.seal_to) == (1, 2)
    verdict, in_files = seal.verify(old.owner), proven(old)
    assert verdict.broken is None and verdict.archived == 2 and verdict.head == before.head
    assert in_files.why == "" and in_files.rows == moved.rows and in_files.seals == 2
    assert verdict.seals + in_files.seals == before.seals and verdict.rows + in_files.rows == before.rows
    assert not old.owner.execute("select from phi_access where route = 'GET /old'").fetchall()
    event = old.owner.execute("select facts ->> 'file' from audit_event where name = 'trail.archived'").fetchall()
    assert event == [(moved.file,)]
    seal.seal_what_is_final()
    assert seal.verify(old.owner).broken is None


def test_round_trip_gives_every_row_back_as_it_was(old: Old) -> None:
    before = state(old.owner)
    last = old.owner.execute("select max(id) from audit_event").fetchone()
    archive(old.owner, ask(old))
    assert state(old.owner) != before

    back = moving.restore(old.owner, old.folder, None)

    assert [one.seal_to for one in back] == [2]
    verdict = seal.verify(old.owner)
    assert verdict.broken is None and verdict.archived == 0
    assert set(before) <= set(state(old.owner)) and last is not None
    again = archive(old.owner, ask(old))
    assert again is not None and proven(old).why == "" and seal.verify(old.owner).broken is None


def test_present_and_its_earlier_instants_read_the_same_after_the_move(old: Old) -> None:
    """Views of earlier instants that are made of copies keep the last copy of each row."""
    views = [row[0] for row in old.owner.execute(moving._READ_FROM_COPIES.replace("%%", "%")).fetchall()]  # type: ignore[arg-type]
    assert "facility" in views or views

    def shown() -> list[Any]:
        with psycopg.connect(old.world.addresses.owner) as reader:
            reader.execute("select set_config('app.as_of', now()::text, true), set_config('app.facilities', '*', true)")
            return [reader.execute(f"select count(*) from as_of.{view}").fetchone() for view in views]  # type: ignore[arg-type]

    before = shown()
    archive(old.owner, ask(old))

    assert shown() == before and any(count != (0,) for count in before)


def test_encrypted_part_opens_with_its_key_only(old: Old, tmp_path: Path) -> None:
    new_key(tmp_path / "key")
    new_key(tmp_path / "other")
    moved = archive(old.owner, ask(old, read_keys(tmp_path / "key")))

    assert moved is not None and moved.file.endswith(".age")
    assert b"GET /old" not in (old.folder / moved.file).read_bytes()
    assert proven(old, lambda: read_keys(tmp_path / "key")).why == ""
    assert "key does not open" in proven(old, lambda: read_keys(tmp_path / "other")).why


@pytest.mark.parametrize(
    ("was", "becomes"),
    [(b"GET /old", b"GET /new"), (b'"form":2', b'"form":1'), (b'"rows":', b'"rows":9'),
     (b'"seal_to":2', b'"seal_to":3'), (b'"digest":"', b'"digest":"00')],
)  # fmt: skip
def test_changed_file_is_named(old: Old, was: bytes, becomes: bytes) -> None:
    moved = archive(old.owner, ask(old))
    assert moved is not None
    path = old.folder / moved.file
    text = gzip.decompress(path.read_bytes())
    assert was in text
    path.write_bytes(gzip.compress(text.replace(was, becomes, 1)))

    why = proven(old).why

    assert why.startswith(moved.file) and why.endswith(".")
    with pytest.raises(Refused, match="not as it was written"):
        moving.restore(old.owner, old.folder, None)


@pytest.mark.parametrize("deed", ["a row less", "a row of no trail", "two rows exchanged", "cut short", "flipped byte"])
def test_damaged_file_is_named(old: Old, deed: str) -> None:
    moved = archive(old.owner, ask(old))
    assert moved is not None
    path = old.folder / moved.file
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    if deed == "a row less":
        del lines[3]
    elif deed == "a row of no trail":
        said = json.loads(lines[1])
        lines[1] = json.dumps(said | {"rows": said["rows"] + 1}).encode() + b"\n"
        lines.insert(2, b'["1", 999999, 0, "nobody", null, "never.happened", null, null, null, {}]\n')
    elif deed == "two rows exchanged":
        lines[2], lines[3] = lines[3], lines[2]
    raw = gzip.compress(b"".join(lines))
    if deed == "cut short":
        raw = raw[: len(raw) // 2]
    elif deed == "flipped byte":
        raw = raw[:200] + bytes([raw[200] ^ 1]) + raw[201:]
    path.write_bytes(raw)

    assert proven(old).why.startswith(moved.file)


def test_what_was_left_behind_cannot_be_changed_unseen(old: Old) -> None:
    archive(old.owner, ask(old))
    old.owner.execute("alter table row_change disable trigger user")
    changed = old.owner.execute(
        "update row_change set actor = 'x' where id = (select min(id) from row_change)"
    ).rowcount

    verdict = seal.verify(old.owner)

    assert changed == 1 and verdict.broken is not None and verdict.why.endswith(".")


def test_changed_record_of_the_archive_breaks_the_chain(old: Old) -> None:
    archive(old.owner, ask(old))
    old.owner.execute("alter table audit_archive disable trigger user")
    old.owner.execute("update audit_archive set digest = sha256('x')")

    assert seal.verify(old.owner).broken == 3


def test_six_years_are_kept_and_a_copy_is_allowed(old: Old) -> None:
    young = date(2026, 1, 1)
    with pytest.raises(Refused, match="six years"):
        archive(old.owner, AskArchive(young, old.folder, None))
    before = seal.verify(old.owner)

    copied = archive(old.owner, AskArchive(young, old.folder, None, copy=True))

    assert copied is not None and copied.file.startswith("copy-of-") and (old.folder / copied.file).is_file()
    assert seal.verify(old.owner).archived == 0 and seal.verify(old.owner).seals == before.seals


def test_changed_trail_is_not_moved(old: Old) -> None:
    old.owner.execute("alter table audit_event disable trigger user")
    old.owner.execute("update audit_event set actor = 'x' where id = (select min(id) from audit_event)")

    with pytest.raises(Refused, match="Nothing was moved"):
        archive(old.owner, ask(old))
    assert not old.folder.exists() or not files.files_of(old.folder)


def test_application_role_can_neither_remove_nor_entomb(old: Old) -> None:
    for statement in ("delete from audit_archive", "delete from audit_event", "update audit_archive set file = 'x'",
                      "insert into audit_archive (file) values ('x')"):  # fmt: skip
        with (
            psycopg.connect(old.world.addresses.app) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)  # type: ignore[arg-type]


def test_killed_in_the_middle_nothing_is_lost_and_the_next_run_goes_through(old: Old) -> None:
    """The removal waits for a lock that we hold; the file is written by then. Then the power goes."""
    before = state(old.owner)
    script = (
        "import sys, psycopg, datetime, pathlib; from app.platform.archive.moving import AskArchive, archive;"
        "o = psycopg.connect(sys.argv[1], autocommit=True);"
        "archive(o, AskArchive(datetime.date(2016, 1, 1), pathlib.Path(sys.argv[2]), None))"
    )
    root = Path(__file__).parents[2]
    with psycopg.connect(old.world.addresses.owner) as holder:
        holder.execute("lock table audit_archive in share mode")
        process = subprocess.Popen(
            [sys.executable, "-c", script, old.world.addresses.owner, str(old.folder)], cwd=root, env=dict(os.environ)
        )
        deadline = time.monotonic() + 60
        while not files.files_of(old.folder) and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        assert files.files_of(old.folder), "the file was not written"
        process.send_signal(signal.SIGKILL)
        process.wait()

    verdict = seal.verify(old.owner)
    assert state(old.owner) == before and verdict.broken is None and verdict.archived == 0
    assert archive(old.owner, ask(old)) is not None
    assert seal.verify(old.owner).broken is None and proven(old).why == ""
