"""The evidence for a change under condition code 44, as the records hold it: nothing is ticked by hand."""

from dataclasses import dataclass
from datetime import datetime

from app.census.united import Subject
from app.clocks.terms import Line
from app.kernel.wording import dated_text
from app.platform.work import Reading
from app.status import queries
from app.status.changing.kept import Claim, claim_statements
from app.status.determining.commands import told_of
from app.status.queries import Case
from app.status.reckoning import clocks_of
from app.status.rules import Condition, StatusChange, conditions, deciding, missing_notices, other_way
from app.status.terms import DeterminationState, Finding, Question, Statement

_DONE = (DeterminationState.DETERMINED, DeterminationState.CLOSED)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The conditions of a change, each with what shows it, and the determination that it rests on."""

    change: StatusChange
    conditions: list[Condition]
    shown: dict[str, str]
    determination: Case | None
    other_way: str

    @property
    def missing(self) -> list[str]:
        """What is not shown yet."""
        return [one.missing for one in self.conditions if not one.held]


def lines_of(db: Reading, stay: Subject) -> frozenset[Line]:
    """Who pays today, as lines of business."""
    found = clocks_of(db, stay.encounter_id)
    return found.lines(stay.day(db.now)) if found is not None else frozenset()


def payer_line(lines: frozenset[Line]) -> Line:
    """The line that decides the process: a plan before original Medicare, since then the plan pays."""
    if Line.MEDICARE_ADVANTAGE in lines:
        return Line.MEDICARE_ADVANTAGE
    if Line.MEDICARE_FFS in lines:
        return Line.MEDICARE_FFS
    return min(lines, default=Line.OTHER)


def evidence(db: Reading, stay: Subject, cases: list[Case]) -> Evidence:
    """All that is known for and against changing this inpatient to an outpatient now."""
    now = queries.where(db, stay.encounter_id)
    determined = _determination(cases, now.inpatient_at or stay.ordered_at)
    talk = _case(cases, determined, now.inpatient_at or stay.ordered_at)
    claim = _last(claim_statements(db, stay.encounter_id))
    concurs = talk.concurrence if talk is not None else None
    told = told_of(db, stay, determined) if determined is not None else frozenset()
    members = _members(db, stay, talk)
    change = StatusChange(
        at=db.now,
        discharged_at=now.left_at,
        line=payer_line(lines_of(db, stay)),
        inpatient=now.inpatient,
        claim_said=claim is not None,
        claim_sent=claim is not None and claim.statement != Statement.NOT_SUBMITTED,
        members=members,
        needed=determined.version.members_needed if determined is not None else None,
        physician_concurs=concurs is not None,
        documented=concurs is not None and bool(concurs.documented_in),
        not_told=missing_notices(told),
    )
    shown = _shown(change, determined, claim, stay, db)
    return Evidence(change, conditions(change), shown, determined, other_way(change))


def _determination(cases: list[Case], since: datetime | None) -> Case | None:
    """The determination about the admission in force: one of an earlier admission of the same stay does not serve."""
    for one in reversed(cases):
        version = one.version
        if (
            version.question == Question.ADMISSION
            and version.state in _DONE
            and version.finding == Finding.NOT_NECESSARY
            and (since is None or version.opened_at >= since)
        ):
            return one
    return None


def _case(cases: list[Case], determined: Case | None, since: datetime | None) -> Case | None:
    """What was said and heard: of the determination, else of the one that is open."""
    if determined is not None:
        return determined
    running = [one for one in cases if one.version.question == Question.ADMISSION and
               one.version.state == DeterminationState.OPEN]  # fmt: skip
    return next((one for one in reversed(running) if since is None or one.version.opened_at >= since), None)


def _members(db: Reading, stay: Subject, found: Case | None) -> int:
    if found is None:
        return 0
    votes = found.votes(queries.care_team(db, stay.encounter_id))
    return len(deciding(votes, Finding.NOT_NECESSARY))


def _last(found: list[Claim]) -> Claim | None:
    return found[-1] if found else None


def _shown(
    change: StatusChange, determined: Case | None, claim: Claim | None, stay: Subject, db: Reading
) -> dict[str, str]:
    """What shows each condition that holds."""
    found = {"payer": "Original Medicare"}
    if claim is not None:
        found["claim"] = f"{claim.said_by}, {dated_text(claim.said_at, stay.zone, db.now)}"
    if determined is None:
        return found
    version, concurs = determined.version, determined.concurrence
    if version.determined_at is not None:
        by = ", ".join(one.name for one in determined.given if one.finding == Finding.NOT_NECESSARY)
        found["committee"] = f"{by}, {dated_text(version.determined_at, stay.zone, db.now)}"
    if concurs is not None:
        found["concurrence"] = f"{concurs.practitioner}, {dated_text(concurs.attempted_at, stay.zone, db.now)}"
        found["documented"] = concurs.documented_in
    found["notices"] = ", ".join(
        f"{one.told} {dated_text(one.delivered_at, stay.zone, db.now)}" for one in determined.written
    )
    return found
