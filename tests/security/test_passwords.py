"""Which passwords are taken and what is said of the others, as a table; and that every keyboard writes the same one."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.refusal import Refused
from app.security.passwords import (
    LONGEST,
    Chooser,
    hash_password,
    normal,
    refuse_weak,
    strength,
    verify_password,
    weakness,
)

NAMES = ("dana", "Dana Whitlow", "North Harbor Hospital", "NORTH")
ALONE, WITH_FACTOR = Chooser(NAMES), Chooser(NAMES, second_factor=True)


@pytest.mark.parametrize(
    "password",
    [
        "three quiet herons",
        "correct horse battery staple",
        "kgm3-x8pq-22ab-7vcn",
        "NO RULES OF COMPOSITION HERE",
        "vierzehn kühle Möwen",
        "семь тихих фонарей",
        "hospital correct horse lamp",
        "gibbon parley vesper " * 12,
    ],
)
def test_taken_where_the_password_is_the_only_factor(password: str) -> None:
    assert weakness(password, ALONE) == ""


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "at least 15 characters"),
        ("herons in lamps", ""),
        ("heron in lamps", "at least 15 characters"),
        ("日本語の長い合言葉を使います", "at least 15 characters"),
        ("x" * 257, "at most 256 characters"),
        ("Password1234567", "first that are guessed"),
        ("P@ssw0rdP@ssw0rd", "first that are guessed"),
        ("qwertyuiop12345", "first that are guessed"),
        ("123456789012345", "first that are guessed"),
        ("aaaaaaaaaaaaaaaaaaaa", "first that are guessed"),
        ("Summer2026Summer2026", "first that are guessed"),
        ("abcabcabcabcabcabc", "first that are guessed"),
        ("iloveyouiloveyou", "first that are guessed"),
        ("NorthHarbor2026!!", "built on names"),
        ("north.harbor.north", "built on names"),
        ("dana.whitlow.2026", "built on names"),
        ("Daybook Daybook 1", "built on names"),
    ],
)
def test_refused_with_a_reason_where_the_password_is_the_only_factor(password: str, said: str) -> None:
    found = weakness(password, ALONE)

    assert said in found and bool(found) == bool(said)


@pytest.mark.parametrize(
    ("password", "taken"),
    [("kq7#mzpw", True), ("herons lamp", True), ("kq7#mzp", False), ("passw0rd", False), ("dana1234", False),
     ("daybook1", False), ("letmein1", False), ("harbor99", False)],
)  # fmt: skip
def test_eight_characters_do_where_a_second_factor_is_required(password: str, taken: bool) -> None:
    assert (weakness(password, WITH_FACTOR) == "") is taken
    assert weakness(password, ALONE) != ""


def test_the_refusal_belongs_to_the_field() -> None:
    with pytest.raises(Refused) as caught:
        refuse_weak("short", ALONE)
    assert caught.value.field == "password" and "short" not in caught.value.sentence


@pytest.mark.parametrize(
    ("password", "said"),
    [("", ""), ("heron", "Use at least 15"), ("three quiet herons", "Strong."),
     ("correct horse battery staple", "Very strong."),
     ("heron heron lamp", "Good enough. One more word makes it strong.")],
)  # fmt: skip
def test_strength_is_said_in_words(password: str, said: str) -> None:
    assert strength(password, ALONE).startswith(said)


def test_every_keyboard_writes_the_same_password() -> None:
    composed, apart = "kühle Möwen im Regen", unicodedata.normalize("NFD", "kühle Möwen im Regen")
    wide = "ｋühle Möwen im Regen"  # a full-width k

    stored = hash_password(composed)

    assert composed != apart and all(verify_password(stored, typed) for typed in (composed, apart, wide))
    assert not verify_password(stored, composed.replace(" ", ""))


def test_a_hash_of_before_still_fits_what_was_typed_then() -> None:
    from app.security.passwords import _hasher

    apart = unicodedata.normalize("NFD", "kühle Möwen im Regen")
    assert verify_password(_hasher.hash(apart), apart)


@given(st.text(min_size=15, max_size=LONGEST + 20))
def test_any_text_gets_an_answer_and_never_shows_itself(password: str) -> None:
    found = weakness(password, ALONE)

    assert len(normal(password)) < 15 or password not in found
    assert found == "" or found.endswith(".")
