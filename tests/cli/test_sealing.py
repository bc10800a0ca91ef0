"""Keys of sealed secrets from the command line: a new one seals everything, an old one goes when nothing needs it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest

from app.accounts.factors.seeds import keep_seed, seal_what_lies_open, seed_of, unsealed
from app.cli import run
from app.cli.upkeep.sealing import finding
from app.platform import work
from app.platform.work import begin, everywhere, reading
from app.security import sealed
from app.security.keyring import read_keys
from app.security.models import User
from app.settings import Settings
from tests.support.world import World

SEED = pyotp.random_base32()


@pytest.fixture
def here(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The command line on this test's database, with keys of its own."""
    path = tmp_path / "keys"
    for name, value in (
        ("DATABASE_URL", world.addresses.owner), ("DAYBOOK_APP_DATABASE_URL", world.addresses.app),
        ("DAYBOOK_HOME", str(tmp_path)), ("DAYBOOK_SECRET_KEY_FILE", str(path)),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    sealed.use(path)
    yield Settings.from_environment(os.environ)


def ran(*words: str) -> int:
    """The status of a command; afterwards this process works with the pool of the test again."""
    ours, keys = work.engine(), sealed.key_file()
    try:
        return run(list(words))
    finally:
        work.connect(ours)
        sealed.use(keys)


def seed(world: World, name: str) -> str:
    with begin(everywhere("test")) as doing:
        return seed_of(doing.get(User, world.user[name]))


def test_a_new_key_seals_everything_and_the_old_one_goes(
    here: Settings, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with begin(everywhere("test")) as doing:
        for name in ("dana", "uma"):
            keep_seed(doing.get(User, world.user[name]), SEED)
        doing.get(User, world.user["sol"]).totp_secret = SEED
        doing.record(sealed.SealingKeyKnown(key_name="test"))
    first = read_keys(here.secret_keys)
    assert first is not None and not finding(here).sound, "one seed lies in the clear"

    assert ran("secrets", "rotate") == 0
    assert '"sealed":3' in capsys.readouterr().out.replace(" ", "")
    both = read_keys(here.secret_keys)
    assert both is not None and both.names[1:] == first.names
    assert [seed(world, name) for name in ("dana", "uma", "sol")] == [SEED] * 3 and unsealed() == 0
    assert finding(here).sound and "1 older" in finding(here).sentence

    assert ran("secrets", "retire") == 0
    last = read_keys(here.secret_keys)
    assert last is not None and last.names == both.names[:1]
    assert seed(world, "dana") == SEED


def test_an_old_key_that_is_needed_stays(here: Settings, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with begin(everywhere("test")) as doing:
        keep_seed(doing.get(User, world.user["dana"]), SEED)
        doing.record(sealed.SealingKeyKnown(key_name="test"))
    assert ran("secrets", "rotate") == 0
    with reading(everywhere("test")) as view:
        assert view.value("select count(*) from sealing_key") == 2
    ring = read_keys(here.secret_keys)
    assert ring is not None
    with begin(everywhere("test")) as doing:  # as a host would that has not yet got the new file
        doing.get(User, world.user["dana"]).totp_sealed = type(ring)(ring.keys[1:]).seal(b"x", "x")
        doing.record(sealed.SealingKeyKnown(key_name="test"))

    assert ran("secrets", "retire") == 1
    assert "still sealed with an older key" in capsys.readouterr().err


def test_seeds_of_before_are_sealed_at_the_start(here: Settings, world: World) -> None:
    with begin(everywhere("test")) as doing:
        doing.get(User, world.user["dana"]).totp_secret = SEED
        doing.record(sealed.SealingKeyKnown(key_name="test"))
    assert (unsealed(), seal_what_lies_open(), unsealed(), seal_what_lies_open()) == (1, 1, 0, 0)
    assert seed(world, "dana") == SEED
    with reading(everywhere("test")) as view:
        assert view.value("select count(*) from audit_event where name = 'seeds.sealed'") == 1


def test_doctor_names_a_lost_file_and_a_strange_one(here: Settings, world: World, tmp_path: Path) -> None:
    assert finding(here).sentence == "No secret is sealed yet."
    sealed.seal(b"x", "x")
    strange = tmp_path / "strange"
    strange.write_text("A" * 43 + "=\n")

    assert finding(here).sound
    assert "is missing" in finding(replace(here, secret_key_file=tmp_path / "gone")).sentence
    assert "not those of this database" in finding(replace(here, secret_key_file=strange)).sentence
    assert not finding(replace(here, secret_key_file=tmp_path)).sound
