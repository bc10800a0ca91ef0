"""`daybook import census`: what it prints of files, and what is refused."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.interop.census_file.taking.importing import import_files
from app.kernel.refusal import Refused
from tests.support.census_files import SIX, here, line, written
from tests.support.world import World


def test_each_file_has_its_line(world: World, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(written([line("V1"), line("V2", "4W^402^A", admit_at="45321")]))
    bad.write_bytes(b"unit\n4W\n")

    first, second, third = import_files("NORTH", [(good, SIX), (bad, SIX), (good, SIX)])

    assert (first.rows, first.refused, first.applied, first.repeated, first.error) == (1, 1, True, False, None)
    assert first.sentences[0].startswith("line 3: admit_at")
    assert second.error is not None
    assert (third.repeated, third.id) == (True, first.id)
    assert here() == {"V1": "4W^401^A"}


def test_another_instant_is_another_file(world: World, tmp_path: Path) -> None:
    path = tmp_path / "house.csv"
    path.write_bytes(written([line("V1")]))

    first, second = import_files("NORTH", [(path, SIX), (path, SIX + timedelta(hours=1))])

    assert first.id != second.id


def test_an_unknown_facility_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="NOWHERE"):
        list(import_files("NOWHERE", []))
