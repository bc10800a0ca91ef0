"""Where the keys lie; a machine that lost them, or holds those of another, says so instead of making new ones."""

from pathlib import Path

import pytest

from app.platform.postgres import Addresses
from app.platform.work import everywhere, reading
from app.security import sealed
from app.security.keyring import CannotOpen, NoKey, add_key, make_keys, read_keys


@pytest.fixture
def path(database: Addresses, tmp_path: Path) -> Path:
    """A file of keys of this test's own, which is not there yet."""
    found = tmp_path / "keys"
    sealed.use(found)
    return found


def known() -> list[str]:
    return [one.name for one in sealed.known_keys()]


def test_the_first_seal_makes_the_key_and_the_database_knows_its_name_only(path: Path) -> None:
    kept = sealed.seal(b"seed", "totp 1")

    ring = read_keys(path)
    assert ring is not None and known() == [ring.names[0]]
    assert sealed.open_sealed(kept, "totp 1") == b"seed"
    assert all(sealed.fits(ring, one) for one in sealed.known_keys())
    with reading(everywhere("test")) as view:
        assert view.values("select name from audit_event") == ["sealing_key.known"]
        secret = ring.keys[0].secret.hex()
        assert not view.value("select true from row_change where new::text like %s", [f"%{secret}%"])


def test_another_host_with_the_same_file_opens_it(path: Path) -> None:
    kept = sealed.seal(b"seed", "totp 1")
    sealed.use(path)  # as a process that has just begun

    assert sealed.open_sealed(kept, "totp 1") == b"seed"
    assert sealed.open_sealed(sealed.seal(b"more", "x"), "x") == b"more" and len(known()) == 1


def test_a_host_that_lost_the_file_makes_no_other(path: Path, tmp_path: Path) -> None:
    kept = sealed.seal(b"seed", "totp 1")
    elsewhere = tmp_path / "elsewhere"
    sealed.use(elsewhere)

    for act in (lambda: sealed.seal(b"x", "x"), lambda: sealed.open_sealed(kept, "totp 1")):
        with pytest.raises(NoKey, match="missing on this machine"):
            act()
    assert not elsewhere.exists()


def test_keys_of_another_installation_are_refused(path: Path, tmp_path: Path) -> None:
    kept = sealed.seal(b"seed", "totp 1")
    other = tmp_path / "other"
    make_keys(other)
    sealed.use(other)

    with pytest.raises(NoKey, match="not those of this database"):
        sealed.seal(b"x", "x")
    with pytest.raises(CannotOpen, match="does not hold"):
        sealed.open_sealed(kept, "totp 1")


def test_a_key_that_another_process_added_is_used_at_once(path: Path) -> None:
    old = sealed.seal(b"old", "totp 1")
    before = read_keys(path)
    assert before is not None
    after = add_key(path, before)

    new = sealed.seal(b"new", "totp 1")

    assert new[1:5].hex() == after.names[0] and known() == [after.names[0], before.names[0]]
    assert (sealed.open_sealed(old, "totp 1"), sealed.open_sealed(new, "totp 1")) == (b"old", b"new")
