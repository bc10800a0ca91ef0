"""`daybook import` and `daybook export`: files in through the real pipeline, what the screens show out as data."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from app.cli import OK, REFUSED
from app.cli.fhir import import_fhir
from app.cli.house import open_house
from app.cli.messages import FILE, write_bytes, write_line
from app.cli.published.value_sets import import_coded, import_value_sets
from app.cli.published.vendors import import_vendors, import_zip_centroids

FORMATS = click.Choice(["json", "csv", "parquet"])
FACILITY = click.option("--facility", "code", required=True, help="Code of the facility.")


def _as_of(_context: click.Context, _parameter: click.Parameter, text: str | None) -> datetime | None:
    from app.census.exports import instant_of

    try:
        return instant_of(text) if text else None
    except ValueError:
        raise click.BadParameter("write an instant such as 2026-03-05T09:41-06:00.") from None


@click.group()
def import_command() -> None:
    """Take files in."""


@import_command.command("hl7")
@FACILITY
@click.argument("files", nargs=-1, required=True, type=FILE)
def import_hl7(code: str, files: tuple[Path, ...]) -> int:
    """Take the HL7 messages of FILES as a feed would: store, acknowledge, apply.

    Prints one JSON line per message: {"control_id", "event", "ack", "error", "encounter"}. Exit status 1 when a message
    was refused. Taking a file twice changes nothing.
    """
    from app.interop.intake.files import import_files

    refused = total = 0
    with open_house():
        for number, line in enumerate(import_files(code, files), 1):
            write_line(msgspec.structs.asdict(line))
            total = number
            if line.error:
                refused += 1
                click.echo(f"Message {number}, control id {line.control_id or 'unknown'}: {line.error}", err=True)
    click.echo(f"{total} messages taken, {refused} refused.", err=True)
    return REFUSED if refused else OK


@import_command.command("drg")
@click.option("--fiscal-year", type=click.IntRange(2008, 2099), help="Where the file does not say it; else, only this.")
@click.argument("files", nargs=-1, required=True, type=FILE)
def import_drg(fiscal_year: int | None, files: tuple[Path, ...]) -> int:
    """Take in tables of diagnosis-related groups: CMS Table 5 (MS-DRG) and Table 11 (MS-LTC-DRG), any fiscal year.

    FILES are as published: text, CSV, XLSX or ZIP. A corrected table takes the place of the one of its year, which is
    kept; the same figures again change nothing. Stays take their geometric mean length of stay from the table of the
    fiscal year of discharge. Prints one JSON line per table: {"file", "system", "fiscal_year", "codes", "state",
    "refused"}. Exit status 1 when a file or a row was refused.
    """
    from app.census.drg.commands import TakeFile, import_file
    from app.kernel.refusal import Refused

    refused: list[str] = []
    with open_house():
        for path in files:
            try:
                taken = import_file(TakeFile(path.name, path.read_bytes(), fiscal_year))
            except Refused as refusal:
                refused.append(refusal.sentence)
                continue
            for table in taken:
                write_line(msgspec.structs.asdict(table))
                refused += table.refused
    for sentence in refused:
        click.echo(sentence, err=True)
    return REFUSED if refused else OK


@import_command.command("census")
@click.option("--facility", "code", required=True, help="Code of the facility.")
@click.option("--taken-at", callback=_as_of, help="The instant whose census the files tell (ISO 8601).")
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


import_command.add_command(import_fhir)
import_command.add_command(import_vendors)
import_command.add_command(import_vendors, "providers")  # the same by the word of the published files
import_command.add_command(import_zip_centroids)
import_command.add_command(import_value_sets)
import_command.add_command(import_coded)


@click.group()
def export_command() -> None:
    """Give out what the screens show, as data. Each export is recorded as a disclosure of all patients in it."""


def _export(what: str, line: str) -> None:
    """Add one command to the group: they differ in nothing but the word."""

    @export_command.command(what, help=line)
    @FACILITY
    @click.option("--as-of", callback=_as_of, help="As of this instant (ISO 8601) in place of now.")
    @click.option("--format", "form", default="json", show_default=True, type=FORMATS, help="Form of the data.")
    def give_out(code: str, as_of: datetime | None, form: str) -> None:
        from app.census.exports import AskExport, Export, Form, export

        if form == "parquet" and sys.stdout.isatty():
            raise click.UsageError("Parquet is not for a terminal: send it to a file with > FILE.")
        with open_house():
            data = export(AskExport(what=Export(what), code=code, form=Form(form), as_of=as_of))
        write_bytes(data)


_export("census", "Who is in the house: one line per stay.")
_export("encounters", "Every stay and visit with its timeline.")


@export_command.command("worklist")
@FACILITY
@click.option("--list", "name", required=True, help="Name of the list, as in its address: inpatient, observation, ...")
@click.option("--as-of", callback=_as_of, help="As known at this instant (ISO 8601) in place of now.")
@click.option("--format", "form", default="json", show_default=True, type=FORMATS, help="Form of the data.")
def give_out_list(code: str, name: str, as_of: datetime | None, form: str) -> None:
    """A worklist with the values that its page shows: one line per stay."""
    from app.census.exports import Form
    from app.worklists.out.command import AskList, export_list, list_names

    if name not in list_names():
        raise click.BadParameter(f"there is no list {name}. There are: {', '.join(list_names())}.", param_hint="--list")
    if form == "parquet" and sys.stdout.isatty():
        raise click.UsageError("Parquet is not for a terminal: send it to a file with > FILE.")
    with open_house():
        data = export_list(AskList(name=name, code=code, form=Form(form), as_of=as_of))
    write_bytes(data)


@export_command.command("obligations")
@FACILITY
@click.option("--as-of", callback=_as_of, help="As known at this instant (ISO 8601) in place of now.")
@click.option("--format", "form", default="json", show_default=True, type=FORMATS, help="Form of the data.")
def give_out_obligations(code: str, as_of: datetime | None, form: str) -> None:
    """What is owed for each stay, done or not required, with due time, standing and source: one line per obligation."""
    from app.census.exports import Form
    from app.clocks.upkeep.exporting import AskObligations, export_obligations

    if form == "parquet" and sys.stdout.isatty():
        raise click.UsageError("Parquet is not for a terminal: send it to a file with > FILE.")
    with open_house():
        data = export_obligations(AskObligations(code=code, form=Form(form), as_of=as_of))
    write_bytes(data)


@export_command.command("ledger")
@FACILITY
@click.option("--as-of", callback=_as_of, help="As known at this instant (ISO 8601) in place of now.")
@click.option("--format", "form", default="json", show_default=True, type=FORMATS, help="Form of the data.")
def give_out_ledger(code: str, as_of: datetime | None, form: str) -> None:
    """Every midnight of every stay: occupied, necessary, authorized, avoidable. One line per midnight."""
    from app.census.exports import Form
    from app.ledger.exporting import AskLedger, export_ledger

    if form == "parquet" and sys.stdout.isatty():
        raise click.UsageError("Parquet is not for a terminal: send it to a file with > FILE.")
    with open_house():
        data = export_ledger(AskLedger(code=code, form=Form(form), as_of=as_of))
    write_bytes(data)
