"""The ladder of a facility: minutes for each rung, from a day on. A ladder is ended, never rewritten."""

from datetime import date
from typing import Annotated

import msgspec
from pydantic import BaseModel, BeforeValidator, Field

from app.advisor.events import LadderSet
from app.advisor.models import EscalationLadder
from app.advisor.rules import Ladder, check_ladder
from app.advisor.terms import Rung
from app.kernel.refusal import Refused
from app.platform.work import Reading, Work

LONGEST = 7 * 24 * 60
Minutes = Annotated[
    Annotated[int, Field(ge=5, le=LONGEST)] | None, BeforeValidator(lambda value: None if value == "" else value)
]


class SetLadder(BaseModel):
    """Minutes for each rung from a day on; a rung without minutes is skipped."""

    begins: date
    case_manager: Minutes = None
    lead: Minutes = None
    physician_advisor: Minutes = None
    chief_medical_officer: Minutes = None

    @property
    def minutes(self) -> dict[Rung, int]:
        """The rungs that have a time."""
        return {rung: found for rung in Rung if (found := getattr(self, rung.value)) is not None}


class Set(msgspec.Struct):
    """A ladder that a facility set, and who did."""

    begins: date
    case_manager: int | None
    lead: int | None
    physician_advisor: int | None
    chief_medical_officer: int | None
    by: str

    @property
    def ladder(self) -> Ladder:
        """As the rules read it."""
        return Ladder({rung: found for rung in Rung if (found := getattr(self, rung.value)) is not None})


_SET = """
select l.begins, l.case_manager, l.lead, l.physician_advisor, l.chief_medical_officer, coalesce(u.display_name, '')
from escalation_ladder l left join app_user u on u.id = l.made_by
where l.facility_id = %s and l.ended_at is null order by l.begins desc
"""


def ladders(db: Reading, facility_id: int) -> list[Set]:
    """The ladders that stand, the latest first."""
    return db.rows(Set, _SET, (facility_id,))


def ladder_on(db: Reading, facility_id: int, day: date) -> Ladder:
    """The ladder of that day; the default where the facility set none."""
    return next((one.ladder for one in ladders(db, facility_id) if one.begins <= day), Ladder())


def set_ladder(work: Work, facility_id: int, ask: SetLadder, today: date) -> EscalationLadder:
    """Let a ladder stand from its first day on. Refused for a day that is past, and without a physician."""
    if ask.begins < today:
        raise Refused("Choose today or a later day: what rose already rose by the ladder of its day.", field="begins")
    check_ladder(ask.minutes)
    work.connection.execute("select pg_advisory_xact_lock(hashtext('advisor.ladder'), %s)", (facility_id,))
    work.write(
        "escalation_ladder",
        "update escalation_ladder set ended_at = %s, ended_by = %s"
        " where facility_id = %s and ended_at is null and begins >= %s",
        (work.now, work.who.actor_id, facility_id, ask.begins),
    )
    made = work.add(
        EscalationLadder(
            facility_id=facility_id, **ask.model_dump(), made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        LadderSet(
            facility_id=facility_id, begins=ask.begins, minutes={rung.value: n for rung, n in ask.minutes.items()}
        )
    )
    return made
