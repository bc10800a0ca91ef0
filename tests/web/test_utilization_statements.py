"""Pages and lists of utilization review ask the database as often for a full house as for a few stays."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from app.advisor.commands import Origin, PutQuestion, escalate
from app.payers.authorizations.commands import record_decision, request_authorization
from app.payers.authorizations.forms import AskPayer
from app.payers.contacts.commands import LogContact, log_contact
from app.payers.requests.terms import Action, Decision
from app.platform.now import now
from app.platform.work import begin, everywhere
from app.reviews.commands import WriteReview, sign_review
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stays
from tests.support.world import World

BrowserFor = Callable[..., Browser]
PAGES = {
    "uma": (
        "/worklists/reviews-due", "/worklists/authorizations", "/worklists/inpatient", "/payers", "/payers/PLAN1/open",
        "/payers/PLAN1",
    ),
    "paul": ("/decisions", "/worklists/decisions", "/decisions/outcomes"),
}  # fmt: skip
DAY = timedelta(days=1)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that is sent meanwhile."""
    sent: list[str] = []
    plain = psycopg.Cursor.execute

    def counted(self: Any, query: Any, *given: Any, **named: Any) -> Any:
        sent.append(str(query))
        return plain(self, query, *given, **named)

    psycopg.Cursor.execute = counted  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        psycopg.Cursor.execute = plain  # type: ignore[method-assign]


def fill(world: World, count: int) -> list[uuid.UUID]:
    """Stays with a review that is not met, an authorization that ends, a contact and a question each."""
    began = now() - 3 * DAY
    stays = add_stays(world, [StaySpec(start=began, room=f"{400 + n}") for n in range(count)])
    today: date = now().date()
    with begin(everywhere("test")) as work:
        work.write(
            "coverage",
            "insert into coverage (id, encounter_id, facility_id, rank, payer_code, payer_name, plan_code,"
            " group_number, member_number, starts_text, ends_text) select gen_random_uuid(), id, facility_id, 1,"
            " payer_code, payer_name, '', '', '', '', '' from encounter where id = any(%s)",
            (stays,),
        )
        for stay in stays:
            written = {
                "kind": "continued_stay", "for_day": today - DAY, "criteria": "aep_day 2", "reason": "Tablets only",
                "level": "acute", "recommended_level": "home", "summary": "Walks.",
            }  # fmt: skip
            sign_review(work, stay, WriteReview.model_validate(written))
            asked = request_authorization(work, stay, AskPayer(first_day=today - 2 * DAY, last_day=today))
            record_decision(work, asked.authorization_id, Decision(action=Action.CERTIFIED))
            request_authorization(work, stay, AskPayer(payer="PLAN1", first_day=today - 2 * DAY, last_day=today - DAY))
            log_contact(work, stay, LogContact(said="Asked for the number", follow_on=today + DAY))
            words = "Is the denial to be taken up with its physician?"
            question = PutQuestion.model_validate({"kind": "concurrent_denial", "question": words})
            escalate(work, stay, question, Origin(denial_id=uuid.uuid4()))
    return stays


def counts(browser_for: BrowserFor, stays: list[uuid.UUID]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, pages in PAGES.items():
        browser = browser_for(name)
        browser.get(pages[0])
        for path in pages:
            with statements() as sent:
                answer = browser.client.get(path, follow_redirects=False)
            assert answer.status_code == 200, path
            found[path] = len(sent)
    return found


def test_a_full_house_takes_as_many_statements_as_a_few_stays(world: World, browser_for: BrowserFor):
    few = counts(browser_for, fill(world, 3))
    many = counts(browser_for, fill(world, 22))
    grown = {path: (few[path], many[path]) for path in few if many[path] > few[path]}
    assert not grown


@pytest.mark.parametrize("part", ["reviews", "payer", "escalations", "reviews/new"])
def test_the_parts_of_a_stay_do_not_ask_for_each_record(world: World, browser_for: BrowserFor, part: str):
    stay, other = fill(world, 2)
    uma, today = browser_for("uma"), now().date()
    uma.get(f"/encounters/{other}/{part}")
    with statements() as before:
        uma.client.get(f"/encounters/{stay}/{part}", follow_redirects=False)
    with begin(everywhere("test")) as work:
        for number in range(4):
            log_contact(work, stay, LogContact(said=f"Call {number}"))
            first = today - 2 * DAY
            request_authorization(work, stay, AskPayer(first_day=first, last_day=first + (number + 3) * DAY))
            words = f"Is denial {number} to be taken up with its physician?"
            question = PutQuestion.model_validate({"kind": "concurrent_denial", "question": words})
            escalate(work, stay, question, Origin(denial_id=uuid.uuid4()))
    with statements() as after:
        uma.client.get(f"/encounters/{stay}/{part}", follow_redirects=False)
    assert len(after) <= len(before)
