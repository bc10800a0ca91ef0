"""`daybook import fhir`: FHIR R4 files as a source of the census."""

from pathlib import Path

import click
import msgspec

from app.cli import OK, REFUSED
from app.cli.house import open_house
from app.cli.messages import FILE, write_line


@click.command("fhir")
@click.option("--facility", "code", required=True, help="Code of the facility.")
@click.argument("files", nargs=-1, required=True, type=FILE)
def import_fhir(code: str, files: tuple[Path, ...]) -> int:
    """Take the Encounters of FILES with the patients, conditions and coverages that belong to them.

    FILES are FHIR R4: bundles of any type, single resources, NDJSON, the manifest of a bulk export. References are
    followed across all of them. Give the pages of a search and the files of an export in one call.

    Numbers of an identifier system mean the same patients and visits as those of the HL7 feed when the system is the
    feed's authority or one of its aliases.

    Prints one JSON line per Encounter: {"place", "resource", "ack", "error", "repeated", "encounter"}. What is invalid
    is named and left out, the rest is taken; then the exit status is 1. Taking a file twice changes nothing.
    """
    from app.interop.fhir.importing import import_files

    with open_house():
        outcome = import_files(code, files)
    for line in outcome.lines:
        write_line(msgspec.structs.asdict(line))
        if line.error:
            click.echo(f"{line.place}, {line.resource}: {line.error}", err=True)
    for fault in outcome.faults:
        click.echo(fault.text, err=True)
    taken = len(outcome.lines) - outcome.refused
    said = f"{taken} encounters taken, {outcome.refused} refused; {len(outcome.faults)} other faults."
    click.echo(said, err=True)
    return REFUSED if outcome.refused or outcome.faults else OK
