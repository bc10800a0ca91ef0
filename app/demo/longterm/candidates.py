"""People who were referred and never came, and those whose referrals are open at the end of the history."""

import uuid
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

import msgspec

from app.demo import people
from app.demo.cases import LONG_TERM, Case
from app.demo.hospital import ACUTE, PAYERS
from app.demo.longterm.desk import MANAGER
from app.demo.longterm.referring import Candidate, End, Referring, office_hour
from app.demo.plan import Plan
from app.demo.reviewers.agenda import Agenda
from app.kernel.days import ONE_DAY, local_day
from app.ltac.screening import queries
from app.ltac.screening.commands import record_screening, take_intensive_days
from app.ltac.screening.converting import sisters
from app.ltac.screening.forms import Screen
from app.ltac.screening.terms import DeclineReason, Need, ReferralAction, Told
from app.platform.work import Reading, Work

NOWHERE = uuid.UUID(int=0)
_A, _D = ReferralAction, DeclineReason
_EVERY = 3.0  # days between two referrals that come to nothing, for forty beds
_BEDS = 40
_ENDS = (
    (_A.DECLINE, _D.NO_BED, 22), (_A.DECLINE, _D.LOWER_LEVEL, 18), (_A.DECLINE, _D.PAYER, 14),
    (_A.DECLINE, _D.EVIDENCE, 10), (_A.DECLINE, _D.UNSTABLE, 8), (_A.DECLINE, _D.CAPABILITY, 5),
    (_A.WITHDRAW, None, 15), (_A.LOSE, None, 8),
)  # fmt: skip
# Referrals that are open today: hours ago, whether screened, whether a bed was offered.
_OPEN = ((20, True, False), (26, True, True), (46, True, True))
_PRESENT = """
select e.id, p.family, p.given, left(p.birth_text, 8), p.sex, p.number, e.unit, coalesce(c.plan_code, ''),
  coalesce(c.member_number, '')
from encounter e join facility f on f.id = e.facility_id join patient p on p.id = e.patient_id
left join lateral (select * from coverage c where c.encounter_id = e.id order by c.rank limit 1) c on true
where f.code = %s and e.status = 'admitted' and e.patient_class = 'IP' and e.sensitivity = '' and e.gone_at is null
  and p.birth_text ~ '^\\d{8}' and e.start_at < %s::timestamptz - interval '3 days'
  and exists (select from movement m join unit u on u.facility_id = m.facility_id
    and u.code = split_part(m.value, '^', 1) and u.kind = 'intensive' where m.encounter_id = e.id and m.lane = 1)
order by e.unit = 'ICU' desc, e.visit_number limit 2
"""


class _Present(msgspec.Struct):
    id: uuid.UUID
    family: str
    given: str
    birth: str
    sex: str
    number: str
    unit: str
    plan: str
    member: str


class Candidates:
    """Those who are referred and are no stay of the long-term hospital."""

    def __init__(self, plan: Plan, house: int, agenda: Agenda) -> None:
        self._plan, self._house, self._agenda = plan, house, agenda

    def begin(self, view: Reading) -> None:
        """Note all of them."""
        self._plan_past()
        self._plan_open()
        self._plan_sisters(view.rows(_Present, _PRESENT, (ACUTE, self._plan.now)))

    def _plan_past(self) -> None:
        luck = Random(f"{self._plan.seed} candidates")
        at = self._plan.start + timedelta(days=1)
        while at < self._plan.now - timedelta(days=4):
            action, why, _ = luck.choices(_ENDS, [share for *_, share in _ENDS])[0]
            one = self._somebody(luck, office_hour(at, self._plan.zone, luck), unsure=why is _D.EVIDENCE)
            self._referring(luck).begin(one, End(action, luck.uniform(6, 30), why))
            at += timedelta(days=_EVERY * _BEDS / self._plan.ltch_beds * luck.uniform(0.4, 1.6))

    def _plan_open(self) -> None:
        luck = Random(f"{self._plan.seed} open candidates")
        today = local_day(self._plan.now, self._plan.zone)
        for number, (hours, screened, accepted) in enumerate(_OPEN):
            at = self._plan.now - timedelta(hours=hours)
            one = self._somebody(luck, at, unsure=not accepted)
            end = End(_A.ACCEPT, 6, bed="L2 204 A", bed_on=today + ONE_DAY * (number % 2 + 1)) if accepted else End(
                None, screened=screened)  # fmt: skip
            self._referring(luck).begin(one, end)

    def _plan_sisters(self, present: list[_Present]) -> None:
        """Patients of the sister hospital: the first waits for a screening, of the second the census told the days."""
        for number, row in enumerate(present):
            luck = Random(f"{self._plan.seed} sister {number}")
            payer = next((one for one in PAYERS if one.plan == row.plan), None)
            one = Candidate(
                row.family, row.given, date.fromisoformat(row.birth), row.sex,
                self._plan.now - timedelta(hours=2 + 15 * number), self._plan.zone, "207", payer, row.member,
                sister=True, number=row.number, unit=row.unit, ventilated=True, needs=(Need.VENTILATOR,),
            )  # fmt: skip
            self._referring(luck).begin(one, End(None, screened=False))
            if number:
                at = one.received_at + timedelta(hours=2)
                self._agenda.add(at, MANAGER, NOWHERE, partial(self._look_up, one=one))

    def _look_up(self, work: Work, one: Candidate) -> None:
        """Take the days in intensive care from the census of the sister hospital."""
        for held in queries.open_referrals(work, self._house):
            if held.received_at == one.received_at and held.family == one.family:
                for found in sisters(work, held)[:1]:
                    take_intensive_days(work, held.id, (found.encounter_id, found.days, found.still))
                    return
                record_screening(work, held.id, Screen(acute=Told.YES))

    def _referring(self, luck: Random) -> Referring:
        return Referring(self._agenda, self._house, NOWHERE, luck)

    def _somebody(self, luck: Random, at: datetime, *, unsure: bool) -> Candidate:
        case: Case = luck.choices(LONG_TERM, [one.weight for one in LONG_TERM])[0]
        today = local_day(at, self._plan.zone)
        person = people.demographics(luck, case, today)
        cover = people.coverages(luck, person, today)[0]
        assert person.born is not None, "an invented person has a birthday"
        ventilated = case.service == "PUL"
        return Candidate(
            person.family, person.given, person.born, person.sex, at, self._plan.zone, case.drg, cover.payer,
            cover.member, intensive=intensive_days(luck, today, ventilated=ventilated), ventilated=ventilated,
            unit=luck.choice(("ICU", "Step-down", "6 West")), unsure=unsure, needs=needs_of(case),
        )  # fmt: skip


def intensive_days(luck: Random, until: date, *, ventilated: bool) -> tuple[date, ...] | None:
    """Days in intensive care as a referrer tells them: mostly in a row, now and then none, or nothing told."""
    chance = luck.random()
    if chance < 0.12:
        return None
    if chance < (0.2 if ventilated else 0.35):
        return ()
    last = until - ONE_DAY * luck.randint(0, 5)
    count = luck.randint(3, 16) if luck.random() < 0.85 else luck.randint(1, 2)
    return tuple(last - ONE_DAY * back for back in reversed(range(count)))


def needs_of(case: Case) -> tuple[Need, ...]:
    """Why somebody with this case is referred."""
    if case.intensive >= 0.5:
        return (Need.VENTILATOR,)
    if case.code.startswith(("L89", "L97")):
        return (Need.WOUND,)
    if case.code.startswith(("M86", "T81", "T84")):
        return (Need.WOUND, Need.IV_THERAPY)
    return (Need.DIALYSIS, Need.COMPLEX) if case.code == "N17.9" else (Need.COMPLEX,)
