"""What the pages of people, facilities and one's own account show, as text ready for templates."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.accounts.facilities import write_classes
from app.accounts.people import NO_PERSON, Reach
from app.kernel.refusal import NotFound
from app.kernel.wording import clock_text, moment_text
from app.platform.work import Reading, reading
from app.security.permissions import ROLES, Permission, Role
from app.security.viewer import Viewer


def said(at: datetime | None, zone: str, now: datetime) -> str:
    """An instant in facility time, or a dash where there is none."""
    return "–" if at is None else moment_text(at, ZoneInfo(zone), now)


def zone_of(viewer: Viewer) -> str:
    """The time zone in which this person reads times."""
    return viewer.place.timezone if viewer.place else "UTC"


class OwnRow(msgspec.Struct):
    """One's own account."""

    name: str
    password_changed_at: datetime | None
    totp_confirmed_at: datetime | None
    must_change_password: bool
    codes: int
    factor_taken_at: datetime | None
    factor_taken_by: str


class SessionRow(msgspec.Struct):
    """An open session."""

    id: uuid.UUID
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    signed_in_by: str


WAYS = {"password": "password", "provider": "identity provider"}
"""How a session began, in words."""


def own_row(view: Reading, user_id: uuid.UUID) -> OwnRow:
    """One's own account."""
    return view.one(
        OwnRow,
        "select name, password_changed_at, totp_confirmed_at, must_change_password, (select count(*) from recovery_code"
        " r where r.user_id = u.id and r.ended_at is null), factor_taken_at, factor_taken_by from app_user u"
        " where id = %s",
        [user_id],
    )


def own_account(viewer: Viewer) -> dict[str, Any]:
    """Everything that the account page shows of oneself."""
    zone = zone_of(viewer)
    with reading(viewer) as view:
        row, now = own_row(view, viewer.user_id), view.now
        sessions = [
            {"id": str(one.id), "current": one.id == viewer.session_id, "browser": browser_name(one.agent),
             "address": one.address or "unknown", "by": WAYS[one.signed_in_by],
             "since": said(one.started_at, zone, now), "used": said(one.seen_at, zone, now),
             "until": said(one.expires_at, zone, now)}
            for one in _open_sessions(view, viewer.user_id)
        ]  # fmt: skip
    names = {place.id: place.name for place in viewer.places}
    return {
        "user_name": row.name,
        "display_name": viewer.display_name,
        "roles": [
            {"label": ROLES[grant.role].label, "sentence": ROLES[grant.role].sentence,
             "where": names.get(grant.facility_id or 0, "All facilities")} for grant in viewer.grants
        ],
        "password": said(row.password_changed_at, zone, now) if row.password_changed_at else "",
        "second_factor": said(row.totp_confirmed_at, zone, now) if row.totp_confirmed_at else "",
        "codes": f"{row.codes} left" if row.codes else "none left",
        "taken": (
            f"Your second factor was taken away {said(row.factor_taken_at, zone, now)} by {row.factor_taken_by}."
            if row.factor_taken_at else ""
        ),
        "sessions": sessions,
        "zone": zone,
    }  # fmt: skip


def _open_sessions(view: Reading, user_id: uuid.UUID) -> list[SessionRow]:
    return view.rows(
        SessionRow,
        "select id, started_at, seen_at, expires_at, coalesce(host(address), ''), agent, signed_in_by from user_session"
        " where user_id = %s and ended_at is null and expires_at > %s order by seen_at desc",
        [user_id, view.now],
    )


def session_ending(viewer: Viewer, idle: timedelta) -> dict[str, Any]:
    """Seconds until the session of this person ends, the time of day, and why: `idle` without use, or `old`."""
    query = (
        "select least(seen_at + %s, expires_at), seen_at + %s < expires_at from user_session"
        " where id = %s and ended_at is null"
    )
    with reading(viewer) as view:
        ends, by_idleness = view.one(lambda *row: row, query, [idle, idle, viewer.session_id])
        left = (ends - view.now).total_seconds()
    at = clock_text(ends, ZoneInfo(zone_of(viewer)))
    return {"seconds": max(int(left), 0), "at": at, "kind": "idle" if by_idleness else "old"}


def browser_name(agent: str) -> str:
    """A browser in two or three words, from what it calls itself; enough to recognise one's own."""
    browsers = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "macOS",
               "CrOS": "ChromeOS", "Linux": "Linux"}  # fmt: skip
    browser = next((name for mark, name in browsers.items() if mark in agent), "Unknown browser")
    system = next((name for mark, name in systems.items() if mark in agent), "")
    return f"{browser} on {system}" if system else browser


class PersonRow(msgspec.Struct):
    """A person as administrators see one."""

    id: uuid.UUID
    name: str
    display_name: str
    credentials: str
    attending_number: str
    active: bool
    has_password: bool
    linked: bool  # to somebody of the identity provider
    must_change_password: bool
    has_second_factor: bool
    locked_until: datetime | None
    last_seen: datetime | None
    grants: list[list[Any]]  # [grant id, role, facility id or null, facility name or null, given by]


_PEOPLE = (
    "select u.id, u.name, u.display_name, u.credentials, u.attending_number, u.active, u.password_hash <> '',"
    " exists (select 1 from identity_link l where l.user_id = u.id and l.ended_at is null),"
    " u.must_change_password, u.totp_confirmed_at is not null, u.locked_until,"
    " (select max(s.seen_at) from user_session s where s.user_id = u.id),"
    " coalesce((select jsonb_agg(jsonb_build_array(g.id, g.role, g.facility_id, f.name, g.given_by)"
    "  order by f.name, g.role)"
    "  from role_grant g left join facility f on f.id = g.facility_id where g.user_id = u.id), '[]')"
    " from app_user u where %(all)s or not exists (select 1 from role_grant g where g.user_id = u.id)"
    " or exists (select 1 from role_grant g where g.user_id = u.id and g.facility_id = any(%(facilities)s::smallint[]))"
)


def _people(view: Reading, reach: Reach) -> list[PersonRow]:
    parameters = {"all": reach.everything, "facilities": list(reach.facilities)}
    return view.rows(PersonRow, _PEOPLE + " order by u.active desc, lower(u.display_name), u.name", parameters)


def people_list(viewer: Viewer, reach: Reach) -> list[dict[str, Any]]:
    """The people within reach; who was switched off stands last."""
    with reading(viewer) as view:
        return [_person(row, reach, zone_of(viewer), view.now) for row in _people(view, reach)]


def one_person(viewer: Viewer, reach: Reach, user_id: uuid.UUID) -> dict[str, Any]:
    """One person within reach, with the number of open sessions. NotFound beyond it."""
    with reading(viewer) as view:
        found = [row for row in _people(view, reach) if row.id == user_id]
        if not found:
            raise NotFound(NO_PERSON)
        shown = _person(found[0], reach, zone_of(viewer), view.now)
        shown["sessions"] = len(_open_sessions(view, user_id))
    shown["own"] = user_id == viewer.user_id
    return shown


def _person(row: PersonRow, reach: Reach, zone: str, now: datetime) -> dict[str, Any]:
    locked = row.locked_until is not None and row.locked_until > now
    if not row.active:
        state = {"text": "switched off", "tone": "gray", "icon": "lock"}
    elif locked:
        state = {"text": "waits after failures", "tone": "amber", "icon": "lock"}
    elif not row.has_password and row.linked:
        state = {"text": "signs in by provider", "tone": "green", "icon": "check"}
    elif not row.has_password:
        state = {"text": "no password yet", "tone": "amber", "icon": "alert"}
    elif row.must_change_password:
        state = {"text": "temporary password", "tone": "blue", "icon": "clock"}
    else:
        state = {"text": "may sign in", "tone": "green", "icon": "check"}
    full_name = row.display_name + (f", {row.credentials}" if row.credentials else "")
    return {
        "id": str(row.id), "name": row.name, "credentials": row.credentials, "attending_number": row.attending_number,
        "display_name": row.display_name, "full_name": full_name,
        "active": row.active, "state": state, "second_factor": row.has_second_factor,
        "last_seen": said(row.last_seen, zone, now),
        "wholly": all(reach.covers(grant[2]) for grant in row.grants),
        "roles": [
            {"id": str(grant[0]), "label": ROLES[Role(grant[1])].label, "where": grant[3] or "All facilities",
             "mine": reach.covers(grant[2]), "provided": grant[4] == "provider"} for grant in row.grants
        ],
    }  # fmt: skip


def facility_choices(viewer: Viewer, reach: Reach) -> list[dict[str, str]]:
    """Where a role may be given: the facilities within reach, and all of them for who administers all."""
    choices = [{"value": "all", "label": "All facilities"}] if reach.everything else []
    return choices + [{"value": place.code, "label": place.name} for place in viewer.places if reach.covers(place.id)]


def role_choices() -> list[dict[str, str]]:
    """All roles, as a list to choose from."""
    return [{"value": role.value, "label": text.label} for role, text in ROLES.items()]


class FacilityRow(msgspec.Struct):
    """A facility with its feed."""

    id: int
    code: str
    name: str
    timezone: str
    kind: str
    totp_required: bool
    build_at: str
    authority: str
    aliases: list[str]
    port: int | None
    charset: str
    processing_ids: str
    a08_moves: bool
    a08_class: bool
    enhanced: bool
    classes: dict[str, str]
    silent_after_minutes: int
    units: int
    beds: int


KINDS = {"acute": "Acute care hospital", "ltch": "Long-term acute care hospital", "cah": "Critical access hospital"}
UNIT_KINDS = {
    "ward": "Ward", "intensive": "Intensive care", "step_down": "Intermediate care", "observation": "Observation",
    "emergency": "Emergency department", "surgery": "Surgery", "rehabilitation": "Rehabilitation",
    "psychiatric": "Psychiatric ward", "ltac": "Long-term acute care",
}  # fmt: skip
_FACILITIES = (
    "select f.id, f.code, f.name, f.timezone, f.kind, f.totp_required, to_char(f.build_at, 'HH24:MI'), d.authority,"
    " d.aliases, d.port, d.charset, d.processing_ids, d.a08_moves, d.a08_class, d.enhanced, d.classes,"
    " d.silent_after_minutes, (select count(*) from unit u where u.facility_id = f.id),"
    " (select coalesce(sum(u.beds), 0) from unit u where u.facility_id = f.id)"
    " from facility f join feed d on d.facility_id = f.id order by f.name"
)


def facilities_list(viewer: Viewer) -> list[dict[str, Any]]:
    """The facilities that this person administers."""
    with reading(viewer.acting(Permission.FACILITY_MANAGE)) as view:
        rows = view.rows(FacilityRow, _FACILITIES)
    return [_facility(row) for row in rows]


def one_facility(viewer: Viewer, code: str) -> dict[str, Any]:
    """One facility with its settings as form fields, and its units. NotFound when it is not this person's."""
    with reading(viewer.acting(Permission.FACILITY_MANAGE)) as view:
        found = [row for row in view.rows(FacilityRow, _FACILITIES) if row.code == code]
        if not found:
            raise NotFound("There is no such facility among those that you manage.")
        units = view.rows(UnitRow, "select code, name, kind, beds, service from unit where facility_id = %s"
                          " order by name", [found[0].id])  # fmt: skip
    return _facility(found[0]) | {"fields": _settings(found[0]), "feed_fields": _feed(found[0]),
                                  "units": [_unit(unit) for unit in units]}  # fmt: skip


def _facility(row: FacilityRow) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "timezone": row.timezone, "kind": KINDS[row.kind],
            "second_factor": "Required" if row.totp_required else "Optional", "unit_count": row.units,
            "beds": int(row.beds), "sender": row.authority, "port": str(row.port or "shared")}  # fmt: skip


def _settings(row: FacilityRow) -> dict[str, str]:
    return {"name": row.name, "timezone": row.timezone, "kind": row.kind, "build_at": row.build_at,
            "totp_required": "on" if row.totp_required else ""}  # fmt: skip


def _feed(row: FacilityRow) -> dict[str, str]:
    switches = {"a08_moves": row.a08_moves, "a08_class": row.a08_class, "enhanced": row.enhanced}
    return {
        "authority": row.authority, "aliases": ", ".join(row.aliases), "port": str(row.port or ""),
        "charset": row.charset, "processing_ids": row.processing_ids,
        "silent_after_minutes": str(row.silent_after_minutes),
        "classes": write_classes(row.classes), **{name: "on" if on else "" for name, on in switches.items()},
    }  # fmt: skip


class UnitRow(msgspec.Struct):
    """A unit of a facility."""

    code: str
    name: str
    kind: str
    beds: int
    service: str


def _unit(row: UnitRow) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "kind_label": UNIT_KINDS[row.kind], "kind": row.kind,
            "beds": str(row.beds), "service": row.service}  # fmt: skip


def facility_id_of(viewer: Viewer, code: str) -> int | None:
    """The key of one of the viewer's facilities, None for "all". NotFound for another."""
    if code == "all":
        return None
    found = [place.id for place in viewer.places if place.code == code]
    if not found:
        raise NotFound("There is no such facility among yours.")
    return found[0]
