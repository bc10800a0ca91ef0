"""`daybook import value-sets` and `daybook import coded`: what the readmission measure stands on."""

from pathlib import Path

import click
import msgspec

from app.cli import OK, REFUSED
from app.cli.house import open_house
from app.cli.messages import FILE, write_line

FOLDER = click.Path(exists=True, file_okay=False, readable=True, path_type=Path)


@click.command("value-sets")
@click.option("--vintage", required=True, help="Name of the vintage, such as cms2021.")
@click.argument("folder", type=FOLDER)
def import_value_sets(vintage: str, folder: Path) -> int:
    """Take in the published tables of the readmission measure from the CSV files of FOLDER.

    Planned readmissions (PR.1 to PR.4), exclusions and specialty cohorts, named as CMS names the tables or with the
    vintage before the name of the rule. Another version of a vintage ends the one before it, which is kept; the same
    again changes nothing. Prints one JSON line: {"vintage", "source", "codes", "state", "lists"}. Exit status 1 when a
    file or a line cannot be taken: then nothing is.
    """
    from app.metrics.value_sets.commands import import_folder
    from app.metrics.value_sets.maps import category_maps

    with open_house() as house:
        taken = import_folder(folder, vintage, category_maps(house.settings.home / "value-sets"))
    write_line(msgspec.to_builtins(taken))
    if taken.state != "unchanged":
        click.echo("Figures of past stays are made again by the background work.", err=True)
    return OK


@click.command("coded")
@click.option("--facility", "code", required=True, help="Code of the facility.")
@click.argument("files", nargs=-1, required=True, type=FILE)
def import_coded(code: str, files: tuple[Path, ...]) -> int:
    """Take in final codings of stays: CSV FILES with one line for each stay (docs/coded-file.md).

    A corrected coding ends the one before it, which is kept; the same again changes nothing. Prints one JSON line per
    file: {"file", "facility", "added", "changed", "unchanged", "refused"}. What is wrong with single lines is told on
    standard error; the rest is taken, and the exit status is 1.
    """
    from app.kernel.refusal import Refused
    from app.metrics.value_sets.coded_import import TakeCoded, import_coded

    refused: list[str] = []
    with open_house():
        for path in files:
            try:
                taken = import_coded(code, TakeCoded(path.name, path.read_bytes()))
            except Refused as refusal:
                refused.append(refusal.sentence)
                continue
            write_line(msgspec.to_builtins(taken))
            refused += [f"{taken.file}, {sentence}." for sentence in taken.refused]
    for sentence in refused:
        click.echo(sentence, err=True)
    return REFUSED if refused else OK
