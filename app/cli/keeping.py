"""`daybook backup` and `daybook restore`: the whole installation in one encrypted file, and back."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from app.cli import EnvironmentFault
from app.cli.house import connected, open_database, sentences, settings_of_environment
from app.kernel.wording import moment_text
from app.platform import postgres, schema
from app.settings import Settings

KEY = click.option("--key", type=click.Path(dir_okay=False, path_type=Path),
                   help="Key file; without it the one of DAYBOOK_BACKUP_KEY_FILE.")  # fmt: skip


@click.command("backup")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@KEY
@click.option("--new-key", type=click.Path(dir_okay=False, path_type=Path), help="Make a key, and nothing else.")
def backup_command(file: Path | None, key: Path | None, new_key: Path | None) -> None:
    """Write everything to the encrypted FILE, while others go on working.

    One consistent picture of the database and the small files of DAYBOOK_HOME. Encrypted in the age format for the keys
    of the key file; a server needs their public part only. FILE appears when it is whole and is never written over.
    Sessions stay behind: after a restore everybody signs in again. Make a key once with --new-key FILE.
    """
    from app.platform.backup import keys, making

    if new_key is not None:
        with sentences():
            public = keys.new_key(new_key)
        click.echo(f"The secret key is in {new_key}. Keep it apart from the backups: without it none can be read.",
                   err=True)  # fmt: skip
        click.echo(public)
        return
    if file is None:
        raise click.UsageError("Say the FILE to write, or --new-key FILE.")
    settings = settings_of_environment()
    with _faults(keys.BackupImpossible):
        found = keys.read_keys(key or settings.backup_key_file)
        with open_database(settings) as addresses, connected(addresses, size=2), _bytes("written", None) as told:
            manifest = making.make(addresses, making.MakeBackup(file, found, settings.home, told))
    size = file.stat().st_size / 1024**2
    click.echo(f"{file}: {size:.1f} MiB, {sum(manifest.rows.values())} rows of {len(manifest.rows)} tables.", err=True)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@KEY
@click.option("--replace", is_flag=True, help="Put the backup in the place of the data that is there.")
def restore_command(file: Path, key: Path | None, replace: bool) -> None:
    """Make the database again from the backup FILE, and check it.

    FILE is read to its end before anything is touched. A database that holds data is left alone without --replace; what
    was there stays until the restored rows have been counted and the audit trail verified. Daybook must not run.
    """
    from app.platform.backup import keys, restoring
    from app.platform.work import begin, everywhere

    settings = settings_of_environment()
    with _faults(keys.BackupImpossible), postgres.database(settings) as addresses:
        found = keys.read_keys(key or settings.backup_key_file)
        with _bytes("read", 2 * file.stat().st_size) as told:
            ask = restoring.RestoreBackup(file, found, settings.home, replace, told)
            manifest = restoring.restore(addresses, ask)
        schema.upgrade(addresses.owner)
        with connected(addresses, size=2):
            with begin(everywhere("restore")) as work:
                work.record(restoring.BackupRestored(file=file.name, made_at=manifest.made_at))
                shown = moment_text(manifest.made_at, manifest.made_at.tzinfo or work.now.tzinfo, work.now)  # type: ignore[arg-type]
            _say_what_is_sound(settings, addresses)
    rows = sum(manifest.rows.values())
    click.echo(f"Restored {rows} rows of {len(manifest.rows)} tables as of {shown} UTC. Everybody signs in again.",
               err=True)  # fmt: skip
    click.echo("Messages that were acknowledged later must be sent again: `daybook facility last-messages` says from"
               " which on.", err=True)  # fmt: skip


def _say_what_is_sound(settings: Settings, addresses: postgres.Addresses) -> None:
    from app.cli.upkeep.sealing import finding as secrets
    from app.platform.doctor import examine

    for finding in (*examine(settings, addresses), secrets(settings)):
        click.echo(f"{'ok  ' if finding.sound else 'FAIL'}  {finding.question}: {finding.sentence}", err=True)


@contextlib.contextmanager
def _faults(kind: type[RuntimeError]) -> Iterator[None]:
    try:
        with sentences():
            yield
    except kind as error:
        raise EnvironmentFault(str(error)) from error


@contextlib.contextmanager
def _bytes(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Progress on a terminal; elsewhere nothing, since a backup usually runs by the clock."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)
