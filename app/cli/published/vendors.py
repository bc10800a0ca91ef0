"""`daybook import vendors` and `daybook import zip-centroids`: published files for the registry of vendors."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from app.cli import OK, REFUSED
from app.cli.house import open_house
from app.cli.messages import FILE, write_line

TYPES = click.Choice([
    "snf", "nf", "home_health", "irf", "ltch", "hospice_home", "hospice_facility", "dialysis", "psychiatric", "acute",
])  # fmt: skip


def _day(_context: click.Context, _parameter: click.Parameter, value: datetime | None) -> date | None:
    return value.date() if value is not None else None


@click.command("vendors")
@click.option("--facility", "code", default="", help="Code of the facility; without it, every facility.")
@click.option("--type", "kind", type=TYPES, help="Type of care, where the file does not tell it.")
@click.option(
    "--state", "states", multiple=True, help="Keep only this state (two letters); may be given several times."
)
@click.option("--within", type=click.FloatRange(min=0, min_open=True), help="Keep only so many miles around.")
@click.option("--data-date", type=click.DateTime(["%Y-%m-%d"]), callback=_day, help="Day of the figures, if not told.")
@click.argument("files", nargs=-1, required=True, type=FILE)
def import_vendors(code: str, files: tuple[Path, ...], **told: Any) -> int:
    """Take in provider files of CMS as published: CSV, XLSX or ZIP, of any year.

    Nursing homes, home health agencies, hospices, rehabilitation and long-term care hospitals, hospitals. Columns are
    found by their names (docs/vendor-files.md). A file again changes nothing; a newer one changes what is published
    and nothing that the hospital entered; the figures before are kept. Prints one JSON line per file and facility:
    {"file", "facility", "care_types", "data_on", "added", "changed", "unchanged", "left_out", "refused"}. Exit status 1
    when a file or a row was refused.
    """
    from app.discharge.terms import CareType
    from app.discharge.vendors.importing import Limits, TakeVendors, import_files
    from app.kernel.refusal import NotFound, Refused

    kind, day = told["kind"], told["data_date"]
    limits = Limits(frozenset(state.upper() for state in told["states"]), told["within"])
    refused: list[str] = []
    with open_house():
        for path in files:
            ask = TakeVendors(path.name, path.read_bytes(), CareType(kind) if kind else None, day, limits)
            try:
                taken = import_files(code, [ask])
            except (Refused, NotFound) as refusal:
                refused.append(f"{path.name}: {refusal.sentence}")
                continue
            for one in taken:
                write_line(msgspec.to_builtins(one))
                refused += [f"{one.file}, {sentence}" for sentence in one.refused]
    for sentence in refused:
        click.echo(sentence, err=True)
    return REFUSED if refused else OK


@click.command("zip-centroids")
@click.argument("file", type=FILE)
def import_zip_centroids(file: Path) -> int:
    """Take in a table of ZIP codes with their middles, so that distances can be told where no file has degrees.

    FILE is the gazetteer of ZIP code tabulation areas of the Census Bureau (tab-separated or its ZIP; columns GEOID,
    INTPTLAT, INTPTLONG), or any CSV with the columns zip, latitude, longitude. It takes the place of the table before.
    Prints one JSON line: {"file", "codes", "state", "refused"}. Exit status 1 when the file or a row was refused.
    """
    from app.discharge.vendors.importing import take_centroids
    from app.kernel.refusal import Refused
    from app.platform.work import begin, everywhere

    with open_house():
        try:
            with begin(everywhere("import")) as work:
                taken = take_centroids(work, file.name, file.read_bytes())
        except Refused as refusal:
            click.echo(refusal.sentence, err=True)
            return REFUSED
    write_line(msgspec.to_builtins(taken))
    for sentence in taken.refused:
        click.echo(f"{taken.file}, {sentence}", err=True)
    return REFUSED if taken.refused else OK
