"""A request becomes a file: once, with a number of its own, whole in its folder, with proof of every step."""

import hashlib
import threading
import uuid
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from app.interop.payer_files.events import ExchangeSet
from app.interop.payer_files.sending import Send, fetch_file, preview, send, take_number, write_file
from app.interop.payer_files.settings import SetExchange, set_exchange
from app.interop.x12.checks import CannotBeSaid
from app.interop.x12.terms import Kind
from app.kernel.refusal import NotFound, Refused
from app.payers.authorizations.commands import cancel_authorization
from app.payers.authorizations.forms import Cancel
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.interop.payer_files.support import (
    EXCHANGE,
    HOUR,
    WHOLE,
    answers,
    asked,
    house,
    items,
    out_file,
    said_in,
    sent,
    stay,
    steps,
)
from tests.payers.support import PLAN, ask, tell
from tests.support.stays import StaySpec
from tests.support.world import NOW, World


@pytest.fixture
def ready(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """A house whose exchange is set."""
    house(world, monkeypatch, tmp_path / "payers")
    return world


def test_a_request_is_said_as_it_was_recorded(ready: World):
    made = asked(ready, stay(ready))

    said = said_in(sent(ready, made.authorization_id))

    assert said.kind is Kind.REQUEST
    assert said.request.event_trace == made.event_trace
    assert said.request.days is not None and said.request.days.count == 4
    assert said.request.admitted_on == (NOW - timedelta(days=2)).date()
    assert [(one.code, one.role) for one in said.request.diagnoses] == [("R0602", "admitting"), ("I5033", "principal")]
    assert (said.parties.subscriber.family, said.parties.subscriber.given) == ("Heron", "Quill")
    assert said.parties.subscriber.member_id == "MEM000111"
    assert (said.at.hour, said.at.minute) == (9, 41)  # the facility's clock
    assert said.patient_status == "30"


def test_the_file_lies_whole_in_its_folder_and_every_step_is_kept(ready: World, tmp_path: Path):
    made = asked(ready, stay(ready))
    out = sent(ready, made.authorization_id)

    write_file(str(out.id))
    write_file(str(out.id))  # the job is run again

    folder = tmp_path / "payers" / "quiet-out"
    assert [path.name for path in folder.iterdir()] == [f"000000001-request-{out.id.hex[:12]}.x12"]
    assert (folder / out.name).read_bytes() == out.content
    assert hashlib.sha256(out.content).digest() == out.digest
    assert steps() == ["written"]
    with reading(everywhere("test")) as view:
        assert view.values("select name from audit_event where name like 'payer_file.%%' order by at, name") == [
            "payer_file.made", "payer_file.moved",
        ]  # fmt: skip
        copy = view.value("select new from row_change where table_name = 'payer_file_out'")
    assert "content" not in copy and "digest" in copy


def test_a_folder_that_cannot_be_written_is_said_and_tried_again(ready: World, tmp_path: Path):
    out = sent(ready, asked(ready, stay(ready)).authorization_id)
    (tmp_path / "payers").mkdir()
    (tmp_path / "payers" / "quiet-out").write_text("a file where the folder should be")

    write_file(str(out.id))

    assert steps() == ["not_written"]
    with reading(everywhere("test")) as view:
        waiting = view.rows(
            lambda *row: row,
            "select args ->> 'out_id', scheduled_at is not null from procrastinate_jobs"
            " where task_name = 'payer_files.write' order by id",
        )
    assert waiting == [(str(out.id), False), (str(out.id), True)]
    (tmp_path / "payers" / "quiet-out").unlink()
    write_file(str(out.id))
    assert steps() == ["not_written", "written"]


def test_what_was_sent_is_not_sent_twice_unless_the_payer_did_not_take_it(ready: World):
    made = asked(ready, stay(ready))
    sent(ready, made.authorization_id)
    with pytest.raises(Refused, match="sent already"):
        sent(ready, made.authorization_id, now=NOW + HOUR)

    answers(ready, made.event_trace, "AAA*N**75*C")
    assert items() == [
        ("rejection", "rejected", "Patient event, reason 75: the subscriber was not found; correct and send again.")
    ]

    again = sent(ready, made.authorization_id, now=NOW + 2 * HOUR)
    assert (again.control, again.event_trace) == (2, made.event_trace)


def test_a_withdrawal_an_inquiry_and_notifications(ready: World):
    made = asked(ready, stay(ready))
    sent(ready, made.authorization_id)
    asking = said_in(sent(ready, made.authorization_id, Kind.INQUIRY, NOW + HOUR))
    assert (asking.kind, asking.request.event_trace) == (Kind.INQUIRY, made.event_trace)

    answers(ready, made.event_trace, *WHOLE)
    with begin(ready.viewer("uma").acting(Permission.AUTHORIZATION_WRITE), at=NOW + 2 * HOUR) as work:
        cancel_authorization(work, made.authorization_id, Cancel())
    gone = said_in(sent(ready, made.authorization_id, Kind.CANCELLATION, NOW + 3 * HOUR))
    assert (gone.kind, gone.request.authorization_number, gone.request.days) == (Kind.CANCELLATION, "AU1", None)

    here = sent(ready, made.authorization_id, Kind.ADMISSION, NOW + 3 * HOUR)
    assert said_in(here).kind is Kind.ADMISSION and here.event_trace.startswith("N")
    answers(ready, here.event_trace, "REF*NT*NOTIF1", at=NOW + 4 * HOUR, number=8)
    with pytest.raises(CannotBeSaid, match="needs the day of discharge"):
        sent(ready, made.authorization_id, Kind.DISCHARGE, NOW + 4 * HOUR)


def test_what_cannot_be_said_is_refused_before_a_number_is_spent(ready: World):
    made = asked(ready, stay(ready, member=""))
    with pytest.raises(CannotBeSaid, match="member id of the subscriber is missing"):
        sent(ready, made.authorization_id)
    assert take_number("HOSP99999", "PAYER009") == 1


def test_without_settings_nothing_is_sent(world: World):
    made = asked(world, stay(world))
    with pytest.raises(Refused, match="Nobody has set"):
        sent(world, made.authorization_id)


def test_nobody_sends_for_another_facility(ready: World):
    made = asked(ready, stay(ready))
    stranger = ready.viewer("stan").acting(Permission.PAYER_SEND)
    with pytest.raises(NotFound):
        send(stranger, Send(made.authorization_id, Kind.REQUEST))
    with reading(stranger) as view, pytest.raises(NotFound):
        preview(view, Send(made.authorization_id, Kind.REQUEST))
    out = sent(ready, made.authorization_id)
    with pytest.raises(NotFound):
        fetch_file(stranger, out.id)


def test_a_file_taken_by_hand_is_noted(ready: World):
    out = sent(ready, asked(ready, stay(ready)).authorization_id)
    assert fetch_file(ready.viewer("uma").acting(Permission.PAYER_SEND), out.id).content == out.content
    assert steps() == ["fetched"]


def test_a_file_that_was_made_cannot_be_changed(ready: World):
    out = sent(ready, asked(ready, stay(ready)).authorization_id)
    for statement in ("update payer_file_out set name = 'x'", "delete from payer_file_out"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), begin(everywhere("test")) as work:
            work.connection.execute(statement)
    assert out_file(out.id).name == out.name


def test_numbers_never_come_twice_also_when_asked_at_once(database: object):
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(take_number("A1", "B1"))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == [1, 2, 3, 4]
    assert take_number("A1", "C1") == 1  # another receiver counts for itself


def test_a_number_is_spent_when_what_follows_fails(ready: World, monkeypatch: pytest.MonkeyPatch):
    made = asked(ready, stay(ready))
    with monkeypatch.context() as broken:
        broken.setattr("app.interop.payer_files.sending._written", _fails_the_second_time())
        with pytest.raises(ConnectionError):
            sent(ready, made.authorization_id)
    assert sent(ready, made.authorization_id).control == 2


def _fails_the_second_time():  # type: ignore[no-untyped-def]
    calls: list[int] = []

    def written(*given: object) -> str:
        calls.append(1)
        if len(calls) > 1:
            raise ConnectionError
        return ""

    return written


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("outbox", "../elsewhere", "name of one folder"),
        ("inbox", "/etc", "name of one folder"),
        ("requester_npi", "1234567890", "not a valid NPI"),
        ("review_release", "5010", "guide such as"),
        ("payer_name", "Plán", "without accents"),
        ("usage", "X", "'T' or 'P'"),
        ("inbox", "quiet-out", "two folders"),
    ],
)
def test_settings_that_cannot_work_are_refused(name: str, value: str, part: str):
    with pytest.raises(ValueError, match=part):
        SetExchange.model_validate(EXCHANGE.model_dump() | {name: value})


def test_no_two_payers_share_an_inbox(ready: World):
    other = EXCHANGE.model_copy(update={"payer_code": "PLAN2"})
    with pytest.raises(Refused, match="used for another payer"), begin(ready.viewer("adam")) as work:
        set_exchange(work, ready.facility["SOUTH"], other)
    with pytest.raises(Refused, match="inbox of another payer"), begin(ready.viewer("adam")) as work:
        set_exchange(work, ready.facility["SOUTH"], other.model_copy(update={"inbox": "x", "outbox": "quiet-in"}))


def test_an_unknown_file_is_not_written(database: object):
    with pytest.raises(NotFound):
        write_file(str(uuid.uuid4()))


def _payer_is_told() -> list[datetime | None]:
    """When the duty to tell the payer of the admission was done; None while it is not."""
    with reading(everywhere("test")) as view:
        query = "select closed_at from obligation where rule = 'PY-NOTIFY' and ended_at is null and required"
        return view.values(query)


@pytest.mark.parametrize("usage", ["P", "T"])
def test_a_notification_of_admission_that_left_the_house_tells_the_payer(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, usage: str
):
    settings = EXCHANGE.model_copy(update={"usage": usage, "payer_code": PLAN})
    house(world, monkeypatch, tmp_path / "payers", settings)
    there = tell(world)
    made = ask(world, there, first_day=date(2026, 3, 4), last_day=date(2026, 3, 7))
    with begin(everywhere("test"), at=NOW) as work:  # by hand: a first request tells the payer too
        work.write("payer_request", "update payer_request set certification_type = '4'")
        work.write("coverage", "update coverage set member_number = 'MEM000111'")
        work.write("patient", "update patient set family = 'Heron', given = 'Ida', birth_text = '19480412'")
        work.record(ExchangeSet(facility_id=world.facility["NORTH"], payer_code=PLAN, usage=usage, encounter_id=there))
    assert _payer_is_told() == [None]

    out = sent(world, made.authorization_id, Kind.ADMISSION)
    assert _payer_is_told() == [None]  # it was made, and lies nowhere yet
    write_file(str(out.id))

    assert [at is not None for at in _payer_is_told()] == [usage == "P"]  # a test file tells nobody anything


def test_two_payers_that_share_a_folder_overwrite_nothing(ready: World, tmp_path: Path):
    """Numbers count between two addresses: the first file to each payer bears the number 1."""
    other = EXCHANGE.model_copy(update={"payer_code": "PLAN2", "inbox": "", "receiver": "PAYER010"})
    with begin(ready.viewer("lee").acting(Permission.EXCHANGE_SET), at=NOW) as work:
        set_exchange(work, ready.facility["NORTH"], other)
    first = asked(ready, stay(ready))
    there = stay(ready, spec=StaySpec(family="Ibis", given="Ira", start=NOW - timedelta(days=2)))
    with begin(everywhere("test")) as work:
        work.write("coverage", "update coverage set payer_code = 'PLAN2' where encounter_id = %s", (there,))
        work.record(ExchangeSet(facility_id=ready.facility["NORTH"], payer_code="PLAN2", usage="T"))
    second = asked(ready, there)

    made = [sent(ready, one.authorization_id) for one in (first, second)]
    for one in made:
        write_file(str(one.id))

    assert [one.control for one in made] == [1, 1]
    folder = tmp_path / "payers" / "quiet-out"
    assert {path.read_bytes() for path in folder.iterdir()} == {one.content for one in made}
