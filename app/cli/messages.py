"""`daybook hl7 facts`, `daybook clocks`, `daybook replay`. The first two load no database: they start at once."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from app.cli import OK, REFUSED
from app.interop.facts import facts_lines

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group()
def hl7_command() -> None:
    """Look at HL7 messages without storing anything."""


@hl7_command.command("facts")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--charset", default="cp1252", show_default=True, help="Where MSH-18 is silent and it is not UTF-8.")
def facts(files: tuple[Path, ...], charset: str) -> int:
    """One JSON line per message: what the parser understood.

    FILES may hold many messages, with any line ends, MLLP framing or batch envelopes. A message that cannot be read
    gets a line with "error" instead of "facts", and the exit status is 1.
    """
    try:
        "".encode(charset)
    except LookupError:
        raise click.BadParameter(f"{charset} is not a known character set.", param_hint="--charset") from None
    refused = 0
    for line in facts_lines(files, feed_charset=charset):
        write_line(line)
        if "error" in line:
            refused += 1
            click.echo(f"{line['file']}, message {line['idx']}: {line['error']}", err=True)
    return REFUSED if refused else 0


@click.command("clocks")
@click.argument("file", type=FILE)
def clocks_command(file: Path) -> int:
    """Obligations and counters of stays from FILE (one JSON object of facts a line), without a database.

    A line that cannot be read answers with "error", and the exit status is 1.
    """
    from app.clocks.explain import explain

    refused = 0
    with file.open(encoding="utf-8") as lines:
        for result in explain(lines):
            write_line(result)
            if "error" in result:
                refused += 1
                click.echo(f"{file}: {result['error']}", err=True)
    return REFUSED if refused else 0


@click.command("replay")
@click.argument("file", type=FILE)
def replay_command(file: Path) -> int:
    """Feed the scenarios of FILE (one JSON object a line) through the real pipeline in a scratch database.

    Prints one result line per scenario: acknowledgements, census, encounters, patients, exceptions.
    """
    from app.cli.house import scratch_house
    from app.interop.replay import replay

    refused = 0
    with file.open(encoding="utf-8") as lines, scratch_house() as house:
        for result in replay(lines, house.addresses):
            write_line(result)
            if "error" in result:
                refused += 1
                click.echo(f"{file}: {result['error']}", err=True)
    return REFUSED if refused else 0


def write_line(value: Any) -> None:
    """One JSON object on a line of its own, in UTF-8 whatever the terminal is set to."""
    write_bytes(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def write_bytes(data: bytes) -> None:
    """Data to standard output. A reader that has left, as `head` does, ends the command without complaint."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(OK) from None
