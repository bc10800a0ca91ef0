"""The folders in which files wait for payers, and in which payers' files are found. Names only, never paths."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.settings import Settings

TAKEN = "taken"
"""The folder inside an inbox to which a file goes when it is stored."""
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")


@dataclass(frozen=True, slots=True)
class Found:
    """A file in an inbox."""

    path: Path
    name: str
    written_at: float  # seconds of the file system's clock


def root() -> Path:
    """Where the folders of all payers lie."""
    return Settings.from_environment().payer_folder


def put(folder: str, name: str, content: bytes) -> Path:
    """Write a file whole or not at all: whoever looks into the folder never finds a part of it. Raises OSError."""
    place = root() / folder
    place.mkdir(parents=True, exist_ok=True)
    path, unfinished = place / name, place / f".{name}.part"
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    _keep_entry(place)
    return path


def _keep_entry(place: Path) -> None:
    """A renamed file survives a power cut once its folder is written too."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def look(folder: str) -> Iterator[Found]:
    """The files of an inbox, in the order of their names. A folder that is not there holds none.

    A link is no file of the payer: who may write into an inbox must not have other files of this computer read.
    """
    place = root() / folder
    if not place.is_dir():
        return
    for path in sorted(place.iterdir()):
        if path.name.startswith(".") or path.name.lower().endswith(UNFINISHED):
            continue
        with contextlib.suppress(FileNotFoundError):  # somebody took it while we looked
            if path.is_file() and not path.is_symlink():
                yield Found(path, path.name, path.stat().st_mtime)


def read(found: Found, most: int) -> bytes:
    """The first bytes of a file; a longer one is no answer of a payer. Raises OSError."""
    with open(os.open(found.path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return file.read(most)


def set_away(found: Found) -> None:
    """Move a stored file out of the inbox, beside earlier ones of the same name."""
    place = found.path.parent / TAKEN
    place.mkdir(exist_ok=True)
    target, number = place / found.name, 1
    while target.exists():
        number += 1
        target = place / f"{found.path.stem}-{number}{found.path.suffix}"
    found.path.replace(target)
