"""The simulated people of utilization review: what they recorded fits together, counted here by SQL and by hand."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.demo import run
from app.demo.nurses.working import Nurses
from app.demo.plan import Plan
from app.demo.reviewers.hours import Shift, following, on_day
from app.demo.reviewers.working import Reviewers
from app.demo.run import Memory, Progress
from app.demo.simulation import simulate
from app.interop.inbox import drain
from app.platform.postgres import Addresses
from app.platform.work import everywhere, reading

NOW = datetime(2026, 3, 5, 22, 41, tzinfo=UTC)  # a Thursday, 16:41 in Chicago
CHICAGO = ZoneInfo("America/Chicago")
GRANTING = {"A1", "A2", "A6"}


class Played:
    """A small hospital of twelve days, and what its reviewers did."""

    def __init__(self, folder: Path, seed: int = 11) -> None:
        self.simulation = simulate(Plan(seed=seed, beds=20, ltch_beds=4, days=12, now=NOW))
        run.furnish(self.simulation)
        run.feed_open_stays(self.simulation, Memory(folder), Progress(self.simulation.plan), lambda *_: None)
        history = list(self.simulation.history_by_stay())
        run.receive([one.raw for one in history], run._SOURCE, at=[one.at for one in history])
        while drain():
            pass
        run.name_lines(self.simulation)
        self.nurses, self.reviewers = Nurses(self.simulation), Reviewers(self.simulation)
        self.reviewers.arrange()
        with reading(everywhere("test")) as db:
            self.stays = db.values("select id from encounter order by id")
        self.nurses.work_on(self.stays, self.reviewers.work_on)


@pytest.fixture(scope="module")
def played(lasting_database: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Played once: the tests only read, or do what must change nothing."""
    return Played(tmp_path_factory.mktemp("played"))


def rows(query: str, parameters: Any = None) -> list[Any]:
    with reading(everywhere("test")) as db:
        return db.connection.execute(query, parameters).fetchall()


def count(query: str, parameters: Any = None) -> int:
    return int(rows(query, parameters)[0][0])


def local_day(at: datetime) -> date:
    return at.astimezone(CHICAGO).date()


def test_what_was_recorded_fits_together(played: Played):
    _all_kinds_are_there()
    _reviews_are_of_days_of_their_stays()
    _days_authorized_are_those_that_the_answers_name()
    _questions_are_answered_afterwards_and_by_physicians()
    _denials_are_the_days_that_were_asked_and_not_given()
    _the_clocks_know(played)


def _all_kinds_are_there() -> None:
    assert count("select count(*) from review where kind = 'admission'") > 30
    assert count("select count(*) from review where kind = 'continued_stay'") > 30
    assert count("select count(*) from review where kind = 'observation'") > 3
    assert {outcome for (outcome,) in rows("select distinct outcome from review")} >= {"met", "not_met"}
    assert count("select count(distinct signed_by) from review") > 1, "not one nurse alone"
    assert {one for (one,) in rows("select distinct action from payer_decision")} >= {"A1", "A3", "A4"}
    assert count("select count(*) from payer_contact") > 5
    assert count("select count(*) from payer_card") > 5 and count("select count(*) from committee_member") == 4
    assert count("select count(*) from denial_appeal where state in ('sent', 'verified')") > 0


def _reviews_are_of_days_of_their_stays() -> None:
    found = rows(
        "select r.kind, r.for_day, r.signed_at, r.started_at, least(e.observation_at, e.inpatient_at), e.inpatient_at,"
        " e.discharge_at from review r join encounter e on e.id = r.encounter_id where r.ended_at is null"
    )
    assert len(found) > 80
    for kind, day, signed, started, began, ordered, left in found:
        assert began < started < signed <= NOW
        assert left is None or (signed < left and day <= local_day(left))
        assert local_day(began) <= day <= local_day(signed)
        if kind == "admission":
            assert day == local_day(ordered) and ordered < signed
        if kind == "observation":
            assert ordered is None or signed < ordered


def _days_authorized_are_those_that_the_answers_name() -> None:
    """By nights, answer after answer: what an answer says of the nights that were asked is what holds."""
    asked = {
        key: (first, until) for key, first, until in rows("select request_id, first_day, until_day from payer_request")
    }
    nights: dict[Any, set[date]] = {}
    for authorization, request, action, firsts, untils in rows(
        "select authorization_id, request_id, action, firsts, untils from payer_decision where ended_at is null"
        " and action <> 'NA' order by (select asked_at from payer_request r where r.request_id ="
        " payer_decision.request_id), received_at"
    ):
        own = nights.setdefault(authorization, set())
        if action == "A4":
            continue
        own -= set(_nights(*asked[request]))
        if action in GRANTING:
            own |= {night for first, until in zip(firsts, untils, strict=True) for night in _nights(first, until)}
    assert len(nights) > 30
    for authorization, firsts, untils, through in rows(
        "select authorization_id, firsts, untils, through from payer_standing where ended_at is null"
        " and state not in ('not_required', 'cancelled')"
    ):
        own = {night for first, until in zip(firsts, untils, strict=True) for night in _nights(first, until)}
        assert own == nights.get(authorization, set())
        assert through == max(own, default=None)
    early = (
        "select count(*) from payer_decision d join payer_request r using (request_id) where d.received_at < r.asked_at"
    )
    assert count(early) == 0


def _nights(first: date, until: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((until - first).days)]


def _questions_are_answered_afterwards_and_by_physicians() -> None:
    lost = (
        "select count(*) from review r where r.outcome = 'not_met' and r.ended_at is null and not exists"
        " (select from escalation x where x.review_id = r.review_id)"
    )
    assert count(lost) == 0, "a review that is not met goes to a physician"
    answered = rows(
        "select x.asked_at, d.decided_at, exists (select from role_grant g where g.user_id = d.decided_by"
        " and g.role in ('physician_advisor', 'chief_medical_officer')) from escalation_decision d"
        " join escalation x on x.escalation_id = d.escalation_id and x.ended_at is null"
    )
    assert len(answered) > 5
    for asked, decided, physician in answered:
        assert asked < decided <= NOW and physician
    lengths = [decided - asked for asked, decided, _ in answered]
    assert sorted(lengths)[len(lengths) // 2] < timedelta(hours=6), "most are answered within hours"
    backwards = "select count(*) from escalation where ended_at < made_at or asked_at > made_at"
    assert count(backwards) == 0


def _denials_are_the_days_that_were_asked_and_not_given() -> None:
    found = rows(
        "select n.kind, n.firsts, n.untils, n.amount, n.notice_at, r.first_day, r.until_day, d.firsts, d.untils,"
        " d.received_at, e.discharge_at from denial n join payer_decision d on d.decision_id = n.payer_decision_id"
        " join payer_request r on r.request_id = d.request_id join encounter e on e.id = n.encounter_id"
        " where n.ended_at is null"
    )
    assert len(found) > 3
    for kind, firsts, untils, amount, notice, asked, until, given, ended, received, left in found:
        granted = {night for a, b in zip(given, ended, strict=True) for night in _nights(a, b)}
        denied = {night for a, b in zip(firsts, untils, strict=True) for night in _nights(a, b)}
        assert denied == set(_nights(asked, until)) - granted
        assert notice == received
        assert kind == ("retrospective" if left is not None and left <= received else "concurrent")
        assert amount is None or 2000 * len(denied) < amount < 3500 * len(denied)
    short = (
        "select count(*) from payer_decision d where d.action in ('A3', 'A6') and not exists"
        " (select from denial n where n.payer_decision_id = d.decision_id)"
    )
    assert count(short) == 0
    wrong = (
        "select count(*) from denial_appeal a join denial n using (denial_id) where n.ended_at is null"
        " and (a.sent_at < n.notice_at or a.decided_at < a.sent_at or n.recovered_amount > n.amount)"
    )
    assert count(wrong) == 0


def _the_clocks_know(played: Played) -> None:
    """Obligations that the records close are closed at their true times; of who is here little is overdue."""
    closed = rows(
        "select o.closed_at, (select min(signed_at) from review r where r.encounter_id = o.encounter_id"
        " and r.ended_at is null) from obligation o where o.ended_at is null and o.rule = 'UR-ADM-SCREEN'"
        " and o.encounter_id in (select encounter_id from review)"
    )
    assert len(closed) > 40 and all(at == first for at, first in closed)
    overdue = count(
        "select count(*) from obligation o join encounter e on e.id = o.encounter_id where o.ended_at is null"
        " and o.required and o.closed_at is null and o.due_at < %s and e.status in ('admitted', 'on_leave')"
        " and o.rule ~ '^(UR|PY|ES)-'",
        (NOW,),
    )
    assert overdue <= 4
    instants = {at for told in played.reviewers.work_on(played.stays).values() for at in told}
    assert not instants, "nobody works on a stay twice"


def test_a_run_that_is_repeated_adds_nothing(played: Played):
    tables = ("review", "payer_request", "payer_decision", "payer_contact", "escalation", "denial", "denial_appeal")
    before = [count(f"select count(*) from {table}") for table in tables]
    played.nurses.work_on(played.stays, played.reviewers.work_on)
    played.reviewers.arrange()
    assert [count(f"select count(*) from {table}") for table in tables] == before


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (datetime(2026, 3, 5, 8, 0), datetime(2026, 3, 5, 9, 10)),
        (datetime(2026, 3, 5, 9, 10), datetime(2026, 3, 5, 11, 20)),
        (datetime(2026, 3, 6, 15, 0), datetime(2026, 3, 7, 10, 5)),  # Friday evening: the round of Saturday
        (datetime(2026, 3, 8, 11, 0), datetime(2026, 3, 9, 9, 10)),  # the night in which the clocks are put forward
    ],
)
def test_nurses_work_at_their_hours(after: datetime, expected: datetime):
    assert following(Shift.NURSE, after.replace(tzinfo=CHICAGO), CHICAGO) == expected.replace(tzinfo=CHICAGO)


def test_work_of_a_day_is_not_done_before_it_nor_before_what_it_follows():
    morning = datetime(2026, 3, 5, 9, 10, tzinfo=CHICAGO)
    noon = datetime(2026, 3, 5, 12, 0, tzinfo=CHICAGO)
    assert on_day(Shift.NURSE, date(2026, 3, 5), noon - timedelta(days=2), CHICAGO) == morning
    assert on_day(Shift.NURSE, date(2026, 3, 5), noon, CHICAGO) == datetime(2026, 3, 5, 14, 40, tzinfo=CHICAGO)
    assert on_day(Shift.APPEALS, date(2026, 3, 7), noon, CHICAGO) == datetime(2026, 3, 9, 14, 40, tzinfo=CHICAGO)
