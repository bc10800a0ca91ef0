"""Stays that are screened, assessed and looked at for signs of serious illness, and what is owed for them."""

import uuid
from datetime import datetime
from typing import Any

from app.discharge.assessment.commands import keep_draft, record_screen, sign_assessment
from app.discharge.assessment.forms import RecordScreen, WriteAssessment
from app.discharge.assessment.models import Assessment, Screening
from app.discharge.assessment.terms import Need
from app.discharge.illness.commands import hold_meeting, record_planning, tell_sign
from app.discharge.illness.forms import HoldMeeting, RecordPlanning, TellSign
from app.discharge.illness.terms import MeetingOutcome, Sign
from app.discharge.illness.upkeep import bring_up_to_date
from app.discharge.instruments.commands import AnswerQuestion, answer_question
from app.discharge.instruments.events import RiskComputed
from app.platform.work import Who, begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.feed import Telling
from tests.support.world import NOW, World

ADMITTED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A\n"
WRITTEN = {
    "points": ["walking", "lives_alone", "food"], "notes": {"support": "A neighbour looks in twice a day."},
    "goals": "Home, and to walk to the garden", "services": ["home_health"], "availability": "two agencies have room",
    "discussed": "patient",
}  # fmt: skip


def tell(world: World, story: str = ADMITTED, *, first: int = 1) -> uuid.UUID:
    """Tell a story of messages; the key of its stay."""
    Telling(world, first=first).tell(story)
    with reading(everywhere("test")) as view:
        found: uuid.UUID = view.value("select id from encounter where gone_at is null order by serial desc")
    return found


def diagnosed(stay: uuid.UUID, *codes: str, at: datetime = NOW) -> None:
    """Give a stay these diagnoses, as a message would, and look at it again."""
    with begin(everywhere("test"), at=at) as work:
        work.write("diagnosis", "delete from diagnosis where encounter_id = %s", (stay,))
        work.write_many(
            "diagnosis",
            "insert into diagnosis (encounter_id, facility_id, rank, code, text, kind)"
            " select id, facility_id, %s, %s, '', 'A' from encounter where id = %s",
            [(rank, code, stay) for rank, code in enumerate(codes, 1)],
        )
        facility = work.value("select facility_id from encounter where id = %s", (stay,))
        work.record(RiskComputed(facility_id=facility, encounter_id=stay, instruments=()))
        bring_up_to_date(work, stay)


def look(stay: uuid.UUID, at: datetime = NOW) -> bool:
    """Look at a stay again at an instant; whether something was stored."""
    with begin(everywhere("test"), at=at) as work:
        return bring_up_to_date(work, stay)


def screen(world: World, stay: uuid.UUID, now: datetime = NOW, name: str = "dana", **said: Any) -> Screening:
    """A screen by this person at that instant."""
    with begin(world.viewer(name).acting(Permission.PLAN_WRITE), at=now) as work:
        return record_screen(work, stay, RecordScreen.model_validate(said))


def assess(world: World, stay: uuid.UUID, at: datetime = NOW, name: str = "dana", **said: Any) -> Assessment:
    """A signed assessment by this person at that instant."""
    with begin(world.viewer(name).acting(Permission.PLAN_WRITE), at=at) as work:
        return sign_assessment(work, stay, WriteAssessment.model_validate(WRITTEN | said))


def owed(rule: str) -> list[tuple[datetime | None, datetime | None]]:
    """What is stored as owed under a rule: due, closed."""
    with reading(everywhere("test")) as view:
        query = "select due_at, closed_at from obligation where ended_at is null and required and rule = %s order by 1"
        return view.rows(lambda *row: row, query, (rule,))


def score(stay: uuid.UUID, instrument: str) -> tuple[int | None, int, str, str]:
    """A stored score: total, at least, band, kind."""
    with reading(everywhere("test")) as view:
        query = (
            "select total, at_least, band, kind from risk_score where encounter_id = %s and instrument = %s"
            " and ended_at is null"
        )
        return view.rows(lambda *row: row, query, (stay, instrument))[0]


def case(stay: uuid.UUID) -> str:
    """Where the case of a stay stands; empty without one."""
    with reading(everywhere("test")) as view:
        query = "select state from illness_case where encounter_id = %s and ended_at is null"
        return str(view.value(query, (stay,)) or "")


def one_of_each(who: Who, stay: uuid.UUID, words: str) -> dict[str, str]:
    """A screen, an assessment with a draft after it, an answer, a sign and a meeting of a stay; their keys by name."""
    with begin(who) as work:
        screened = record_screen(work, stay, RecordScreen(needs=[Need.ALONE], note=words))
        said = WriteAssessment.model_validate(WRITTEN | {"goals": words})
        signed = sign_assessment(work, stay, said)
        keep_draft(work, stay, said)
        answered = answer_question(work, stay, AnswerQuestion(question="pps", value="40", taken_by=words))
        told = tell_sign(work, stay, TellSign(sign=Sign.SYMPTOMS, evidence=words))
        record_planning(work, stay, RecordPlanning(goals=words))
        talk = HoldMeeting(present=words, outcome=MeetingOutcome.INFORMED, minutes=20)
        met = hold_meeting(work, stay, talk)
    return {
        "screening_id": str(screened.screening_id), "assessment_id": str(signed.assessment_id),
        "answer_id": str(answered.id), "sign_id": str(told.id), "meeting_id": str(met.meeting_id),
    }  # fmt: skip
