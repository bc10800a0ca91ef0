"""Sealed bytes open with their key and for their purpose, and for nothing else."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.security.keyring import CannotOpen, Key, Keyring, NoKey, add_key, keep_first, make_keys, read_keys

ONE, TWO = Key(bytes(range(32))), Key(bytes(32))


@given(plain=st.binary(max_size=200), purpose=st.text(max_size=40))
def test_what_is_sealed_opens_again_and_never_twice_the_same(plain: bytes, purpose: str) -> None:
    ring = Keyring((ONE, TWO))
    sealed = ring.seal(plain, purpose)

    assert ring.open(sealed, purpose) == plain
    assert sealed != ring.seal(plain, purpose)
    assert len(plain) < 8 or plain not in sealed


@given(plain=st.binary(max_size=60), place=st.integers(min_value=0), turn=st.integers(min_value=1, max_value=255))
def test_one_changed_byte_is_refused(plain: bytes, place: int, turn: int) -> None:
    sealed = bytearray(Keyring((ONE,)).seal(plain, "totp 1"))
    sealed[place % len(sealed)] ^= turn

    with pytest.raises(CannotOpen):
        Keyring((ONE, TWO)).open(bytes(sealed), "totp 1")


@given(plain=st.binary(max_size=60), cut=st.integers(min_value=0))
def test_a_cut_end_is_refused(plain: bytes, cut: int) -> None:
    sealed = Keyring((ONE,)).seal(plain, "totp 1")

    with pytest.raises(CannotOpen):
        Keyring((ONE,)).open(sealed[: cut % len(sealed)], "totp 1")


@given(purpose=st.text(max_size=20), other=st.text(max_size=20))
def test_what_belongs_to_another_row_is_refused(purpose: str, other: str) -> None:
    sealed = Keyring((ONE,)).seal(b"seed", purpose)

    if purpose != other:
        with pytest.raises(CannotOpen):
            Keyring((ONE,)).open(sealed, other)


def test_another_key_is_named_in_the_refusal() -> None:
    sealed = Keyring((ONE,)).seal(b"seed", "totp 1")

    with pytest.raises(CannotOpen, match=ONE.name.hex()):
        Keyring((TWO,)).open(sealed, "totp 1")


def test_a_new_key_seals_and_the_older_one_still_opens(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    first = make_keys(path)
    sealed = first.seal(b"seed", "totp 1")
    both = add_key(path, first)

    assert read_keys(path) == both and both.names[1:] == first.names
    assert both.open(sealed, "totp 1") == b"seed"
    assert sealed[1:5].hex() == first.names[0] != both.names[0] == both.seal(b"", "x")[1:5].hex()

    alone = keep_first(path, both)
    assert read_keys(path) == alone
    with pytest.raises(CannotOpen):
        alone.open(sealed, "totp 1")


def test_the_file_is_for_its_owner_only_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "keys"
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(make_keys, [path] * 4))

    assert len({ring.names for ring in made}) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["keys"], "nothing half-written is left"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "holds no key"),
        ("# only a remark\n\n", "holds no key"),
        ("not base64!\n", "Line 1"),
        ("# remark\n" + base64.b64encode(b"short").decode(), "Line 2"),
    ],
)
def test_a_file_that_is_no_file_of_keys_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text)

    with pytest.raises(NoKey, match=sentence):
        read_keys(path)


def test_no_file_is_no_fault_yet_but_a_folder_is(tmp_path: Path) -> None:
    assert read_keys(tmp_path / "keys") is None
    with pytest.raises(NoKey, match="cannot be read"):
        read_keys(tmp_path)


def test_a_key_that_is_printed_tells_nothing() -> None:
    assert "secret" not in repr(Keyring((Key(b"secret" * 5 + b"xx"),)))
