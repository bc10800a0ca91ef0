"""The interface monitor: feeds, exceptions, messages that could not be applied, the text of one message, its replay."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.census.stay.figure import place_text
from app.census.stay.words import exception_text
from app.census.terms import ExceptionKind
from app.interop.hl7 import Unparseable, parse
from app.interop.hl7_text import decode
from app.interop.intake.parked import replay_message
from app.interop.monitor import queries
from app.interop.monitor.about import elements, keys_named, keys_of_resources, keys_of_row
from app.interop.monitor.queries import ExceptionLine, FeedLine, MessageLine
from app.interop.payer_files.queries import open_count
from app.kernel.days import local_day, start_of_day
from app.kernel.refusal import Refused
from app.kernel.wording import dated_text, duration_text, full_text, iso_text, moment_text
from app.platform.work import Disclosure, Reading, begin, disclose, everywhere, reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.forms import FormFields
from app.web.frame import Flash
from app.web.render import NO_PHI, page, route_name, see_other, the_viewer

Ask = Request[Any, Any, Any]
LONGEST_SHOWN = 200_000  # characters of a message on its page
MOST_LINES = 5_000  # of a message that is JSON
LONGEST_SEGMENT = 4_000  # an embedded document is cut here, and the page says so
NAMES_A_PERSON = frozenset({ExceptionKind.MULTIPLE_OPEN_IP, ExceptionKind.ABSENT_FROM_CENSUS})
"""Their subject is a number of a patient or visit, not shown here."""


@get("/interfaces", permission=Permission.INTERFACE_SEE, sync_to_thread=True)
def monitor(request: Ask, kind: FromQuery[str] = "", number: FromQuery[int] = 1) -> Response[bytes]:
    """Feeds, open exceptions (all or of one kind), messages that are not applied."""
    viewer = the_viewer(request)
    chosen = kind if kind in ExceptionKind.__members__ else ""
    with reading(viewer) as db:
        counted = queries.kinds(db)
        total = sum(one.count for one in counted if chosen in ("", one.kind))
        at = max(1, min(number, -(-total // queries.PAGE) or 1))
        found = queries.exceptions(db, chosen, (at - 1) * queries.PAGE)
        waiting, problem_count = queries.problems(db)
        context: dict[str, Any] = {
            "feeds": [_feed(db, one) for one in queries.feeds(db)],
            "kinds": _kind_tabs(counted, chosen),
            "kind": chosen,
            "exceptions": [_exception(one, viewer, db.now) for one in found],
            "pages": _pages(at, total, len(found), chosen),
            "problems": [_problem(one, viewer, db.now) for one in waiting],
            "problem_count": problem_count,
            "clock_faults": [_clock_fault(one, viewer, db.now) for one in queries.clock_faults(db)],
            "may_read": viewer.may(Permission.MESSAGE_READ),
            "may_repair": viewer.may(Permission.CENSUS_REPAIR),
            "may_exchange": viewer.may(Permission.EXCHANGE_SET),
        }
    with reading(viewer.acting(Permission.EXCHANGE_SET)) as db:
        waiting_answers = open_count(db)
    context["payer_answers"] = str(waiting_answers) if waiting_answers else ""
    about = dict.fromkeys(one.patient_id for one in found if one.patient_id is not None)
    return page(request, "interop/monitor.html", fragment="interop/_monitor.html", discloses=list(about),
                title="Interfaces", **context)  # fmt: skip


@get("/interfaces/messages/{message_id:int}", permission=Permission.MESSAGE_READ, sync_to_thread=True)
def show_message(request: Ask, message_id: FromPath[int]) -> Response[bytes]:
    """The text of one stored message and what became of it. A message about a protected stay keeps its text."""
    return _message_page(request, message_id, "")


@post("/interfaces/messages/{message_id:int}/replays", permission=Permission.INTERFACE_REPLAY, sync_to_thread=True)
def replay(request: Ask, message_id: FromPath[int], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Send a stored message into the pipeline once more; where it would fail again, its page says why."""
    viewer = the_viewer(request)
    try:
        with begin(viewer) as work:
            queries.require_message(work, message_id)
            replay_message(work, message_id)
    except Refused as refused:
        return _message_page(request, message_id, refused.sentence)
    return see_other(
        request, f"/interfaces/messages/{message_id}", Flash("The message was sent into the pipeline once more.")
    )


def _message_page(request: Ask, message_id: int, refused: str) -> Response[bytes]:
    viewer = the_viewer(request)
    if not viewer.may(Permission.MESSAGE_READ):
        return see_other(request, "/interfaces", Flash(refused, tone="amber"))
    with reading(viewer.acting(Permission.MESSAGE_READ)) as db:
        found = queries.message(db, message_id)
        keys = _keys(found)
        seen = queries.patients_named(db, keys)
        shown = _message(found, viewer, db.now)
    with reading(everywhere("interface monitor")) as db:
        hidden = bool(queries.patients_named(db, keys) - seen)
    if not hidden and not seen:
        # Nobody known is named, and yet the text may tell of a person: that it was read is written down all the same.
        disclose(viewer, Disclosure(route_name(request), [], viewer.address, "view", f"message {message_id}"))
    return page(
        request, "interop/message.html", discloses=NO_PHI if hidden else list(seen), title=f"Message {message_id}",
        status=409 if refused else 200, message=shown, hidden=hidden, refused=refused,
        lines=[] if hidden else _lines(found), caption=_CAPTIONS.get(found.source, "one segment per line"),
        may_replay=viewer.may(Permission.INTERFACE_REPLAY) and not found.applied and not found.waiting,
    )  # fmt: skip


_CAPTIONS = {"fhir": "one element per line; the Encounter first, then what belongs to it"}


def _keys(found: MessageLine) -> list[str]:
    """Numbers of patients and visits in the text, and those that the census understood."""
    if found.source == "fhir":
        named = keys_of_resources(found.raw, found.authority)
    elif found.source in ("census", "repair"):
        named = keys_of_row(found.raw)
    else:
        named = keys_named(found.raw, found.charset, found.authority)
    return list(dict.fromkeys([*named, *found.keys]))


def _lines(found: MessageLine) -> list[dict[str, str]]:
    if found.source in ("fhir", "census", "repair"):
        return [_line(path, f"  {said}") for path, said in elements(found.raw)[:MOST_LINES]]
    return segments(found.raw, found.charset)


def segments(raw: bytes, charset: str) -> list[dict[str, str]]:
    """The segments of a message, one per line, the name apart; bytes that are no message are shown as text."""
    try:
        codec = parse(raw, feed_charset=charset).charset
    except Unparseable:
        codec = decode(raw, [], charset)[1]
    text = raw.decode(codec).lstrip("\ufeff\x0b")[:LONGEST_SHOWN].replace("\r\n", "\r").replace("\n", "\r")
    rows = [row for row in text.split("\r") if row.strip("\x0b\x1c ")]
    written = ["".join(sign if sign.isprintable() else "·" for sign in row) for row in rows]
    return [_line(row[:3], row[3:]) for row in written]


def _line(name: str, rest: str) -> dict[str, str]:
    longest = LONGEST_SEGMENT - len(name)
    cut = f" … ({len(rest) - longest} more characters)" if len(rest) > longest else ""
    return {"name": name, "rest": rest[:longest] + cut}


def _feed(db: Reading, one: FeedLine) -> dict[str, Any]:
    zone = ZoneInfo(one.timezone)
    answered = queries.answered_since(db, one.facility_id, start_of_day(local_day(db.now, zone), zone))
    silent = one.last_at is not None and db.now - one.last_at > timedelta(minutes=one.silent_after_minutes)
    hours = max(1.0, (db.now - start_of_day(local_day(db.now, zone), zone)) / timedelta(hours=1))
    today = sum(answer.count for answer in answered)
    return {
        "name": one.name, "code": one.code, "port": str(one.port or "by sender"),
        "last": "no message yet" if one.last_at is None else moment_text(one.last_at, zone, db.now),
        "iso": "" if one.last_at is None else iso_text(one.last_at, zone),
        "full": "" if one.last_at is None else full_text(one.last_at, zone),
        "age": "" if one.last_at is None else duration_text(db.now - one.last_at),
        "silent": silent,
        "limit": f"{one.silent_after_minutes} min",
        "today": f"{today:,}",
        "rate": f"{today / hours:,.0f} an hour",
        "codes": " · ".join(f"{answer.code} {answer.count:,}" for answer in answered) or "none",
        "waiting": f"{one.waiting:,}",
        "waiting_since": "" if one.waiting_since is None else moment_text(one.waiting_since, zone, db.now),
    }  # fmt: skip


def _kind_tabs(counted: list[queries.KindCount], chosen: str) -> list[dict[str, Any]]:
    total = sum(one.count for one in counted)
    tabs = [{"href": "/interfaces", "label": "All", "count": str(total), "current": not chosen}]
    for one in counted:
        label = one.kind.replace("_", " ").capitalize()
        tabs.append(
            {
                "href": f"/interfaces?kind={one.kind}",
                "label": label,
                "count": str(one.count),
                "current": one.kind == chosen,
            }
        )
    return tabs


def _exception(one: ExceptionLine, viewer: Viewer, now: datetime) -> dict[str, Any]:
    zone = _zone(one.timezone, viewer)
    what, todo = exception_text(one.kind)
    may_open = one.encounter_id is not None and viewer.may(Permission.STAY_SEE)
    may_read = one.message_id is not None and viewer.may(Permission.MESSAGE_READ)
    return {
        "what": what, "todo": todo, "facility": one.facility or "unknown facility",
        **_when(one.opened_at, zone, now),
        "subject": "" if one.kind in NAMES_A_PERSON else _subject(one.subject),
        "stay": f"/encounters/{one.encounter_id}" if may_open else "",
        "message": f"/interfaces/messages/{one.message_id}" if may_read else "",
    }  # fmt: skip


def _subject(text: str) -> str:
    """A control id as it is; a place in words."""
    return place_text(text, {}) if text.count("^") >= 2 else text


def _problem(one: queries.ProblemLine, viewer: Viewer, now: datetime) -> dict[str, str]:
    zone = _zone(one.timezone, viewer)
    return {
        "number": str(one.message_id), "href": f"/interfaces/messages/{one.message_id}",
        **_when(one.opened_at, zone, now),
        "what": one.sentence or exception_text(one.kind)[0], "from": one.sending_facility or "not said",
        "event": one.event or "?",
        "facility": one.facility or "unknown facility",
    }  # fmt: skip


def _clock_fault(one: queries.ClockFaultLine, viewer: Viewer, now: datetime) -> dict[str, str]:
    return {
        **_when(one.opened_at, ZoneInfo(one.timezone), now), "facility": one.facility, "error": one.error,
        "stay": f"/encounters/{one.encounter_id}" if viewer.may(Permission.STAY_SEE) else "",
    }  # fmt: skip


def _zone(name: str, viewer: Viewer) -> ZoneInfo:
    """The zone of the facility; of the reader's own where the facility is not known."""
    return ZoneInfo(name or (viewer.place.timezone if viewer.place else "UTC"))


def _when(moment: datetime, zone: ZoneInfo, now: datetime) -> dict[str, str]:
    return {"at": dated_text(moment, zone, now), "iso": iso_text(moment, zone), "full": full_text(moment, zone)}


def _pages(at: int, total: int, here: int, kind: str) -> dict[str, str]:
    first = (at - 1) * queries.PAGE

    def address(number: int) -> str:
        return f"/interfaces?{f'kind={kind}&' if kind else ''}number={number}"

    return {
        "from": str(first + 1), "to": str(first + here), "total": str(total), "what": "exceptions",
        "previous": address(at - 1) if at > 1 else "", "next": address(at + 1) if first + here < total else "",
    }  # fmt: skip


def _message(found: MessageLine, viewer: Viewer, now: datetime) -> dict[str, Any]:
    zone = _zone(found.timezone, viewer)
    state = "applied" if found.applied else "waiting to be applied" if found.waiting else "not applied"
    lines = {
        "Received": f"{dated_text(found.received_at, zone, now)} by {found.source}",
        "From": " · ".join(part for part in (found.sending_application, found.sending_facility, found.origin) if part),
        "Facility": found.facility or "unknown",
        "Event": found.event or "not said",
        "Control id": found.control_id or "none",
        "Answered": " ".join(part for part in (found.ack, found.sentence) if part), "State": state,
    }  # fmt: skip
    return {
        "facts": [{"label": label, "value": value or "none"} for label, value in lines.items()],
        "number": str(found.id),
        "problem": found.problem or (exception_text(found.refusal)[0] if found.refusal else ""),
        "todo": exception_text(found.refusal)[1] if found.refusal else "",
    }


ROUTES = [monitor, show_message, replay]
