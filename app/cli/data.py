"""`daybook import` and `daybook export`: files in through the real pipeline, what the screens show out as data."""

from pathlib import Path

import click
import msgspec

from app.cli import OK, REFUSED
from app.cli.house import open_house
from app.cli.messages import FILE, write_line

FORMATS = click.Choice(["json", "csv", "parquet"])
FACILITY = click.option("--facility", "code", required=True, help="Code of the facility.")


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
