"""What stands above and below the long-term list: referrals to screen; stays that are interrupted, the letters."""

import uuid
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.kernel.days import local_day
from app.kernel.wording import day_text, duration_text
from app.ltac.course import strip
from app.ltac.days.queries import standing
from app.ltac.days.showing import absence_words
from app.ltac.kind import long_term_facility
from app.ltac.screening import queries as screening
from app.ltac.screening.pages import subjects
from app.ltac.screening.showing import row
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.forms import FormState

MOST_REFERRALS = 6
MOST_INTERRUPTED = 4
_INTERRUPTED = """
select e.id, e.patient_id, p.family, p.sex from encounter e join patient p on p.id = e.patient_id
where e.facility_id = %(facility)s and e.gone_at is null
  and (e.status = 'on_leave' or e.status = 'discharged' and e.discharge_at > %(now)s::timestamptz - interval '10 days')
order by e.id
"""


class _Gone(msgspec.Struct, frozen=True):
    """Somebody who left lately, or is on leave."""

    id: uuid.UUID
    patient_id: uuid.UUID
    family: str
    sex: str


def referrals_to_screen(db: Reading, viewer: Viewer) -> Mapping[str, Any]:
    """Referrals that wait for an answer, the earliest first, for those who screen. The past has no such strip."""
    place = viewer.place
    assert place is not None, "a list belongs to a facility"
    may = place.id in viewer.facilities_with(Permission.LTAC_SCREEN)
    if not may or db.as_of is not None or not long_term_facility(db, place.id):
        return {"referrals": [], "more_referrals": 0, "patients": []}
    waiting = [one for one in screening.open_referrals(db, place.id) if one.stands.waits and not one.hidden]
    found = waiting[:MOST_REFERRALS]
    keys = [one.id for one in found]
    told, paid = screening.screened(db, keys), screening.authorized(db, keys)
    today = local_day(db.now, ZoneInfo(place.timezone))
    number = "no referral" if not waiting else f"{len(waiting)} referral{'' if len(waiting) == 1 else 's'}"
    return {
        "sub": f"{place.name} · {day_text(today, today)} · {number} to screen",
        "referrals": [row(one, told.get(one.id), paid.get(one.id), db) for one in found],
        "more_referrals": len(waiting) - len(found), "patients": subjects(found),
    }  # fmt: skip


def below(db: Reading, viewer: Viewer) -> Mapping[str, Any]:
    """The letters, each interrupted stay with what a return would be by when, the way to the figures of the house."""
    place = viewer.place
    assert place is not None, "a list belongs to a facility"
    long_term = long_term_facility(db, place.id)
    lately = db.rows(_Gone, _INTERRUPTED, {"facility": place.id, "now": db.now}) if long_term else []
    days = standing(db, [one.id for one in lately])
    away = [(one, days[one.id]) for one in lately if one.id in days and days[one.id].interruption is not None]
    shown = away[:MOST_INTERRUPTED]
    cards = []
    for one, stay in shown:
        gap = stay.interruption
        assert gap is not None, "only interrupted stays are shown"
        rung = gap.next_rung(db.now)
        left = "" if rung is None or rung.until is None else f"{duration_text(rung.until - db.now)} left"
        words = absence_words(gap, stay, db.now, FormState(id="away"))
        cards.append({"id": str(one.id), "name": one.family, "left": left, "words": words})
    return {
        "interrupted": cards, "more_interrupted": len(away) - len(shown), "letters": strip.legend(),
        "long_term": long_term,
        "may_figures": long_term and db.as_of is None and place.id in viewer.facilities_with(Permission.LTAC_SEE),
        "patients": [one.patient_id for one, _ in shown],
    }  # fmt: skip
