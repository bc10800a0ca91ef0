"""What the privacy officer of the simulated hospital has to look at: stays that were marked and opened with a reason, a
colleague who strayed, a night. All of it by the commands and trails of real people."""

import uuid
from datetime import datetime, time, timedelta

from app.accounts.glass import Opening, break_glass
from app.accounts.watching.openings.commands import JudgeOpening, judge_opening
from app.accounts.watching.openings.terms import OpeningVerdict
from app.accounts.watching.unusual.commands import DecideFinding, decide
from app.accounts.watching.unusual.gathering import Place
from app.accounts.watching.unusual.looking import watch_day
from app.accounts.watching.unusual.terms import FindingVerdict
from app.census.stay.marks import MarkStay, mark_stay
from app.census.terms import Sensitivity
from app.demo.hospital import ACUTE
from app.demo.simulation import Simulation
from app.kernel.days import instant_of, local_day
from app.platform.work import Disclosure, Scope, System, begin, disclose, everywhere, reading
from app.security.opening import Why

MARKS = (
    (Sensitivity.VIP, "well known in the town"),
    (Sensitivity.EMPLOYEE, "works in the laboratory"),
    (Sensitivity.PSYCHIATRIC, "asked for by the attending"),
)
# Who opened the marked stays, how many hours ago, and why.
OPENINGS = (
    ("ines", 81, Why.COVERING, "Covered the unit over lunch; the family called about the bed."),
    ("nadia", 52, Why.PAYMENT, "The payer asked for the admission review by telephone."),
    ("piet", 3, Why.CARE, "Asked by the ward to see the family about placement."),
)
STAY, NOTES = "GET /encounters/{encounter_id}", "GET /encounters/{stay_id}/notes"
ORDINARY_DAYS = 8
ROUND = time(9, 20)
NIGHT = time(2, 10)
OTHERWISE = "theo"
"""Who opens a stay that is the first person's own: nobody needs a reason for those."""
STRAYED, AWAKE = "theo", "jonas"
_OWN = (
    "select e.patient_id from assignment a join encounter e on e.id = a.encounter_id where a.user_id = %s"
    " and a.ended_at is null and e.status in ('admitted', 'on_leave') and e.sensitivity = '' order by e.admit_at, e.id"
)
_OTHERS = (
    "select e.patient_id from encounter e where e.facility_id = %s and e.status in ('admitted', 'on_leave')"
    " and e.sensitivity = '' and not exists (select from assignment a join encounter o on o.id = a.encounter_id"
    " where a.user_id = %s and o.unit = e.unit) order by e.admit_at, e.id limit %s"
)


class Watched:
    """The people and the facility of one run."""

    def __init__(self, simulation: Simulation) -> None:
        self.now, self.zone = simulation.plan.now, simulation.plan.zone
        self.yesterday = local_day(self.now, self.zone) - timedelta(days=1)
        with reading(everywhere("demo")) as view:
            self.keys: dict[str, uuid.UUID] = dict(view.connection.execute("select name, id from app_user").fetchall())
            self.facility = int(view.value("select id from facility where code = %s", (ACUTE,)))

    def person(self, name: str, *, sensitive: bool = False) -> System:
        """Somebody of the house, with the scope of their role."""
        here = (self.facility,)
        return System(name, Scope(facilities=here, sensitive=here if sensitive else ()), self.keys[name])

    def owns(self, name: str, stay: uuid.UUID) -> bool:
        """Whether the stay is this person's."""
        query = "select true from assignment where encounter_id = %s and user_id = %s and ended_at is null"
        with reading(everywhere("demo")) as view:
            return bool(view.value(query, (stay, self.keys[name])))

    def sees(self, name: str, patient: uuid.UUID, at: datetime, route: str = STAY) -> None:
        """One page of a stay, as the trail keeps it."""
        disclose(self.person(name), Disclosure(route, [patient], "192.0.2.17"), at=at)


def be_watched(simulation: Simulation) -> None:
    """Everything of this file, once in the life of a demonstration."""
    with reading(everywhere("demo")) as view:
        if view.value("select true from stay_access where kind = 'glass' limit 1"):
            return
    house = Watched(simulation)
    openings = _open(house, _marked(house))
    _ordinary_days(house)
    _stray(house)
    watch_day(Place(house.facility, str(house.zone)), house.yesterday)
    _judge(house, openings)


def _marked(house: Watched) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Stays that the lead marked four days ago, or as soon as they had come."""
    with reading(everywhere("demo")) as view:
        query = (
            "select e.id, e.patient_id, e.admit_at from encounter e where e.facility_id = %s and e.sensitivity = ''"
            " and e.status = 'admitted' and e.patient_class = 'IP' and e.admit_at < %s order by e.admit_at desc, e.id"
            " limit %s"
        )
        asked = (house.facility, house.now - timedelta(hours=90), len(MARKS))
        stays = view.connection.execute(query, asked).fetchall()
    for (stay, _patient, came), (mark, reason) in zip(stays, MARKS, strict=False):
        lead = System("ruth", Scope(everywhere=True), house.keys["ruth"])
        with begin(lead, at=came + timedelta(hours=2)) as work:
            mark_stay(work, stay, MarkStay(sensitivity=mark, reason=reason))
    return [(stay, patient) for stay, patient, _ in stays]


def _open(house: Watched, stays: list[tuple[uuid.UUID, uuid.UUID]]) -> list[uuid.UUID]:
    made = []
    for (stay, patient), (first, hours, code, reason) in zip(stays, OPENINGS, strict=False):
        at = house.now - timedelta(hours=hours)
        name = OTHERWISE if house.owns(first, stay) else first
        with begin(house.person(name), at=at) as work:
            made.append(break_glass(work, stay, Opening(code, reason, "password")).id)
        for minutes, route in ((1, STAY), (3, NOTES), (9, STAY)):
            house.sees(name, patient, at + timedelta(minutes=minutes), route)
    return made


def _ordinary_days(house: Watched) -> None:
    """Every morning each case manager opens the own stays, one after the other."""
    for name in ("mara", "jonas", "ines", "theo"):
        with reading(everywhere("demo")) as view:
            own = view.values(_OWN, (house.keys[name],))
        for back in range(1, ORDINARY_DAYS):
            morning = instant_of(house.yesterday - timedelta(days=back), ROUND, house.zone)
            for number, patient in enumerate(own):
                house.sees(name, patient, morning + timedelta(minutes=4 * number))


def _stray(house: Watched) -> None:
    """Yesterday one of them read all over the house, and another could not sleep."""
    with reading(everywhere("demo")) as view:
        others = view.values(_OTHERS, (house.facility, house.keys[STRAYED], 14))
        own = view.values(_OWN, (house.keys[AWAKE],))[:4]
        home = view.values(_OWN, (house.keys[STRAYED],))[:2]
    for number, patient in enumerate([*home, *others]):
        at = instant_of(house.yesterday, time(15, 5), house.zone) + timedelta(minutes=2 * number)
        house.sees(STRAYED, patient, at)
    for number, patient in enumerate(own):
        house.sees(AWAKE, patient, instant_of(house.yesterday, NIGHT, house.zone) + timedelta(minutes=3 * number))


def _judge(house: Watched, openings: list[uuid.UUID]) -> None:
    """The officer has begun: one opening is judged, one finding is explained."""
    officer = house.person("priya", sensitive=True)
    with begin(officer, at=house.now - timedelta(minutes=30)) as work:
        for access_id in openings[1:2]:
            ask = JudgeOpening(verdict=OpeningVerdict.JUSTIFIED, said="The call of the payer stands in the contacts.")
            judge_opening(work, access_id, ask)
    with begin(officer) as work:
        night = "select id from unusual_access where pattern = 'night' and user_id = %s limit 1"
        finding = work.value(night, (house.keys[AWAKE],))
        if finding is not None:
            said = "Was called in for a transfer; the house supervisor confirms it."
            decide(work, finding, DecideFinding(verdict=FindingVerdict.EXPLAINED, said=said))
