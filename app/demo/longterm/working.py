"""The people of the long-term hospital of one simulation at work, by the commands.

What is done about some stays is one transaction: a run that was cut off begins with them anew, and those that are
done have records already.
"""

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.demo.cases import LONG_TERM
from app.demo.cast import cast
from app.demo.hospital import LTCH
from app.demo.longterm.benefits import Benefits
from app.demo.longterm.breathing import Breathing
from app.demo.longterm.candidates import Candidates, intensive_days, needs_of
from app.demo.longterm.desk import FEED, MANAGER, Desk, House
from app.demo.longterm.records import Records
from app.demo.longterm.referring import Candidate, End, Referring, office_hour
from app.demo.longterm.subjects import Origins, Subject, subjects
from app.demo.reviewers.agenda import Agenda
from app.demo.reviewers.working import RECENT
from app.demo.simulation import Simulation
from app.ltac.screening.converting import convert_on_admission, link
from app.ltac.screening.terms import ReferralAction
from app.platform.work import Scope, System, Who, Work, everywhere, reading

AT_ONCE, HANDS = 20, 2
_WHO = everywhere("demo")
# What clocks take as no fact is left out: each instant is told again.
_TOLD = """
select distinct encounter_id, at from audit_event where encounter_id = any(%s) and at <= %s
  and name not in ('long_term.weaning_charted', 'long_term.therapy_charted') order by 1, 2
"""
_HOUSE = "select id from facility where code = %s"
_REFERRED = "select true from ltac_referral where facility_id = %s limit 1"
_PRESENT = "select status in ('admitted', 'on_leave') from encounter where id = %s"


@dataclass(frozen=True, slots=True)
class _Admitted:
    """What the census says of an admission, as the reaction to it takes it."""

    encounter_id: uuid.UUID | None


class LongTerm:
    """Case manager and nurse of the long-term hospital of one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._plan = simulation.plan
        self._origins = Origins(simulation.truth)
        with reading(_WHO) as view:
            keys = dict(view.connection.execute("select name, id from app_user").fetchall())
            self._house = int(view.value(_HOUSE, (LTCH,)))
        members = cast(simulation.physicians)
        self._people: dict[str, Who] = {
            one.name: System(one.name, Scope(everywhere=True), actor_id=keys[one.name]) for one in members
        }
        self._people[FEED] = everywhere("adt")

    def arrange(self) -> None:
        """Work on the referrals of those who never came or have not come yet, unless there are referrals."""
        agenda = Agenda(self._people, self._plan.now)
        with reading(_WHO) as view:
            if view.value(_REFERRED, (self._house,)):
                return
            Candidates(self._plan, self._house, agenda).begin(view)
        agenda.work_off()

    def work_on(self, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[datetime]]:
        """Refer, chart and record for those of these stays that are of this hospital.

        Returns for each of them the instants at which anything was recorded that the clocks look at.
        """
        with reading(_WHO) as view:
            wanted = subjects(view, stays, self._origins)
        parts = [wanted[begin : begin + AT_ONCE] for begin in range(0, len(wanted), AT_ONCE)]
        with ThreadPoolExecutor(HANDS) as hands:  # while one waits for the database, the other thinks
            for _ in hands.map(self._work_on, parts):
                pass
        told: dict[uuid.UUID, list[datetime]] = {one.id: [] for one in wanted}
        with reading(_WHO) as view:
            for stay, at in view.rows(lambda *row: row, _TOLD, (list(told), self._plan.now)):
                told[stay].append(at)
        return told

    def _work_on(self, wanted: Sequence[Subject]) -> None:
        agenda = Agenda(self._people, self._plan.now)
        house = House(self._plan.seed, self._plan.start, self._plan.now, self._plan.now - RECENT, agenda)
        for subject in wanted:
            desk = Desk(subject, house)
            self._refer(desk)
            Breathing(desk).begin()
            Records(desk).begin()
            Benefits(desk).begin()
        agenda.work_off()

    def _refer(self, desk: Desk) -> None:
        """The referral came some days before the admission; who comes back to an interrupted stay needs none."""
        subject, luck = desk.subject, desk.luck("referral")
        row, before = subject.row, subject.before
        received = office_hour(row.began_at - timedelta(hours=luck.uniform(30, 90)), subject.zone, luck)
        if before.returns or received < self._plan.start:
            return
        case = next(one for one in LONG_TERM if one.code == subject.code)
        days = before.intensive if before.sister else intensive_days(
            luck, subject.day(received), ventilated=subject.ventilated)  # fmt: skip
        known = None if days is None else tuple(day for day in days if day <= subject.day(received))
        one = Candidate(
            row.family, row.given, subject.born, row.sex, received, subject.zone, row.drg or case.drg, subject.payer,
            subject.member, sister=before.sister, number=before.number, unit=before.unit, intensive=known,
            ventilated=subject.ventilated, unsure=luck.random() < 0.08, needs=needs_of(case),
        )  # fmt: skip
        wait = (row.began_at - received).total_seconds() / 3600
        hours = min(luck.uniform(5.6, 30), wait - 2)
        end = End(ReferralAction.ACCEPT, hours, bed_on=subject.day(row.began_at),
                  then=lambda work, key: self._admit(desk, key))  # fmt: skip
        Referring(desk.house.agenda, self._house, subject.id, luck).begin(one, end)

    def _admit(self, desk: Desk, referral: uuid.UUID) -> None:
        """A stay that is open is found by the program, as at any admission; of one that is over a person says so."""
        subject = desk.subject
        desk.add(subject.row.began_at + timedelta(minutes=5), FEED,
                 lambda work: convert_on_admission(work, _Admitted(subject.id)))  # fmt: skip
        desk.add(desk.slot(subject.row.began_at + timedelta(hours=2)), MANAGER,
                 lambda work: self._link(work, referral, subject.id))  # fmt: skip

    def _link(self, work: Work, referral: uuid.UUID, stay: uuid.UUID) -> None:
        if not work.value(_PRESENT, (stay,)):
            link(work, referral, stay)
