"""What goes wrong around reviews: amended after a question, withdrawn questions, days caught up, two people at once."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest

from app.advisor.commands import Say, SignAnswer, decide, withdraw
from app.kernel.refusal import Refused
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.reviews.commands import KeepDraft, Refer, refer, save_draft
from app.security.permissions import Permission
from tests.reviews.support import ADMISSION, ADMITTED, CONTINUED, MET, NOT_MET, amend, owed, sign, tell
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
WHY = {"because": "The chart says otherwise"}
HOUR = timedelta(hours=1)
DAY_MET = {"points": ["D13"], "summary": "Fluids by vein."}


def questions() -> list[tuple[uuid.UUID, str]]:
    with reading(everywhere("test")) as view:
        return view.rows(
            lambda *row: row,
            "select escalation_id, state from escalation where ended_at is null order by asked_at, made_at",
        )


def ask_again(world: World, review: uuid.UUID, after: timedelta) -> None:
    with begin(world.viewer("uma").acting(Permission.REVIEW_WRITE), at=NOW + after) as work:
        refer(work, review, Refer())


def answer(world: World, question: uuid.UUID, after: timedelta) -> None:
    with begin(world.viewer("paul").acting(Permission.DECIDE), at=NOW + after) as work:
        ask = SignAnswer.model_validate({"outcome": "inpatient_supported", "reason": "acute_need"})
        decide(work, question, ask)


def test_a_withdrawn_question_of_a_failed_review_can_be_put_again(world: World):
    made = sign(world, tell(world, ADMITTED), ADMISSION, NOT_MET)
    with pytest.raises(Refused, match="already"):
        ask_again(world, made.review_id, HOUR)
    with begin(world.viewer("uma").acting(Permission.ESCALATE), at=NOW + HOUR) as work:
        withdraw(work, questions()[0][0], Say(note="Thought it was not needed"))
    assert owed("UR-2ND")[0][2] is None

    ask_again(world, made.review_id, 2 * HOUR)

    assert [state for _, state in questions()] == ["withdrawn", "waiting"]
    answer(world, questions()[1][0], 3 * HOUR)
    assert owed("UR-2ND")[0][2] == NOW + 3 * HOUR


def test_a_review_that_is_amended_to_met_takes_its_question_along(world: World):
    made = sign(world, tell(world, ADMITTED), ADMISSION, NOT_MET)
    amend(world, made.review_id, ADMISSION, MET, WHY, now=NOW + HOUR)
    assert [state for _, state in questions()] == ["withdrawn"]
    assert owed("UR-2ND") == []


def test_a_review_that_fails_by_amendment_asks_whoever_answered_about_it_before(world: World):
    made = sign(world, tell(world, ADMITTED), ADMISSION, MET, {"refer": True})
    answer(world, questions()[0][0], HOUR)

    amend(world, made.review_id, ADMISSION, NOT_MET, WHY, now=NOW + 2 * HOUR)

    assert [state for _, state in questions()] == ["decided", "waiting"]
    assert [one[2] for one in owed("UR-2ND")] == [None]
    amend(world, made.review_id, ADMISSION, NOT_MET, {"because": "A slip of the pen"}, now=NOW + 3 * HOUR)
    assert len(questions()) == 2
    answer(world, questions()[1][0], 4 * HOUR)
    amend(world, made.review_id, ADMISSION, NOT_MET, {"because": "Another slip"}, now=NOW + 5 * HOUR)
    assert owed("UR-2ND")[0][2] == NOW + 4 * HOUR


def test_an_amendment_is_judged_as_of_the_signature(world: World):
    """A window of hours was open when the review was signed; it does not close over the correction of a word."""
    stay = tell(world, ADMITTED)
    moment = {"points": ["D20"], "moments": {"D20": "2026-03-03T12:00"}, "summary": "Transfused."}
    made = sign(world, stay, CONTINUED, moment)
    assert made.outcome == "met"

    again = amend(world, made.review_id, CONTINUED, moment, WHY, now=NOW + 12 * HOUR)

    assert again.outcome == "met"


def test_a_next_review_years_ahead_is_a_mistyped_date(world: World):
    with pytest.raises(Refused) as refused:
        sign(world, tell(world, ADMITTED), ADMISSION, MET, {"next_review_on": "2027-03-06"})
    assert refused.value.field == "next_review_on"


def test_a_day_that_is_caught_up_does_not_close_the_review_of_today(world: World):
    stay = tell(world, ADMITTED.replace("03-04", "03-02"))
    sign(world, stay, CONTINUED, DAY_MET, {"next_review_on": "2026-03-06"})
    (_, due, closed) = owed("UR-CSR")[0]
    assert closed is None

    earlier = {"for_day": "2026-03-03", "next_review_on": "2026-03-04"}
    sign(world, stay, CONTINUED, DAY_MET, earlier, now=NOW + HOUR)

    assert [one[1:] for one in owed("UR-CSR")] == [(due, None)]


def test_who_signs_second_keeps_what_was_written(world: World, browser_for: BrowserFor):
    stay = add_stay(world, StaySpec(start=now() - timedelta(hours=30)))
    uma = browser_for("uma")
    form = {
        "kind": "continued_stay", "for_day": f"{now() - timedelta(hours=6):%Y-%m-%d}", "criteria": "aep_day 2",
        "points": "D13", "summary": "First hand.", "next_review_on": "",
    }  # fmt: skip
    first = uma.post(f"/encounters/{stay}/reviews", form)
    assert first.status_code == 303, unescape(first.text)[:400]

    second = browser_for("uma").post(f"/encounters/{stay}/reviews", form | {"summary": "Second hand wrote this."})

    assert second.status_code == 422
    assert "Second hand wrote this." in second.text and "was not signed" in second.text


def test_the_draft_of_an_amendment_is_taken_up_again(world: World, browser_for: BrowserFor):
    stay = add_stay(world, StaySpec(start=now() - timedelta(hours=30)))
    day = (now() - timedelta(hours=6)).date()
    made = sign(world, stay, CONTINUED, {"for_day": f"{day}"}, {"points": ["D13"], "summary": "As signed."}, now=now())
    with begin(world.viewer("uma").acting(Permission.REVIEW_WRITE)) as work:
        ask = KeepDraft.model_validate({"kind": "continued_stay", "for_day": f"{day}", "amends": True})
        typed = {"criteria": ["aep_day 2"], "points": ["D13"], "summary": ["Half an amendment."], "amends": ["yes"]}
        save_draft(work, stay, ask, typed)

    uma = browser_for("uma")
    page = uma.get(f"/reviews/{made.review_id}/amendment").text

    assert f"/reviews/{made.review_id}/amendment" in unescape(uma.get(f"/encounters/{stay}/reviews").text)
    assert "Half an amendment." in page and "throw it away" in page
