"""Notes on a stay: nothing is overwritten, only the author amends or strikes out, the row shows the pinned one."""

import uuid
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.worklists.notes.commands import (
    AmendNote,
    StrikeNote,
    WriteNote,
    amend_note,
    pin_note,
    strike_note,
    write_note,
)
from tests.support.client import Browser
from tests.support.owing import only
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]


def write(world: World, stay: uuid.UUID, text: str, *, pinned: bool = False, by: str = "dana") -> uuid.UUID:
    with begin(world.viewer(by)) as work:
        return write_note(work, stay, WriteNote(text=text, pinned=pinned)).id


def test_a_note_is_amended_and_its_first_text_stays_readable(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world)
    first = write(world, stay, "Daughter calls back")
    with begin(world.viewer("dana")) as work:
        second = amend_note(work, first, AmendNote(text="Son calls back")).id

    text = browser_for("dana").get(f"/worklists/inpatient/rows/{stay}/more", htmx=True).text
    assert "Son calls back" in text and "Daughter calls back" in text and "amended" in text
    with pytest.raises(Refused, match="amended already"), begin(world.viewer("dana")) as work:
        amend_note(work, first, AmendNote(text="Third"))
    with begin(world.viewer("dana")) as work:
        assert amend_note(work, second, AmendNote(text="Third")).version == 3


def test_a_note_is_struck_out_with_a_reason_and_stays(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world)
    note = write(world, stay, "Wrong patient's plan", pinned=True)
    with begin(world.viewer("dana")) as work:
        strike_note(work, note, StrikeNote(reason="wrong stay"))

    browser = browser_for("dana")
    more = browser.get(f"/worklists/inpatient/rows/{stay}/more", htmx=True).text
    assert "<del" in more and "struck out: wrong stay" in more
    assert "Wrong patient" not in browser.get("/worklists/inpatient").text
    for step in (
        lambda work: amend_note(work, note, AmendNote(text="x")),
        lambda work: strike_note(work, note, StrikeNote(reason="again")),
        lambda work: pin_note(work, note, pinned=True),
    ):
        with pytest.raises(Refused, match="struck out"), begin(world.viewer("dana")) as work:
            step(work)


def test_only_the_author_amends_and_strikes_out_anybody_pins(world: World) -> None:
    note = write(world, add_stay(world), "Mine")
    with pytest.raises(Refused, match="Only the person who wrote"), begin(world.viewer("uma")) as work:
        amend_note(work, note, AmendNote(text="Not mine"))
    with pytest.raises(Refused, match="Only the person who wrote"), begin(world.viewer("uma")) as work:
        strike_note(work, note, StrikeNote(reason="not mine"))
    with begin(world.viewer("uma")) as work:
        assert pin_note(work, note, pinned=True).pinned


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_an_empty_or_endless_note_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        WriteNote(text=text)


def test_the_row_shows_the_newest_pinned_note_and_counts_all(world: World, browser_for: BrowserFor) -> None:
    with only(()):  # a row has room for three facts, and what is late stands before how many notes there are
        stay = add_stay(world)
        for text, pinned in (("Older pin", True), ("Newest pin", True), ("Not pinned", False)):
            write(world, stay, text, pinned=pinned)
        text = browser_for("dana").get("/worklists/inpatient").text

    assert "Newest pin" in text and "Older pin" not in text and "Not pinned" not in text
    assert "3 notes" in text


def test_a_note_of_a_stay_out_of_scope_is_not_found(world: World) -> None:
    note = write(world, add_stay(world), "North only")
    for who in ("stan",):
        with pytest.raises(NotFound), begin(world.viewer(who)) as work:
            amend_note(work, note, AmendNote(text="x"))
    hidden = add_stay(world, StaySpec(sensitivity="vip"))
    with pytest.raises(NotFound), begin(world.viewer("dana")) as work:
        write_note(work, hidden, WriteNote(text="x"))


def test_a_form_without_text_comes_back_with_a_sentence(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world)
    browser = browser_for("dana")

    answer = browser.post(f"/encounters/{stay}/notes", {"text": " "}, htmx=True)

    assert answer.status_code == 422 and "Fill in this field." in answer.text
    assert browser.post(f"/encounters/{stay}/notes", {"text": "Written"}, htmx=True).status_code == 201
    with reading(everywhere("test")) as db:
        assert db.values("select text from note") == ["Written"]


def test_who_only_reads_writes_no_note(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world)

    assert browser_for("aud").post(f"/encounters/{stay}/notes", {"text": "x"}).status_code == 403
