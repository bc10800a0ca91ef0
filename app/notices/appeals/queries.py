"""Appeals of stays with their steps, and the hold that they put on a discharge."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.notices.appeals import rules
from app.notices.appeals.rules import Happened, Hold
from app.notices.appeals.terms import AppealKind, AppealState, AppealStep, Favors
from app.platform.work import Reading


class StepLine(msgspec.Struct):
    """One step, also one that was struck out."""

    id: uuid.UUID
    appeal_id: uuid.UUID
    step: str
    at: datetime
    who: str
    favors: str
    detail: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str
    ended_reason: str


class Case(msgspec.Struct):
    """One appeal with all its steps, in order."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    kind: str
    discharge_on: date | None
    released_at: datetime | None
    timezone: str
    ended_at: datetime | None
    steps: list[StepLine] = []

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the facility."""
        return ZoneInfo(self.timezone)

    @property
    def standing(self) -> list[Happened]:
        """The steps that count, as the rules see them."""
        return [
            Happened(AppealStep(one.step), one.at, Favors(one.favors) if one.favors else None)
            for one in self.steps
            if one.ended_at is None
        ]

    @property
    def state(self) -> AppealState:
        """Where it stands."""
        return rules.state(self.standing)

    @property
    def in_time(self) -> bool:
        """Whether the patient asked in time."""
        kind, asked = AppealKind(self.kind), self.standing[0].at
        return rules.timely(kind, asked, self.released_at, self.discharge_on, self.zone)

    @property
    def hold(self) -> Hold | None:
        """What it stops."""
        return rules.hold(AppealKind(self.kind), self.standing, in_time=self.in_time, zone=self.zone)


_CASES = """
select a.id, a.encounter_id, a.kind, a.discharge_on, a.released_at, f.timezone, a.ended_at
from qio_appeal a join facility f on f.id = a.facility_id where a.encounter_id = any(%s) order by a.made_at desc
"""
_STEPS = """
select s.id, s.appeal_id, s.step, s.at, s.who, s.favors, s.detail, s.made_at, coalesce(m.display_name, ''), s.ended_at,
  coalesce(b.display_name, ''), case when s.ended_at is null then '' else s.ended_reason end
from qio_appeal_step s left join app_user m on m.id = s.made_by left join app_user b on b.id = s.ended_by
where s.encounter_id = any(%s) order by s.place
"""


def cases(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> list[Case]:
    """The appeals of these stays, the latest first, those that were struck out too."""
    return cases_among(db, with_former(db, encounter_ids))


def cases_among(db: Reading, belongs: Mapping[uuid.UUID, uuid.UUID]) -> list[Case]:
    """The same, for stays and those that became part of them."""
    wanted = list(belongs)
    found = db.rows(Case, _CASES, (wanted,))
    if found:
        by_id = {one.id: one for one in found}
        for one in found:
            one.steps, one.encounter_id = [], belongs[one.encounter_id]
        for step in db.rows(StepLine, _STEPS, (wanted,)):
            by_id[step.appeal_id].steps.append(step)
    return found


def holds(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Hold]:
    """The hold in force for each stay: no discharge, no charge, no avoidable day of the hospital."""
    found: dict[uuid.UUID, Hold] = {}
    for one in cases(db, encounter_ids):
        stops = one.hold if one.ended_at is None and one.standing else None
        if stops is not None and (stops.until is None or stops.until > db.now):
            found.setdefault(one.encounter_id, stops)
    return found
