"""What payers lend to others, and what follows from others: packets, changes since, united stays, changed cards."""

import uuid
from datetime import UTC, date, datetime, time, timedelta

from app.payers.authorizations.queries import days_authorized, kept
from app.payers.contacts.commands import LogContact, log_contact
from app.payers.directory.commands import SetCard, set_card
from app.payers.packet import sections
from app.payers.requests.terms import Action, Days
from app.payers.since import payer_changes, replies
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.worklists.assignment.commands import take
from tests.browser.journeys import stay_of
from tests.payers.support import ADMITTED, WORK, answer, ask, owed, tell
from tests.support.feed import Telling
from tests.support.world import NOW, World

FOUR = {"first_day": date(2026, 3, 4), "last_day": date(2026, 3, 7)}
HOUR = timedelta(hours=1)
SEE = everywhere("test")


def say(world: World, stay: uuid.UUID, words: str, at: datetime = NOW, way: str = "in") -> None:
    with begin(world.viewer("uma").acting(WORK), at=at) as work:
        log_contact(work, stay, LogContact.model_validate({"said": words, "direction": way, "person": "Jo Roe"}))


def test_a_packet_holds_what_stands_in_the_order_in_which_it_was_said(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    answer(world, made.authorization_id, NOW + HOUR, action=Action.MODIFIED, quantity=2, authorization_number="A-77")
    say(world, stay, "Sent the notes", NOW + 2 * HOUR, "out")

    with reading(SEE) as db:
        (section,) = sections(db, stay)

    first, second = section.blocks
    assert (section.place, first.heading) == (50, "BAYSHORE ADVANTAGE")
    assert ("State", "partially approved") in first.facts and ("Number", "A-77") in first.facts
    assert ("Not authorized", "Fri 6 Mar to Sat 7 Mar, 2 days") in first.facts
    assert first.table is not None and [row[1] for row in first.table.rows] == ["Asked", "Answered"]
    assert second.table is not None and [row[2] for row in second.table.rows] == ["Sent the notes"]


def test_what_was_struck_out_is_in_no_packet(world: World):
    from app.payers.authorizations.commands import strike_authorization
    from app.web.fields import StrikeOut

    stay = tell(world)
    made = ask(world, stay, **FOUR)
    with begin(world.viewer("uma").acting(WORK), at=NOW + HOUR) as work:
        strike_authorization(work, made.authorization_id, StrikeOut(reason="Another stay"))
    with reading(SEE) as db:
        assert [block for one in sections(db, stay) for block in one.blocks] == []


def test_changes_since_are_what_the_payer_said_after_that_and_not_what_we_said(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    say(world, stay, "Wants the notes", NOW + HOUR)
    say(world, stay, "We sent the notes", NOW + 2 * HOUR, "out")
    answer(world, made.authorization_id, NOW + 3 * HOUR, action=Action.NOT_CERTIFIED)

    with reading(SEE, at=NOW + 4 * HOUR) as db:
        both = payer_changes(db, stay, NOW)
        late = payer_changes(db, stay, NOW + 2 * HOUR)

    assert {one.after for one in both} == {"Wants the notes", "Denied, by call"}
    assert [one.after for one in late] == ["Denied, by call"]


def test_the_owner_hears_of_replies_of_the_night_but_not_of_the_own_records(world: World):
    stay = tell(world)
    dana = world.viewer("dana")
    with begin(dana.acting(Permission.STAY_TAKE), at=NOW) as work:
        take(work, stay)
    made = ask(world, stay, **FOUR)
    answer(world, made.authorization_id, NOW + HOUR, action=Action.PENDED)

    with reading(dana, at=NOW + 2 * HOUR) as db:
        (strip,) = replies(db, dana, NOW)
        assert [one.words for one in strip.stays] == ["pended"]
        assert replies(db, dana, NOW + 90 * HOUR / 60) == []
    uma = world.viewer("uma")
    with reading(uma, at=NOW + 2 * HOUR) as db:
        assert replies(db, uma, NOW) == []


def test_what_stands_for_a_part_of_a_stay_stands_for_the_whole(world: World):
    feed = Telling(world)
    feed.tell(ADMITTED + ADMITTED.replace("A01 |", "A01 | visit E900 |"))
    former, whole = stay_of("E900"), stay_of("V100")
    made = ask(world, former, **FOUR)
    answer(world, made.authorization_id, NOW + HOUR, action=Action.CERTIFIED)

    feed.tell("A42 | visit V100 | mrg-visit E900 | rec 03-05 12:00")

    with reading(SEE) as db:
        assert [one.encounter_id for one in kept(db, [whole])[whole]] == [whole]
        assert days_authorized(db, [whole]) == {whole: (Days(date(2026, 3, 4), date(2026, 3, 8)),)}
        standing = db.values("select encounter_id from payer_standing where ended_at is null")
    assert standing == [whole]
    answer(world, made.authorization_id, NOW + 4 * HOUR, action=Action.NOT_CERTIFIED)
    with reading(SEE) as db:
        assert days_authorized(db, [whole]) == {whole: ()}


def test_a_card_moves_the_time_until_which_further_days_are_asked(world: World):
    stay = tell(world)
    made = ask(world, stay, first_day=date(2026, 3, 4), last_day=date(2026, 3, 6))
    answer(world, made.authorization_id, NOW, action=Action.CERTIFIED)
    before = owed("PY-EXTEND")
    assert before is not None and before[1] == datetime(2026, 3, 7, 6, 0, tzinfo=UTC)
    with reading(SEE) as db:
        code = db.value("select payer_code from payer_authorization")

    card = SetCard(timezone="America/New_York", cutoff=time(17, 0), begins=date(2026, 3, 6))
    with begin(world.viewer("lee").acting(Permission.PAYER_SET), at=NOW + HOUR) as work:
        set_card(work, world.facility["NORTH"], code, card)

    # The card begins on the day on which the days end, which is tomorrow: 17:00 in New York that day.
    after = owed("PY-EXTEND")
    assert after is not None and after[1] == datetime(2026, 3, 6, 22, 0, tzinfo=UTC)
