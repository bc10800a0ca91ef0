"""What closes an item of the checklist by itself: a record made elsewhere, found by SQL over the stay `{stay}`.

Each expression gives the instant of the record, or NULL. The checklist, the board and the lists all ask the same ones,
so that they never disagree. A feature that comes to hold such a record adds its line here.
"""

from app.discharge.departure.rules import items_for
from app.discharge.departure.terms import Item
from app.discharge.terms import CareType

_MILESTONE = (
    "(select max(i.settled_at) from plan_item i where i.encounter_id = {stay} and i.ended_at is null"
    " and i.part = 'milestone' and i.state = 'done' and i.kind = '%s')"
)
_HELD = (
    "coalesce({step}, (select max(b.at) from booking b where b.encounter_id = {{stay}} and b.ended_at is null"
    " and b.care_type in ({care}) and b.state in ({states})))"
)
_RIDE = _HELD.format(step=_MILESTONE % "transport", care="'transport'", states="'booked', 'confirmed', 'arrived'")
_THING = _HELD.format(step=_MILESTONE % "equipment", care="'dme', 'infusion'", states="'arrived'")
_OWED = (
    "from obligation o where o.encounter_id = {stay} and o.ended_at is null and o.required"
    " and o.rule in ('N-IM1', 'N-IM2', 'N-MOON', 'N-MCSN', 'N-DND', 'N-NOMNC')"
)
_ANSWERED = (
    "(select max(a.made_at) from eligibility_answer a where a.encounter_id = {stay} and a.ended_at is null"
    " and a.question = '%s' and a.answer = 'yes')"
)
PROOFS: dict[Item, str] = {
    Item.MEDICINES: _MILESTONE % "medicines",
    Item.EQUIPMENT: _THING,
    Item.TRANSPORT: _RIDE,
    Item.TEACH_BACK: "(select max(r.at) from teaching_record r where r.encounter_id = {stay} and r.ended_at is null"
    " and r.kind = 'topic' and r.content ->> 'teach_back' = 'full' and r.content ->> 'red_flags' <> '')",
    Item.CHOICE: "(select max(c.chosen_at) from choice c join choice_list l on l.id = c.list_id"
    " where c.encounter_id = {stay} and c.ended_at is null and c.outcome in ('chosen', 'no_preference', 'declined')"
    " and l.care_type = coalesce((select d.going_to from plan_disposition d where d.encounter_id = {stay}"
    " and d.ended_at is null), l.care_type))",
    Item.PASRR: "(select case when bool_or(a.question = 'pasrr_level_one' and a.answer <> 'positive')"
    " or bool_or(a.question = 'pasrr_level_one') and not bool_or(a.answer = 'refused')"
    " and bool_or(a.answer = 'approved' or a.question = 'pasrr_exempted' and a.answer = 'yes') then max(a.made_at) end"
    " from eligibility_answer a where a.encounter_id = {stay} and a.ended_at is null"
    " and a.question in ('pasrr_level_one', 'pasrr_level_two', 'pasrr_exempted'))",
    Item.ACCEPTED: _ANSWERED % "emtala_accepted",
    Item.CERTIFIED: _ANSWERED % "emtala_certificate",
    Item.NOTICES: f"(select case when bool_and(o.closed_at is not null) then max(o.closed_at) end {_OWED})",
    Item.PACKET: "(select max(s.at) from handoff_step s where s.encounter_id = {stay} and s.ended_at is null"
    " and s.action = 'release' and not exists (select from handoff_step w where w.packet_id = s.packet_id"
    " and w.action = 'withdraw' and w.ended_at is null))",
}
NEEDED: dict[Item, str] = {Item.NOTICES: f"exists (select {_OWED})"}
"""Items that are asked only where this holds."""


def _said(item: Item, stay: str) -> str:
    """Values of an item for the stay: its name, the instant of what closes it, whether it is asked."""
    proof, needed = PROOFS.get(item, "null::timestamptz"), NEEDED.get(item, "true")
    return f"'{item.value}', {proof.format(stay=stay)}, {needed.format(stay=stay)}"


_LINES = ", ".join(f"({_said(item, 'stay.id')})" for item in Item)
OF_STAYS = f"""
select stay.id, v.item, v.proof, v.needed from unnest(%s::uuid[]) stay(id)
cross join lateral (values {_LINES}) v(item, proof, needed)
"""
"""One row for each item of each stay: the instant of a record that closes it, and whether it is asked."""


def _counted(item: Item) -> str:
    """1 where the item is open for stay `e`. A case asks in this order: what is settled or not wanted at this
    destination (the empty one is that nobody has set any) is known before its records are looked up."""
    places: list[CareType | None] = [None, *CareType]
    where = ", ".join(f"'{place.value if place else ''}'" for place in places if item in items_for(place))
    if not where:
        return "0"
    tests = [f"k.place in ({where})", f"not '{item.value}' = any(k.settled)"]
    tests += [NEEDED[item].format(stay="e.id")] if item in NEEDED else []
    tests += [f"{PROOFS[item].format(stay='e.id')} is null"] if item in PROOFS else []
    cases = " ".join(f"when not coalesce({one}, false) then 0" for one in tests)
    return f"case {cases} else 1 end"


OPEN_ITEMS = (
    f"(select {' + '.join(_counted(item) for item in Item)} from (select coalesce((select d.going_to"
    " from plan_disposition d where d.encounter_id = e.id and d.ended_at is null), '') as place,"
    " array(select i.item from departure_item i where i.encounter_id = e.id and i.ended_at is null) as settled"
    " offset 0) k)"
)
"""How many items of stay `e` are open: an expression for the lists."""
