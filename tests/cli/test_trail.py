"""`daybook audit` as an administrator meets it: parts move out, prove themselves, come back; what was done is named."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from app.cli import run
from app.platform import work
from app.platform.backup.keys import new_key
from tests.platform.test_archive import Old, old

__all__ = ["old"]

Said = Callable[..., tuple[int, dict[str, object], str]]


@pytest.fixture
def daybook(old: Old, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """`daybook audit` on a trail with two old seals: status, object on standard output, sentences beside it."""
    monkeypatch.setenv("DATABASE_URL", old.world.addresses.owner)
    monkeypatch.setenv("DAYBOOK_APP_DATABASE_URL", old.world.addresses.app)
    monkeypatch.setenv("DAYBOOK_HOME", str(tmp_path))
    work.engine().dispose()

    def said(*words: str | Path) -> tuple[int, dict[str, object], str]:
        capsys.readouterr()
        status = run(["audit", *map(str, words)])
        heard = capsys.readouterr()
        assert "Traceback" not in heard.err
        return status, json.loads(heard.out) if heard.out else {}, heard.err

    return said


def moved(daybook: Said, folder: Path, *words: str | Path) -> Path:
    """Move the old part out; its file."""
    status, told, err = daybook("archive", "--before", "2016-01-01", folder, *words)
    assert status == 0, err
    assert told["seal_from"] == 1 and told["seal_to"] == 2 and "rows of seals 1 to 2" in err
    return folder / str(told["file"])


def test_a_part_moves_out_proves_itself_and_comes_back(daybook: Said, old: Old, monkeypatch: pytest.MonkeyPatch):
    _status, before, _err = daybook("verify")
    file = moved(daybook, old.folder, "--in-the-clear")
    assert file.is_file()

    status, told, err = daybook("verify", "--archive", old.folder)
    assert (status, told["broken"], told["archived"]) == (0, None, 2) and "The audit trail is whole." in err
    archive = told["archive"]
    assert isinstance(archive, dict) and (archive["files"], archive["seals"], archive["to"]) == (1, 2, 2)
    assert told["head"] == before["head"] and told["rows"] + archive["rows"] == before["rows"]  # type: ignore[operator]
    assert daybook("verify", "--head", str(before["head"]))[0] == 0
    assert daybook("archive", "--before", "2016-01-01", old.folder, "--in-the-clear")[::2] == (
        0, "Nothing is that old.\n",
    )  # fmt: skip

    status, told, err = daybook("restore-archive", old.folder)
    assert (status, told["files"]) == (0, 1) and "1 part is back, up to seal 2." in err
    status, told, _err = daybook("verify")
    assert (status, told["archived"]) == (0, 0)
    status, _told, err = daybook("restore-archive", old.folder)
    assert status == 1 and "No part of the trail lies in an archive." in err


def test_files_are_verified_where_no_database_answers(
    daybook: Said, old: Old, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    new_key(tmp_path / "key")
    new_key(tmp_path / "other")
    file = moved(daybook, old.folder, "--key", tmp_path / "key")
    assert file.name.endswith(".age")
    monkeypatch.setenv("DATABASE_URL", "postgresql://daybook@127.0.0.1:1/daybook")

    status, told, err = daybook("verify", "--offline", "--archive", old.folder, "--key", tmp_path / "key")
    assert status == 0 and list(told) == ["archive"] and err == "The archive is whole.\n"
    assert daybook("verify", "--archive", old.folder, "--key", tmp_path / "key")[0] == 3

    status, _told, err = daybook("verify", "--offline", "--archive", old.folder, "--key", tmp_path / "other")
    assert status == 1 and "the key does not open it" in err and "was changed" not in err
    status, _told, err = daybook("verify", "--offline", "--archive", old.folder)
    assert status == 3 and "There is no key for backups." in err
    status, _told, err = daybook("verify", "--offline", "--archive", tmp_path / "nowhere")
    assert status == 3 and "There is no folder" in err
    status, _told, err = daybook("verify", "--offline")
    assert status == 2 and "say --archive FOLDER" in err


@pytest.mark.parametrize("words", [[], ["--offline"]], ids=["database", "offline"])
def test_a_changed_file_is_named_and_does_not_come_back(daybook: Said, old: Old, words: list[str]):
    file = moved(daybook, old.folder, "--in-the-clear")
    text = gzip.decompress(file.read_bytes())
    assert text.count(b"GET /old") > 0
    file.write_bytes(gzip.compress(text.replace(b"GET /old", b"GET /new")))

    status, _told, err = daybook("verify", "--archive", old.folder, *words)

    assert status == 1 and err.startswith(f"The archive does not prove itself. {file.name}: Seal ")
    status, _told, err = daybook("restore-archive", old.folder)
    assert status == 1 and f"{file.name} is not as it was written." in err
    assert daybook("verify")[0] == 0, "the database itself is whole"


def test_a_lost_file_a_strange_folder_and_a_changed_database_are_told_apart(daybook: Said, old: Old, tmp_path: Path):
    file = moved(daybook, old.folder, "--in-the-clear")
    empty = tmp_path / "empty"
    empty.mkdir()

    status, _told, err = daybook("verify", "--archive", empty)
    assert status == 1 and f"{file.name}, which the database names, is not in the folder." in err
    status, _told, err = daybook("restore-archive", empty)
    assert status == 1 and "Bring the folder to which it was moved." in err
    with psycopg.connect(old.world.addresses.owner) as owner:
        owner.execute("alter table audit_event disable trigger user")
        owner.execute("update audit_event set actor = 'nobody' where id = (select min(id) from audit_event)")
    status, told, err = daybook("verify", "--archive", old.folder)
    assert (status, told["broken"]) == (1, 3) and err.startswith("The audit trail was changed. Seal 3 does not fit")
    status, _told, err = daybook("restore-archive", old.folder)
    assert status == 1 and "Nothing was brought back: the trail was changed. Seal 3" in err


def test_young_days_keys_and_days_are_asked_for(daybook: Said, old: Old):
    status, _told, err = daybook("archive", "--before", "2026-01-01", old.folder, "--in-the-clear")
    assert status == 1 and "six years" in err and "--copy" in err
    status, _told, err = daybook("archive", "--before", "2016-01-01", old.folder)
    assert status == 3 and "There is no key for backups." in err
    assert daybook("archive", "--before", "long ago", old.folder)[0] == 2
    status, told, _err = daybook("archive", "--before", "2026-01-01", old.folder, "--in-the-clear", "--copy")
    assert status == 0 and str(told["file"]).startswith("copy-of-")
    assert daybook("verify")[1]["archived"] == 0
