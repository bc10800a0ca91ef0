"""How far people agree on which readmissions could have been prevented, over a period, with the stays behind it."""

import uuid
from datetime import date, datetime
from typing import Any

import msgspec

from app.discharge.after.readmitted import rules
from app.discharge.after.readmitted.rules import FAR_APART, PREVENTABLE_FROM
from app.platform.work import Reading


class Judged(msgspec.Struct):
    """A readmission with its judgements in the order in which they were given."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    came_at: datetime | None
    points: list[int]


_JUDGED = """
select e.id, e.patient_id, concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')), e.start_at,
  array_agg(r.preventable::int order by r.made_at, r.id)
from readmission_rating r join encounter e on e.id = r.encounter_id join patient p on p.id = e.patient_id
join facility f on f.id = r.facility_id
where r.facility_id = %(facility)s and r.ended_at is null
group by e.id, e.patient_id, p.family, p.given, e.start_at, f.timezone
having (max(r.made_at) at time zone f.timezone)::date between %(first)s and %(last)s
order by e.start_at desc, e.id
"""
OF = {
    "pairs": "judged by two or more", "same": "both say the same", "near": "at most one point apart",
    "apart": "two or more points apart", "waiting": "waiting for the second judgement",
    "preventable": "settled as preventable",
}  # fmt: skip


def judged(db: Reading, facility_id: int, first: date, last: date) -> list[Judged]:
    """Readmissions whose last judgement was given in the period."""
    return db.rows(Judged, _JUDGED, {"facility": facility_id, "first": first, "last": last})


def belongs(of: str, one: Judged) -> bool:
    """Whether a readmission is behind a figure of the page."""
    pair = one.points[:2]
    if of == "waiting" or len(pair) < 2:
        return of == "waiting" and len(pair) < 2
    yes = [point >= PREVENTABLE_FROM for point in pair]
    verdict = rules.verdict(one.points)
    return {
        "pairs": True, "same": yes[0] == yes[1], "near": abs(pair[0] - pair[1]) < FAR_APART,
        "apart": abs(pair[0] - pair[1]) >= FAR_APART,
        "preventable": verdict is not None and verdict >= PREVENTABLE_FROM,
    }[of]  # fmt: skip


def figures(found: list[Judged], period: str) -> dict[str, Any]:
    """Every figure of the page as a tile that opens its list; kappa says on how many pairs it stands."""
    agreed = rules.agreement([(one.points[0], one.points[1]) for one in found if len(one.points) >= 2])
    kappa = "not defined" if agreed.kappa is None else f"{agreed.kappa:.2f}"
    counts = [("pairs", "Cohen's kappa", kappa, f"n = {agreed.pairs}")]
    counts += [
        (of, label.capitalize(), str(sum(belongs(of, one) for one in found)), "readmissions")
        for of, label in OF.items()
    ]
    return {
        "counts": [
            {"href": f"/readmissions/agreement?{period}&of={of}", "title": title, "figure": figure, "context": context}
            for of, title, figure, context in counts
        ]
    }
