"""A person of the second hospital reaches nothing of the first one.

By no route with its real keys, by no search, list or export, and by no raw query. Every role is tried, and afterwards
nothing of the first hospital has changed.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from litestar import Litestar

from app.accounts.people import AddUser, GrantRole, add_user, grant_role
from app.census.exports import AskExport, Export, export
from app.clocks.settings.lines import SetLine, set_line
from app.clocks.settings.policies import SetTerm, set_term
from app.clocks.terms import Line
from app.interop.inbox import Source, drain, receive
from app.payers.directory.commands import AddReach, SetCard, add_reach, set_card
from app.payers.directory.terms import ChannelKind
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.reviews.criteria.library import written
from app.security.permissions import Permission, Role
from app.security.viewer import Grant
from app.web.routes import SAFE
from app.worklists.assignment.bulk import give_selected
from app.worklists.assignment.cover.commands import MarkAbsent, mark_absent
from app.worklists.assignment.rulebook.commands import DescribeRule, add_rule
from tests.accounts.disclosures.support import accounted
from tests.accounts.identity.support import identity_of
from tests.accounts.watching.support import watched
from tests.discharge.after.support import followed
from tests.discharge.assessing import one_of_each
from tests.discharge.booking.support import arranged
from tests.discharge.departure.support import leaving
from tests.discharge.plan.support import planned
from tests.house.test_routes import STREAM, routes
from tests.ltac.screening.support import referred_anywhere
from tests.status.support import worked_on
from tests.support.avoidable import lost_days
from tests.support.census_files import reconciliation
from tests.support.choices import listed
from tests.support.client import Browser
from tests.support.exchange import exchanged
from tests.support.hl7 import Sender
from tests.support.long_term import charted_anywhere
from tests.support.payment_days import payment_days_anywhere
from tests.support.referrals import referred
from tests.support.reports import sent
from tests.support.vendors import registered
from tests.support.world import World

BrowserFor = Callable[..., Browser]
# What only the first hospital's records hold; none of it may ever reach a person of the second.
MARKS = ("QUILLFEATHER", "Quillfeather", "MRN777001", "VISIT777001", "SECRETPLAN", "Z99.777", "marked for nobody else")


@pytest.fixture
def north(world: World) -> dict[str, str]:
    """A stay of the first hospital with everything that can hang on one; its keys by name of route parameter."""
    sender = Sender()
    message = sender.admit("VISIT777001", "MRN777001", "4W^477^A", name="QUILLFEATHER^MERLE",
                           tail="DG1|1||Z99.777^x^ICD10\rIN1|1|SECRETPLAN|77|SECRETPLAN\r")  # fmt: skip
    (receipt,) = receive([message], Source(kind="mllp", origin="test"))
    while drain():
        pass
    with begin(everywhere("test")) as work:
        stay, patient = work.connection.execute("select id, patient_id from encounter").fetchone() or (None, None)
    return {"stay_id": str(stay), "encounter_id": str(stay), "patient_id": str(patient), "message_id": str(receipt.id)}


def more_of(world: World, north: dict[str, str], dana: Browser) -> dict[str, str]:
    """A note, an assignment and a grant, made by people of the first hospital through their own pages."""
    stay = north["stay_id"]
    assert dana.post(f"/encounters/{stay}/notes", {"text": "marked for nobody else"}).status_code < 400
    assert dana.post(f"/encounters/{stay}/own-assignment", {}).status_code < 400
    assert dana.post(f"/encounters/{stay}/snooze", {"until": "hour", "reason": "result"}).status_code < 400
    kept = {"name": "marked for nobody else", "kept": "unit=4W"}
    assert dana.post("/worklists/inpatient/views", kept).status_code < 400
    distribute(world, stay)
    files = reconciliation(world)
    notices = notices_of(stay, dana) | reviews_of(stay, dana)
    notices |= questions_of(stay, dana) | payers_of(world, stay, dana) | denials_of(stay, dana)
    notices |= worked_on(world, uuid.UUID(stay), now(), "marked for nobody else")
    notices |= exchanged(world, uuid.UUID(notices["authorization_id"]), "77")
    notices |= registered(world, "SECRETPLAN", "marked for nobody else")
    chosen = listed(world, uuid.UUID(stay), uuid.UUID(notices["vendor_id"]), "marked for nobody else")
    notices |= chosen | {"choice_key": "nobody-was-given"}
    asked = referred(uuid.UUID(stay), uuid.UUID(notices["vendor_id"]), "marked for nobody else")
    notices |= asked | {"referral_key": "nobody-was-given"}
    notices |= lost_days(world, uuid.UUID(stay), now(), "marked for nobody else")
    for written_down in (planned, one_of_each, leaving):
        notices |= written_down(world.viewer("dana"), uuid.UUID(stay), "marked for nobody else")
    made = arranged(world, uuid.UUID(stay), "marked for nobody else", now())
    notices |= {name: made[name] for name in ("booking_id", "purchase_id", "question")}
    notices |= {"post_acute_id": made["authorization_id"]}
    notices |= referred_anywhere(world, "marked for nobody else") | sent(world, "marked for nobody else")
    for left_behind in (followed, charted_anywhere, payment_days_anywhere, accounted):
        notices |= left_behind(world, uuid.UUID(stay), "marked for nobody else")
    notices |= watched(world, "marked for nobody else") | identity_of(world, "marked for nobody else")
    with reading(everywhere("test")) as view:
        return north | files | notices | {
            "rule_id": str(view.value("select id from assignment_rule")),
            "absence_id": str(view.value("select id from absence")),
            "distribution_id": str(view.value("select id from distribution")),
            "snooze_id": str(view.value("select id from snooze")),
            "view_id": str(view.value("select view_id from saved_view")),
            "version_id": str(view.value("select id from saved_view")),
            **settings_of_clocks(world), **criteria_of(dana),
            "note_id": str(view.value("select id from note")),
            "assignment_id": str(view.value("select id from assignment where ended_at is null")),
            "user_id": str(world.user["dana"]),
            "grant_id": str(view.value("select id from role_grant where user_id = %s", (world.user["dana"],))),
            "session_id": str(view.value("select id from user_session where user_id = %s", (world.user["dana"],))),
            "placing_id": str(uuid.uuid4()),  # says of codes where they belong, for all hospitals alike
            "code": "NORTH", "unit": "4W", "name": "inpatient", "role": "case_manager", "mark": "0", "kind": "csv",
            "measure": "readmission",
        }  # fmt: skip


def denials_of(stay: str, dana: Browser) -> dict[str, str]:
    """A denial of the first hospital with an appeal and a packet."""
    said = {"kind": "concurrent", "first_day": "2026-03-04", "last_day": "2026-03-05", "channel": "fax",
            "notice_on": "2026-03-05", "reason": "marked for nobody else"}  # fmt: skip
    made = dana.post(f"/encounters/{stay}/denials", said)
    assert made.status_code == 303
    address = made.headers["location"]
    assert dana.post(f"{address}/appeals", {"channel": "fax", "note": "marked for nobody else"}).status_code == 303
    packet = dana.post(f"{address}/packets", {"all": "on"})
    assert packet.status_code == 303
    with reading(everywhere("test")) as view:
        return {
            "denial_id": address.rpartition("/")[2], "packet_id": packet.headers["location"].rpartition("/")[2],
            "denial_appeal_id": str(view.value("select appeal_id from denial_appeal")),
        }  # fmt: skip


def payers_of(world: World, stay: str, dana: Browser) -> dict[str, str]:
    """A request to a payer with its answer, a contact, a card and a number of the first hospital."""
    asked = {"channel": "fax", "first_day": "2026-03-04", "last_day": "2026-03-06", "message": "marked for nobody else"}
    assert dana.post(f"/encounters/{stay}/authorizations", asked).status_code < 400
    said = {"channel": "call", "direction": "out", "said": "marked for nobody else"}
    assert dana.post(f"/encounters/{stay}/payer-contacts", said).status_code < 400
    with reading(everywhere("test")) as view:
        held = str(view.value("select id from payer_authorization"))
    answer = {"authorization_id": held, "action": "A1", "channel": "call", "text": "marked for nobody else"}
    assert dana.post(f"/encounters/{stay}/payer-answers", answer).status_code < 400
    with begin(everywhere("test")) as work:
        card = set_card(work, world.facility["NORTH"], "77", SetCard(timezone="America/Chicago", begins=now().date()))
        reach = add_reach(work, world.facility["NORTH"], "77", AddReach(kind=ChannelKind.FAX, value="SECRETPLAN fax"))
    with reading(everywhere("test")) as view:
        return {
            "payer_code": "77", "authorization_id": held, "card_id": str(card.id), "reach_id": str(reach.id),
            "request_id": str(view.value("select request_id from payer_request")),
            "decision_id": str(view.value("select decision_id from payer_decision")),
            "contact_id": str(view.value("select contact_id from payer_contact")),
        }  # fmt: skip


def notices_of(stay: str, dana: Browser) -> dict[str, str]:
    """A delivery with its scan, an appeal, and an official form of the first hospital."""
    said = {"kind": "IM", "which_copy": "first", "language": "marked for nobody else"}
    assert dana.post(f"/encounters/{stay}/notices", said).status_code < 400
    assert dana.post(f"/encounters/{stay}/appeals", {"detail": "marked for nobody else"}).status_code < 400
    with reading(everywhere("test")) as view:
        delivery, appeal = (
            view.value("select delivery_id from notice_delivery"),
            view.value("select id from qio_appeal"),
        )
    scan = {"scan": ("scan.pdf", b"%PDF-1.7 marked for nobody else")}
    assert dana.post(f"/deliveries/{delivery}/scans", files=scan).status_code < 400
    form = {"kind": "IM", "edition": "marked for nobody else", "begins": "2026-01-01"}
    lee = Browser(dana.client, dana.world, "lee")
    assert (
        lee.post("/notice-forms", form, files={"file": ("im.pdf", b"%PDF-1.7 marked for nobody else")}).status_code
        < 400
    )
    with reading(everywhere("test")) as view:
        return {
            "delivery_id": str(delivery), "appeal_id": str(appeal),
            "scan_id": str(view.value("select id from notice_scan")),
            "form_id": str(view.value("select id from notice_form")),
        }  # fmt: skip


def criteria_of(dana: Browser) -> dict[str, str]:
    """An own criteria set and a licensed product of the first hospital."""
    lee = Browser(dana.client, dana.world, "lee")
    text = written("two_midnight", "1").replace('id = "two_midnight"', 'id = "marked"').replace(
        'title = "Two-midnight benchmark"', 'title = "marked for nobody else"')  # fmt: skip
    said = {"text": text, "begins": "2026-01-01"}
    shown = lee.post("/criteria/preview", said).text.split('name="seen" value="')[1].split('"')[0]
    assert lee.post("/criteria", said | {"seen": shown}).status_code == 303
    product = {"vendor": "marked for nobody else", "product": "P", "release": "1", "begins": "2026-01-01"}
    assert lee.post("/licensed-products", product).status_code == 303
    with reading(everywhere("test")) as view:
        return {
            "set_id": "marked", "version": "1", "criteria_id": str(view.value("select id from criteria_set")),
            "product_id": str(view.value("select id from licensed_product")),
        }  # fmt: skip


def questions_of(stay: str, dana: Browser) -> dict[str, str]:
    """A question for a physician with a time for a talk, and a message to the attending. Its link is a way in by
    design, for whoever was given it: the stranger was not."""
    asked = {"kind": "concurrent_denial", "question": "marked for nobody else"}
    assert dana.post(f"/encounters/{stay}/escalations", asked).status_code < 400
    with reading(everywhere("test")) as view:
        question = view.value("select escalation_id from escalation")
    slot = {"on": f"{now() + timedelta(days=1):%Y-%m-%d}", "at": "10:30", "minutes": "20", "chosen": "false"}
    assert dana.post(f"/escalations/{question}/slots", slot).status_code < 400
    message = {"question": "marked for nobody else"}
    assert dana.post(f"/encounters/{stay}/attending-messages", message).status_code < 400
    with reading(everywhere("test")) as view:
        return {
            "escalation_id": str(question), "slot_id": str(view.value("select id from peer_slot")),
            "attending_message_id": str(view.value("select id from attending_message")), "link_key": "nobody-was-given",
        }  # fmt: skip


def reviews_of(stay: str, dana: Browser) -> dict[str, str]:
    """A signed review, a draft and a certification of the first hospital."""
    with reading(everywhere("test")) as view:
        day = view.value("select (start_at at time zone 'America/Chicago')::date from encounter where id = %s", (stay,))
    said = {"kind": "admission", "for_day": str(day), "criteria": "aep_admission 2", "points": "A12",
            "summary": "marked for nobody else"}  # fmt: skip
    assert dana.post(f"/encounters/{stay}/reviews", said).status_code < 400
    assert dana.post(f"/encounters/{stay}/reviews/drafts", said | {"kind": "continued_stay"}).status_code < 400
    certified = {"kind": "long_stay", "physician": "Ann Tending", "statement": "marked for nobody else"}
    assert dana.post(f"/encounters/{stay}/certifications", certified).status_code < 400
    lee, today = Browser(dana.client, dana.world, "lee"), now().date()
    drawn = {"first_day": f"{today - timedelta(days=1)}", "last_day": f"{today}", "percent": "100"}
    assert lee.post("/reviews/agreement/draws", drawn).status_code == 303
    with reading(everywhere("test")) as view:
        sampled = str(view.value("select id from sampled_review"))
    assert lee.post(f"/second-readings/{sampled}/claim", {}).status_code == 303
    assert (
        lee.post(f"/second-readings/{sampled}", {"points": "A12", "reason": "marked for nobody else"}).status_code
        == 303
    )
    with reading(everywhere("test")) as view:
        return {
            "sampled_id": sampled,
            "sample_id": str(view.value("select id from review_sample")),
            "review_id": str(view.value("select review_id from review")),
            "draft_id": str(view.value("select id from review_draft")),
            "certification_id": str(view.value("select id from certification")),
        }


def settings_of_clocks(world: World) -> dict[str, str]:
    """A line of a payer and a term of a deadline, set by the director of the first hospital."""
    director, facility = world.viewer("dora"), world.facility["NORTH"]
    with begin(director.acting(Permission.PAYER_LINE_SET)) as work:
        line = set_line(work, facility, SetLine(payer_code="77", line=Line.COMMERCIAL))
    with begin(director.acting(Permission.POLICY_SET)) as work:
        ask = SetTerm(allowance="36 hours", begins=now().date(), source="marked for nobody else")
        term = set_term(work, facility, "PY-NOTIFY", ask)
    return {"line_id": str(line.id), "term_id": str(term.id), "setting_id": "PY-NOTIFY"}


def distribute(world: World, stay: str) -> None:
    """A rule, an absence and a deed of the lead of the first hospital."""
    day = now().date()
    with begin(world.viewer("lee").acting(Permission.STAY_ASSIGN)) as work:
        add_rule(work, world.facility["NORTH"], DescribeRule(name="All", people=[world.user["dana"]]))
        absence = MarkAbsent(user_id=world.user["sol"], first_day=day, last_day=day)
        mark_absent(work, world.facility["NORTH"], absence)
        give_selected(work, [uuid.UUID(stay)], world.user["uma"])


def stranger(world: World, role: Role) -> str:
    """A person with this role in the second hospital only."""
    name = f"south-{role.value}"
    with begin(everywhere("test")) as work:
        user = add_user(work, AddUser(name=name, display_name="South Stranger", attending_number="1001"))
        grant_role(work, GrantRole(user_id=user.id, role=role, facility_id=world.facility["SOUTH"]))
    world.user[name] = user.id
    return name


def filled(path: str, keys: dict[str, str]) -> str:
    parts = [part.strip("{}").partition(":")[0] if part.startswith("{") else None for part in path.split("/")]
    given = [keys[name] if name else part for name, part in zip(parts, path.split("/"), strict=True)]
    return "/".join(given)


def state_of_north(world: World) -> str:
    """Everything that belongs to the first hospital, as one digest; the trail of who looked is left out."""
    with psycopg.connect(world.addresses.owner) as owner:
        tables = owner.execute(
            "select table_name from information_schema.columns where column_name = 'facility_id' and table_schema ="
            " 'public' and table_name not in ('audit_event', 'row_change', 'user_session')"
        ).fetchall()
        digests = [
            owner.execute(
                f"select %s || md5(coalesce(string_agg(t::text, '' order by t::text), '')) from {table} t"
                " where facility_id = %s",
                (table, world.facility["NORTH"]),
            ).fetchone()
            for (table,) in sorted(tables)
        ]
        people = owner.execute(
            "select md5(string_agg(u::text, '' order by u::text)) from app_user u where name not like 'south-%'"
        ).fetchone()
    return f"{digests}{people}"


FORM = {
    "q": "MRN777001", "text": "x", "reason": "curious", "user_id": "", "number": "MRN777001", "sensitivity": "vip",
    "name": "Taken Over", "display_name": "x", "password": "seven quiet lanterns",
}  # fmt: skip
# Keys of what belongs to a patient or to people of one hospital: with them a stranger gets no page at all.
OF_PATIENTS = {
    "stay_id", "encounter_id", "note_id", "assignment_id", "patient_id", "message_id", "rule_id", "absence_id",
    "distribution_id", "view_id", "version_id", "delivery_id", "appeal_id", "review_id", "draft_id",
    "certification_id", "sampled_id", "sample_id", "scan_id", "form_id", "authorization_id", "request_id",
    "entry_id", "entry_version_id", "proposal_id", "rejection_id", "delay_id",
    "decision_id", "contact_id", "escalation_id", "slot_id", "attending_message_id", "link_key",
    "list_id", "choice_id", "choice_key",
    "referral_id", "need_id", "referral_key", "referral_packet_id", "consent_id",
    "conference_id", "action_id", "teaching_id", "handoff_id",
    "look_id", "statement_id", "expected_id", "disposition_id", "barrier_id", "item_id",
    "candidate_id", "screening_id", "assessment_id", "answer_id", "sign_id", "meeting_id",
    "payment_entry_id", "disclosure_id", "accounting_id", "suspension_id",
    "access_id", "glass_review_id", "finding_id", "access_decision_id",
}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_no_role_of_another_hospital_reaches_anything(
    app: Litestar, browser_for: BrowserFor, world: World, north: dict[str, str], role: Role
) -> None:
    keys = more_of(world, north, browser_for("dana"))
    person = browser_for(stranger(world, role))
    before = state_of_north(world)

    for method, path, _permission, _handler in routes(app):
        if path in (STREAM, "/sign-out", "/account/sessions/end"):
            continue
        address = filled(path, keys)
        form = FORM | {"user_id": str(world.user[person.name]), "person": str(world.user["dana"])}
        answer = person.get(address) if method in SAFE else person.post(address, form)

        leaked = [mark for mark in MARKS if mark in answer.text and mark != form["q"]]
        assert not leaked, f"{method} {path} shows {leaked}"
        if any(f"{{{name}:" in path for name in OF_PATIENTS):
            # A row asked for without htmx leads to its list, which then shows nothing of it.
            assert answer.status_code in (303, 403, 404, 422), f"{method} {path}: {answer.status_code}"
            assert answer.status_code != 303 or answer.headers["location"].startswith("/worklists/")

    assert state_of_north(world) == before


@pytest.mark.parametrize("text", ["quill", "MRN777001", "VISIT777001", "4W 477", "477"])
def test_search_finds_nobody_of_another_hospital(browser_for: BrowserFor, north: dict[str, str], text: str) -> None:
    own, other = browser_for("dana"), browser_for("stan")

    mine, theirs = own.post("/find", {"q": text}), other.post("/find", {"q": text})

    assert "quillfeather" in mine.text.lower() or mine.status_code == 303
    assert theirs.status_code == 200 and "quillfeather" not in theirs.text.lower()


def test_raw_query_and_export_of_another_hospital_are_empty(world: World, north: dict[str, str]) -> None:
    viewer = world.viewer("stan")
    with reading(viewer) as view:
        tables = view.values(
            "select distinct table_name from information_schema.columns"
            " where column_name in ('facility_id', 'facility_ids') and table_schema = 'public'"
            " and table_name not in ('user_session', 'role_grant')"
        )
        reached = {}
        for table in tables:
            rows = view.values(f"select t::text from {table} t")
            reached[table] = [row for row in rows if any(mark in row for mark in MARKS)]

        assert {"encounter", "patient", "movement", "adt_fact", "inbound_message", "row_change"} <= set(tables)
        assert not {table: rows for table, rows in reached.items() if rows}
    for what in Export:
        own, other = export(AskExport(what, "NORTH")).decode(), export(AskExport(what, "SOUTH")).decode()
        assert "VISIT777001" in own and not any(mark in other for mark in MARKS)


def test_scope_cannot_be_widened_by_a_grant_elsewhere(world: World, north: dict[str, str]) -> None:
    two = replace(
        world.viewer("stan"),
        grants=(Grant(Role.CASE_MANAGER, world.facility["SOUTH"]), Grant(Role.ADMINISTRATOR, world.facility["NORTH"])),
        places=tuple(world.place.values()),
    )

    with reading(two.acting(Permission.STAY_SEE)) as view:
        assert view.value("select count(*) from encounter") == 0
