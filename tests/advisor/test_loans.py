"""What a card borrows from reviews and payers, and what packets, the overnight strip and reviews get from it."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.advisor.packet import sections
from app.advisor.stay.changes import opinions_since
from app.advisor.stay.overnight import decided
from app.payers.contacts.commands import LogContact, log_contact
from app.payers.directory.commands import SetCard, set_card
from app.payers.directory.terms import PeerToPeerEffect
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.worklists.assignment.commands import take
from tests.advisor.support import ask, sign, stands
from tests.reviews.support import ADMITTED, CONTINUED, NOT_MET, tell
from tests.reviews.support import sign as sign_review
from tests.reviews.support import strike as strike_review
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
MINUTE = timedelta(minutes=1)


def test_a_review_that_is_not_met_asks_and_stands_on_the_card(world: World, browser_for: BrowserFor):
    stay = tell(world, ADMITTED)
    review = sign_review(world, stay, CONTINUED, NOT_MET)
    with reading(everywhere("test")) as db:
        [(question, subject)] = db.rows(lambda *row: row, "select escalation_id, review_id from escalation")
    assert subject == review.review_id

    card = browser_for("paul").get("/decisions").text
    assert "Walks with help." in card and "not met" in card and "A review did not meet its criteria." in card

    strike_review(world, review.review_id, NOW + MINUTE)
    assert stands(question)[0] == "withdrawn"


def test_the_card_says_what_the_payer_said_and_what_a_talk_can_do(world: World, browser_for: BrowserFor):
    stay = tell(world, ADMITTED)
    with reading(everywhere("test")) as db:
        code = db.value("select payer_code from encounter")
    with begin(world.viewer("lee").acting(Permission.PAYER_SET)) as work:
        ask_card = {
            "begins": "2020-01-01",
            "timezone": "America/Chicago",
            "p2p_effect": PeerToPeerEffect.BEFORE_DENIAL.value,
        }
        set_card(work, world.facility["NORTH"], code, SetCard.model_validate(ask_card))
    with begin(world.viewer("uma").acting(Permission.AUTHORIZATION_WRITE)) as work:
        said = {"channel": "call", "direction": "in", "said": "Stable for a lower level"}
        log_contact(work, stay, LogContact.model_validate(said))
    ask(world, stay, "concurrent_denial", now() - 5 * MINUTE)

    card = browser_for("paul").get("/decisions").text

    assert "This plan cannot change a denial after its letter" in card
    assert "Stable for a lower level" in card


@pytest.fixture
def answered(world: World) -> uuid.UUID:
    stay = add_stay(world, StaySpec(patient_class="OBS"))
    with begin(world.viewer("dana"), at=NOW) as work:
        take(work, stay)
    sign(world, ask(world, stay), "inpatient_supported", "acute_need", NOW + MINUTE, rationale="Gas exchange is poor.")
    return stay


def test_a_packet_holds_the_opinion_with_its_rationale(world: World, answered: uuid.UUID):
    with reading(world.viewer("dana").acting(Permission.STAY_SEE), at=NOW + 2 * MINUTE) as db:
        [section] = sections(db, answered)

    assert (section.key, section.place) == ("opinions", 40)
    [block] = section.blocks
    assert block.heading == "Inpatient supported" and block.paragraphs == ("Gas exchange is poor.",)
    assert ("Because", "Acute need shown") in block.facts and ("Signed by", "Paul Adeyemi") in block.facts


def test_the_owner_is_told_overnight_and_the_reviewer_at_the_next_review(world: World, answered: uuid.UUID):
    viewer = world.viewer("dana").acting(Permission.STAY_LIST)
    with reading(viewer, at=NOW + timedelta(hours=12)) as db:
        [told] = decided(db, viewer, NOW)
        assert [one.words for one in told.stays] == ["inpatient supported"]
        assert list(decided(db, viewer, NOW + 5 * MINUTE)) == []
        [change] = opinions_since(db, answered, NOW)
        assert change.sentence == "Physician advisor: inpatient supported, acute need shown."
