"""The facts of ledgers out of the tables: for any number of stays the same few queries."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.avoidable_days.queries import LedgerEntry, entries_by_day
from app.census.stay.queries import A_MOMENT
from app.census.stay.timeline import Course, Lane, Row
from app.census.united import with_former
from app.clocks.facts import Policy
from app.clocks.gather import stored_policies
from app.discharge.plan.queries import expected_dates
from app.discharge.ready.queries import ready_spans
from app.kernel.days import local_day
from app.ledger.rules import Claim, Entry, Facts
from app.ledger.terms import Authorized, Source
from app.payers.authorizations import queries as authorizations
from app.payers.authorizations.terms import AuthorizationState
from app.payers.denials import queries as denials
from app.payers.denials.terms import DenialOutcome, DenialState
from app.payers.directory.queries import NO_PLAN, payers_of
from app.payers.requests.rules import without
from app.payers.requests.terms import Days
from app.platform.work import Reading
from app.reviews.rules import Reviewed
from app.reviews.sampling.blind import kept_blind
from app.reviews.terms import Outcome


class Stay(msgspec.Struct, frozen=True):
    """What the ledger has to know of a stay beside its movements."""

    id: uuid.UUID
    facility_id: int
    patient_id: uuid.UUID
    timezone: str
    status: str
    discharge_at: datetime | None
    discharge_precise: bool
    gmlos: float | None
    expected_at: datetime | None

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the facility."""
        return ZoneInfo(self.timezone)

    @property
    def expected_on(self) -> date | None:
        """The day on which the feed expects the departure; what the plan says stands in its place."""
        return local_day(self.expected_at, self.zone) if self.expected_at is not None else None


_STAYS = """
select e.id, e.facility_id, e.patient_id, f.timezone, e.status, e.discharge_at, e.discharge_precise, e.gmlos,
  case when e.pending_kind = 'discharge' then coalesce(e.pending_at, e.expected_discharge_at)
    else e.expected_discharge_at end
from encounter e join facility f on f.id = e.facility_id
where e.id = any(%s) and e.gone_at is null and e.status not in ('preadmit', 'cancelled')
"""
_MOVEMENTS = """
select encounter_id, lane, value, since, until from movement
where encounter_id = any(%s) and lane in (1, 2, 5) order by encounter_id, lane, since
"""
_INTENSIVE = "select facility_id, code from unit where facility_id = any(%s) and kind = 'intensive'"
_REVIEWS = """
select encounter_id, review_id, for_day, outcome, signed_at, next_review_on from review
where encounter_id = any(%s) and ended_at is null
"""
_LANES = {lane.value: lane for lane in Lane}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_EVER = (Days(date.min, date.max),)
_LIVING = frozenset({DenialState.OPEN, DenialState.TALK, DenialState.APPEALED, DenialState.CLOSED})


class Found(msgspec.Struct, frozen=True):
    """A stay with the facts of its ledger."""

    stay: Stay
    facts: Facts


def gather(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> list[Found]:
    """The facts of these stays, those that have midnights at all, in the order in which they were named."""
    wanted = list(encounter_ids)
    stays = {one.id: one for one in db.rows(Stay, _STAYS, (wanted,))}
    facilities = {one.facility_id for one in stays.values()}
    intensive = _intensive(db, facilities)
    courses = _courses(db, stays, intensive)
    belongs = with_former(db, list(stays))
    hidden = kept_blind(db, list(belongs))
    hidden_stays = {belongs[one] for one in hidden}
    reviews = _reviews(db, belongs)
    claims = _claims(db, belongs)
    needs = _needs(db, stays, courses)
    entries = entries_by_day(db, list(stays))
    ready = ready_spans(db, list(stays))
    planned = {one.encounter_id: one.expected_on for one in expected_dates(db, list(stays))}
    return [
        Found(
            stay,
            Facts(
                course=courses[key],
                reviews=reviews.get(key, ()),
                hidden=key in hidden_stays,
                claims=claims.get(key, ()),
                needs=needs[key],
                entries={day: _entry(one) for day, one in entries.get(key, {}).items()},
                ready=[(one.begins, one.ends) for one in ready.get(key, ())],
                gmlos=stay.gmlos,
                expected=planned.get(key) or stay.expected_on,
            ),
        )
        for key in wanted
        if (stay := stays.get(key)) is not None
    ]


def _entry(one: LedgerEntry) -> Entry:
    return Entry(one.code, one.label, one.draft, one.phase, one.entry_id)


def _intensive(db: Reading, facilities: Iterable[int]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for facility_id, code in db.rows(_pair, _INTENSIVE, (list(facilities),)):
        found.setdefault(facility_id, set()).add(code)
    return {facility_id: frozenset(codes) for facility_id, codes in found.items()}


def _pair(facility_id: int, code: str) -> tuple[int, str]:
    return facility_id, code


def _courses(
    db: Reading, stays: Mapping[uuid.UUID, Stay], intensive: Mapping[int, frozenset[str]]
) -> dict[uuid.UUID, Course]:
    rows: dict[uuid.UUID, list[Row]] = {key: [] for key in stays}
    with db.connection.cursor() as cursor:
        moves = cursor.execute(db.worded(_MOVEMENTS), (list(stays),)).fetchall()
    for key, lane, value, since, until in moves:
        rows[key].append(Row(_LANES[lane], value, "", since, until))
    return {key: _course(stay, rows[key], intensive.get(stay.facility_id, frozenset()), db.now)
            for key, stay in stays.items()}  # fmt: skip


def _course(stay: Stay, rows: Sequence[Row], intensive: frozenset[str], now: datetime) -> Course:
    """The timeline up to the departure, else up to now; a departure that lies ahead has not taken place.

    Where only the day of departure is known, the stay ends at the start of that day, or right after its last movement.
    """
    left = stay.status == "discharged"
    end = stay.discharge_at if left and stay.discharge_at is not None else now
    if left and not stay.discharge_precise:
        end = max([end, *(row.since + A_MOMENT for row in rows)])
    if end > now:
        left, end = False, now
    return Course(tuple(rows), stay.zone, end, left, stay.discharge_precise, intensive)


def _reviews(db: Reading, belongs: Mapping[uuid.UUID, uuid.UUID]) -> dict[uuid.UUID, list[Reviewed]]:
    found: dict[uuid.UUID, list[Reviewed]] = {}
    with db.connection.cursor() as cursor:
        reviews = cursor.execute(db.worded(_REVIEWS), (list(belongs),)).fetchall()
    for key, review_id, day, outcome, at, next_on in reviews:
        found.setdefault(belongs[key], []).append(Reviewed(review_id, day, _OUTCOMES[outcome], at, next_on))
    return found


def _claims(db: Reading, belongs: Mapping[uuid.UUID, uuid.UUID]) -> dict[uuid.UUID, list[Claim]]:
    """What payers say of days, strongest word first.

    A denial that was overturned stands for the payer's last word, as does one that was not; then approved days of any
    payer, then what was decided against them, then what was asked, then the word that none is needed.
    """
    ranked: dict[uuid.UUID, list[tuple[int, Claim]]] = {}
    for key, rank, claim in [*_of_denials(db, belongs), *_of_authorizations(db, belongs)]:
        ranked.setdefault(key, []).append((rank, claim))
    return {key: [claim for _, claim in sorted(found, key=lambda one: one[0])] for key, found in ranked.items()}


Ranked = tuple[uuid.UUID, int, Claim]


def _of_denials(db: Reading, belongs: Mapping[uuid.UUID, uuid.UUID]) -> Iterator[Ranked]:
    for one in denials.standing(db, list(belongs)):
        if one.state not in _LIVING or not one.days:
            continue
        won = one.outcome == DenialOutcome.OVERTURNED
        letter = Authorized.APPROVED if won else Authorized.DENIED
        yield belongs[one.encounter_id], 0 if won else 1, Claim(letter, one.days, Source.DENIAL, one.denial_id)


def _of_authorizations(db: Reading, belongs: Mapping[uuid.UUID, uuid.UUID]) -> Iterator[Ranked]:
    """What is granted stands stored; only where days were asked beyond that the answers themselves are read."""
    asked = authorizations.asked_days(db, list(belongs))
    open_ones: dict[uuid.UUID, uuid.UUID] = {}
    for stay, found in authorizations.kept(db, [key for key, whole in belongs.items() if key == whole]).items():
        for one in found:
            if one.state == AuthorizationState.CANCELLED:
                continue
            if one.ranges:
                yield stay, 2, _claim(Authorized.APPROVED, one.ranges, one.authorization_id)
            if one.state == AuthorizationState.NOT_REQUIRED:
                yield stay, 5, _claim(Authorized.NOT_REQUIRED, _EVER, one.authorization_id)
            elif without(asked.get(one.authorization_id, ()), one.ranges):
                open_ones[one.authorization_id] = stay
    for held in authorizations.some(db, list(open_ones)) if open_ones else ():
        days, stay = held.standing.days, open_ones[held.id]
        if days.denied:
            yield stay, 3, _claim(Authorized.DENIED, days.denied, held.id)
        if days.open:
            yield stay, 4, _claim(Authorized.REQUESTED, days.open, held.id)


def _claim(letter: Authorized, ranges: tuple[Days, ...], key: uuid.UUID) -> Claim:
    return Claim(letter, ranges, Source.AUTHORIZATION, key)


def _needs(db: Reading, stays: Mapping[uuid.UUID, Stay], courses: Mapping[uuid.UUID, Course]) -> dict[uuid.UUID, bool]:
    """Whether some payer of a stay has to be told of its admission, and so asked: the test of the rule PY-NOTIFY.

    Original Medicare and who pays alone are never asked; a term of the facility or of a payer may say the same.
    """
    payers = payers_of(db, list(stays))
    policies = stored_policies(db, {one.facility_id for one in stays.values()})
    found = {}
    for key, stay in stays.items():
        start = courses[key].start
        day = local_day(start, stay.zone) if start is not None else None
        waived = {one.payer for one in policies.get(stay.facility_id, ()) if _waives(one, day)}
        found[key] = "" not in waived and any(
            one.line not in NO_PLAN and one.payer_code not in waived for one in payers.get(key, ())
        )
    return found


def _waives(one: Policy, day: date | None) -> bool:
    """Whether a term says for stays that begin on this day that the payer is not told."""
    holds = day is not None and one.begins <= day and (one.ends is None or day <= one.ends)
    return one.rule == "PY-NOTIFY" and not one.asked and holds
