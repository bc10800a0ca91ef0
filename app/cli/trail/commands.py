"""`daybook audit`: proof of the trail, old parts in files, and back."""

import contextlib
import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import psycopg

from app.cli import REFUSED, EnvironmentFault
from app.cli.house import open_house, sentences, settings_of_environment
from app.cli.messages import write_line
from app.platform import seal
from app.platform.archive import moving, proving
from app.platform.archive.proving import FolderVerdict
from app.platform.backup.keys import BackupImpossible, read_keys

KEY = click.option("--key", type=click.Path(dir_okay=False, path_type=Path),
                   help="Key file; without it the one of DAYBOOK_BACKUP_KEY_FILE.")  # fmt: skip
FOLDER = click.Path(file_okay=False, path_type=Path)
DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def audit_command() -> None:
    """The audit trail."""


@audit_command.command("verify")
@click.option("--since", type=DAY, help="Only seals made on this day (UTC) or later.")
@click.option("--head", default="", help="A digest printed earlier; the chain must still hold it.")
@click.option("--archive", "folder", type=FOLDER, help="Also verify the archived parts in this folder.")
@click.option("--offline", is_flag=True, help="The files of --archive alone, without a database.")
@KEY
def verify(since: datetime | None, head: str, folder: Path | None, offline: bool, key: Path | None) -> int:
    """Compute every seal of the audit trail again. Exit status 1 when one does not fit.

    Prints {"seals", "rows", "unsealed", "unsealed_since", "archived", "broken", "why", "head"} and, with --archive,
    what the files prove. Keep `head` elsewhere: given as --head later, it proves that no seal was taken off the end.
    """
    if offline and folder is None:
        raise click.UsageError("--offline looks at files: say --archive FOLDER.")
    files = _files(folder, key) if folder is not None else None
    told: dict[str, Any] = {}
    faults = [f"The archive does not prove itself. {files.why}"] if files is not None and files.why else []
    if not offline:
        with open_house() as house, psycopg.connect(house.addresses.owner) as owner:
            verdict = seal.verify(owner, since.replace(tzinfo=UTC) if since else None, head)
            if files is not None and not files.why:
                faults += [f"The archive does not fit the database. {one}" for one in _differences(owner, files)]
        since_text = verdict.unsealed_since.isoformat() if verdict.unsealed_since else None
        told = dataclasses.asdict(verdict) | {"unsealed_since": since_text}
        faults += [f"The audit trail was changed. {verdict.why}"] if verdict.broken is not None else []
    if files is not None:
        told["archive"] = {"files": files.files, "seals": files.seals, "rows": files.rows, "to": files.seal_to}
    write_line(told)
    if faults:
        click.echo(" ".join(faults), err=True)
        return REFUSED
    click.echo("The archive is whole." if offline else "The audit trail is whole.", err=True)
    return 0


def _files(folder: Path, key: Path | None) -> FolderVerdict:
    if not folder.is_dir():
        raise EnvironmentFault(f"There is no folder {folder}.")
    with _faults():
        return proving.prove_folder(folder, lambda: read_keys(key or settings_of_environment().backup_key_file))


def _differences(owner: psycopg.Connection[Any], files: FolderVerdict) -> list[str]:
    """Where the files are not those that the database names, or the chain does not go on."""
    named = owner.execute(
        "select file, file_digest, digest, seal_from from audit_archive where ended_at is null order by seal_from"
    ).fetchall()
    for name, digest, _last, _from in named:
        if name not in files.names:
            return [f"{name}, which the database names, is not in the folder."]
        if files.names[name] != bytes(digest):
            return [f"{name} is not the file that was written."]
    if named and files.last != bytes(named[-1][2]):
        return ["The files do not end with the seal from which the database goes on."]
    return [] if named or not files.files else ["The folder holds parts, but none is named by this database."]


@audit_command.command("archive")
@click.option("--before", required=True, type=DAY, help="What was sealed before this day (UTC).")
@click.option("--copy", is_flag=True, help="Write the file and leave everything in the database; any day is allowed.")
@click.option("--in-the-clear", is_flag=True, help="Without encryption, where no key is set.")
@click.argument("folder", type=FOLDER)
@KEY
def archive(before: datetime, copy: bool, in_the_clear: bool, folder: Path, key: Path | None) -> None:
    """Move what is older than six years out of the audit trail, with its seals, into a file of FOLDER.

    The file is encrypted with the key of backups. It is on the disk, whole and verified, before anything is removed;
    the database keeps which seals lie where and goes on verifying. Keep FOLDER as long and as safely as the database.
    """
    with _faults():
        keys = None if in_the_clear else read_keys(key or settings_of_environment().backup_key_file)
        with open_house() as house, psycopg.connect(house.addresses.owner, autocommit=True) as owner:
            moved = moving.archive(owner, moving.AskArchive(before.date(), folder, keys, copy))
    write_line(dataclasses.asdict(moved) if moved else {})
    if moved is None:
        click.echo("Nothing is that old.", err=True)
    else:
        click.echo(f"{folder / moved.file}: {moved.rows} rows of seals {moved.seal_from} to {moved.seal_to}.", err=True)


@audit_command.command("restore-archive")
@click.argument("folder", type=FOLDER)
@KEY
def restore_archive(folder: Path, key: Path | None) -> None:
    """Put all archived parts of FOLDER back into the database, so that the pages answer for those years too.

    Everything is verified before it is kept. Archive again when the question is answered.
    """
    with _faults():
        path = key or settings_of_environment().backup_key_file
        keys = read_keys(path) if path is not None else None
        with open_house() as house, psycopg.connect(house.addresses.owner, autocommit=True) as owner:
            back = moving.restore(owner, folder, keys)
    write_line({"files": len(back), "rows": sum(one.rows for one in back)})
    counted = "1 part is" if len(back) == 1 else f"{len(back)} parts are"
    click.echo(f"{counted} back, up to seal {back[-1].seal_to}.", err=True)


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    try:
        with sentences():
            yield
    except BackupImpossible as error:
        raise EnvironmentFault(str(error)) from error
