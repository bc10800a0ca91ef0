"""What the house has agreed on before anybody works: cards of payers, the ladder, the committee, a licensed product."""

import uuid
from collections.abc import Mapping
from datetime import date, time

from app.advisor.ladder.settings import SetLadder, set_ladder
from app.demo.hospital import PAYERS, Payer
from app.demo.plan import Plan
from app.demo.reviewers.desk import ADVISOR, CHIEF
from app.kernel.days import local_day
from app.payers.directory.commands import AddReach, SetCard, add_reach, set_card
from app.payers.directory.terms import ChannelKind, PeerToPeerEffect
from app.platform.work import Who, Work, begin, everywhere, reading
from app.reviews.licensed.commands import AddProduct, add_product
from app.status.committee.commands import SeatMember, seat_member
from app.status.terms import Degree

_WHO = everywhere("demo")
_EFFECTS = {
    "TALLG": PeerToPeerEffect.CAN_OVERTURN,
    "BRIDG": PeerToPeerEffect.CAN_OVERTURN,
    "KEYPR": PeerToPeerEffect.BEFORE_DENIAL,
    "HEART": PeerToPeerEffect.INFORMATIONAL,
}
_NO_CARD = frozenset({"medicare_fee_for_service", "self_pay"})
_CUTOFF = time(17, 0)
_PHONE = "555-01{:02}"
_NAMED = "select distinct facility_id || ' ' || payer_code from coverage where payer_code <> ''"
_VENDOR, _PRODUCT, _RELEASE = "Larkspur Guidelines", "Acute Care Guide", "2026.1"
_SUBSETS = "Heart failure\nPneumonia\nSepsis"


def arrange(plan: Plan, people: Mapping[str, Who]) -> None:
    """The director writes it all down once, on the first day."""
    with reading(_WHO) as view:
        if view.value("select true from payer_card limit 1"):
            return
        houses = view.values("select id from facility order by id")
        known = set(view.values(_NAMED))
    first = local_day(plan.start, plan.zone)
    with begin(people["dorian"], at=plan.start) as work:
        for house in houses:
            for number, one in enumerate(_companies()):
                if f"{house} {one.company}" in known:
                    _write_card(work, house, one, (plan.time_zone, first, number))
            ladder = SetLadder(begins=first, lead=120, physician_advisor=240, chief_medical_officer=480)
            set_ladder(work, house, ladder, first)
            for name in (ADVISOR, CHIEF):
                seat = SeatMember(user_id=_key(people[name]), degree=Degree.MD, first_day=first)
                seat_member(work, house, first, seat)
            product = AddProduct(vendor=_VENDOR, product=_PRODUCT, release=_RELEASE, begins=first, subsets=_SUBSETS)
            add_product(work, house, product)


def _key(person: Who) -> uuid.UUID:
    assert person.actor_id is not None, "people have accounts"
    return person.actor_id


def _companies() -> list[Payer]:
    found: dict[str, Payer] = {}
    for one in PAYERS:
        if one.line not in _NO_CARD:
            found.setdefault(one.company, one)
    return list(found.values())


def _write_card(work: Work, house: int, one: Payer, when: tuple[str, date, int]) -> None:
    zone, first, number = when
    effect = _EFFECTS.get(one.company, PeerToPeerEffect.CAN_OVERTURN)
    card = SetCard(
        timezone=zone, cutoff=_CUTOFF, keeps_federal_holidays=True, decision_within="72 hours",
        urgent_within="24 hours", p2p_effect=effect, appeal_days="60, 30", begins=first, source="Contract, appendix B",
    )  # fmt: skip
    set_card(work, house, one.company, card)
    for kind, value in ((ChannelKind.PHONE, _PHONE.format(number + 10)), (ChannelKind.FAX, _PHONE.format(number + 50))):
        add_reach(work, house, one.company, AddReach(kind=kind, purpose="Utilization management", value=value))
