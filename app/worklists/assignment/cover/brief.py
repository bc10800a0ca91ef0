"""The hand-off brief: for each stay that is covered, who, where, why here, what comes next, and what was noted."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.census.stay.words import exception_text
from app.platform.work import Reading
from app.web.lists import day_text, moment_text
from app.web.stay import BriefSection

_sections: list[BriefSection] = []


def install(sections: Sequence[BriefSection]) -> None:
    """Hand over what features add to the brief (app/wiring.py)."""
    _sections[:] = sections


class BriefStay(msgspec.Struct):
    """One stay as the brief heads it; texts ready to show."""

    id: uuid.UUID
    patient_id: uuid.UUID
    cover_id: uuid.UUID
    cover: str
    name: str
    who: str
    place: str
    class_text: str
    why: str
    attending: str
    payer: str
    dates: str


_BEGAN = "coalesce(least(e.observation_at, e.inpatient_at), e.start_at)"
_SECOND_MIDNIGHT = "(coalesce(e.observation_at, e.class_since, e.start_at) + interval '2 days')"
_QUERY = (
    "select e.id, e.patient_id, u.id, u.display_name,"
    " case when p.family = '' and p.given = '' then 'Name not sent'"
    " else concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')) end,"
    " concat_ws(' ', case when p.birth_text ~ '^[0-9]{8}' then"
    " ((%(today_number)s::int - left(p.birth_text, 8)::int) / 10000)::text end, nullif(p.sex, ''), 'MRN', p.number),"
    " case when e.location = '' then 'no bed' else concat_ws(' ', coalesce(nullif(w.name, ''), nullif(e.unit, '')),"
    " nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')) end,"
    " concat_ws(', ', case e.patient_class when 'IP' then 'Inpatient' when 'OBS' then 'Observation'"
    f" else e.patient_class end || coalesce(' from ' || {day_text('e.class_since')}, ''),"
    f" 'day ' || (%(today)s::date - ({_BEGAN} at time zone %(zone)s::text)::date + 1)"
    " || coalesce(' of GMLOS ' || to_char(e.gmlos, 'FM990.0'), '')),"
    " concat_ws(': ', nullif(nullif(e.admit_reason, ''), (select d.text from diagnosis d"
    " where d.encounter_id = e.id and d.rank = 1)), (select string_agg(d.code || ' ' || d.text, '; ' order by d.rank)"
    " from diagnosis d where d.encounter_id = e.id and d.rank <= 3)),"
    " coalesce(nullif(e.attending_name, ''), nullif(e.attending_number, ''), 'not sent'),"
    " coalesce(nullif(e.payer_name, ''), nullif(e.payer_code, ''), 'not sent'),"
    " coalesce(nullif(concat_ws('; ',"
    " case when e.pending_kind = 'discharge' then 'discharge pending'"
    f" || coalesce(', ' || {moment_text('e.pending_at')}, '') end,"
    " case when e.pending_kind = 'transfer' then 'transfer pending to '"
    " || coalesce(nullif(split_part(e.pending_location, '^', 1), ''), 'another unit') end,"
    f" 'expected to leave ' || {day_text('e.expected_discharge_at')},"
    f" case when e.patient_class = 'OBS' then 'second midnight ' || {day_text(_SECOND_MIDNIGHT)} end), ''),"
    " 'no date known')"
    " from assignment a join encounter e on e.id = a.encounter_id join patient p on p.id = e.patient_id"
    " join app_user u on u.id = a.user_id left join unit w on w.facility_id = e.facility_id and w.code = e.unit"
    " where a.facility_id = %(facility)s and a.ended_at is null and e.status in ('admitted', 'on_leave')"
    " and (a.user_id = %(absent)s or a.covers_for = %(absent)s)"
    " order by lower(u.display_name), e.unit, e.room, e.bed, e.id"
)


def pinned_notes(db: Reading, stays: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[str]]:
    """Pinned notes first, then the latest others, five at most."""
    found: dict[uuid.UUID, list[str]] = {}

    def take(stay: uuid.UUID, text: str, writer: str, pinned: bool) -> None:
        lines = found.setdefault(stay, [])
        if pinned or len(lines) < 5:
            lines.append(f"{'Pinned: ' if pinned else ''}{text} ({writer})")

    db.rows(
        take,
        "select n.encounter_id, n.text, u.display_name, n.pinned from note n join app_user u on u.id = n.written_by"
        " where n.encounter_id = any(%s) and n.current and n.struck_at is null"
        " order by n.pinned desc, n.written_at desc",
        (list(stays),),
    )
    return found


def open_exceptions(db: Reading, stays: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[str]]:
    """What the feed left unclear about a stay."""
    found: dict[uuid.UUID, list[str]] = {}

    def take(stay: uuid.UUID, kind: str) -> None:
        found.setdefault(stay, []).append(" ".join(exception_text(kind)))

    db.rows(
        take,
        "select encounter_id, kind from census_exception where encounter_id = any(%s) and closed_at is null"
        " order by opened_at",
        (list(stays),),
    )
    return found


OWN_SECTIONS = (BriefSection("Notes", pinned_notes), BriefSection("Unclear in the feed", open_exceptions))


def brief_of(db: Reading, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The covered stays by who covers them. `values`: facility, absent, zone, today, today_number, now."""
    stays = db.rows(BriefStay, _QUERY, values)
    keys = [stay.id for stay in stays]
    lent = [(one.title, one.lines(db, keys)) for one in (*OWN_SECTIONS, *_sections)] if keys else []
    groups: dict[uuid.UUID, dict[str, Any]] = {}
    for stay in stays:
        group = groups.setdefault(stay.cover_id, {"id": str(stay.cover_id), "name": stay.cover, "stays": []})
        parts = [{"title": title, "lines": list(lines[stay.id])} for title, lines in lent if lines.get(stay.id)]
        group["stays"].append({"stay": stay, "href": f"/encounters/{stay.id}", "parts": parts})
    return list(groups.values())
