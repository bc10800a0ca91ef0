"""Census files from the command line."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from app.census.facilities import facility_by_code
from app.interop.census_file.reading.decoding import Unreadable
from app.interop.census_file.storing import ACTOR, TakeFile, take_file
from app.kernel.refusal import Refused
from app.platform.work import begin


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file. `sentences` name what is wrong by line and column."""

    file: str
    id: int | None = None
    taken_at: str
    repeated: bool = False
    applied: bool = False
    rows: int = 0
    refused: int = 0
    error: str | None = None
    sentences: tuple[str, ...] = ()

    def shown(self) -> dict[str, Any]:
        """The line that is printed."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if name != "sentences"}


def import_files(code: str, files: Sequence[tuple[Path, datetime]]) -> Iterator[Imported]:
    """Take the files for one facility, each as of its instant. Refused where there is no such facility."""
    with begin(ACTOR) as work:
        facility_id = facility_by_code(work, code).id
    for path, taken_at in files:
        yield _imported(TakeFile(facility_id, path.name, path.read_bytes(), taken_at))


def _imported(ask: TakeFile) -> Imported:
    moment = ask.taken_at.isoformat()
    try:
        taken = take_file(ask)
    except (Unreadable, Refused) as error:
        return Imported(file=ask.name, taken_at=moment, error=error.sentence, sentences=(error.sentence,))
    contents = taken.contents
    return Imported(
        file=ask.name, id=taken.file_id, taken_at=moment, repeated=not taken.new, applied=taken.applied,
        rows=len(contents.rows), refused=len({one.line for one in contents.problems if one.refused}),
        sentences=tuple(f"line {one.line}: {one.sentence}" for one in contents.problems),
    )  # fmt: skip
