"""`daybook import census`: census files, as a source of the census or as a check of it."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from app.cli import OK, REFUSED
from app.cli.house import open_house
from app.cli.messages import FILE, write_line


def _instant(_context: click.Context, _parameter: click.Parameter, text: str | None) -> datetime | None:
    from app.census.exports import instant_of

    try:
        return instant_of(text) if text else None
    except ValueError:
        raise click.BadParameter("write an instant such as 2026-03-05T06:00-06:00.") from None


@click.command("census")
@click.option("--facility", "code", required=True, help="Code of the facility.")
@click.option("--taken-at", callback=_instant, help="The instant whose census the files tell (ISO 8601).")
@click.argument("files", nargs=-1, required=True, type=FILE)
def import_census(code: str, taken_at: datetime | None, files: tuple[Path, ...]) -> int:
    """Take the census files FILES: tables of who is in the house at an instant (docs/census-file.md).

    Without --taken-at a file tells the census of the instant at which it was written last. Whether its rows are applied
    or only compared is a setting of the facility. Prints one JSON line per file: {"file", "id", "taken_at", "repeated",
    "applied", "rows", "refused", "error"}. What is wrong with single rows is told with line and column on standard
    error; the rest is taken, and the exit status is 1. Taking a file twice changes nothing.
    """
    from app.interop.census_file.taking.importing import import_files

    refused = 0
    with open_house():
        taken = [(path, taken_at or datetime.fromtimestamp(os.stat(path).st_mtime, UTC)) for path in files]
        for line in import_files(code, taken):
            write_line(line.shown())
            refused += line.refused or bool(line.error)
            for sentence in line.sentences:
                click.echo(f"{line.file}, {sentence}", err=True)
    click.echo(f"{len(files)} files, {refused} rows or files refused.", err=True)
    return REFUSED if refused else OK
