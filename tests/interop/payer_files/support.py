"""A stay whose payer is asked by file, and the answers of that payer."""

import uuid
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from app.interop.payer_files.events import ExchangeSet
from app.interop.payer_files.models import PayerFileOut
from app.interop.payer_files.sending import Send, send
from app.interop.payer_files.settings import SetExchange, set_exchange
from app.interop.payer_files.taking import Taken, TakePayerFile, read_file, settle_item, take
from app.interop.x12.reading import understand
from app.interop.x12.terms import Kind, Said
from app.payers.authorizations.commands import request_authorization
from app.payers.authorizations.forms import AskPayer
from app.payers.models import Request
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.stays import StaySpec, insert_stay
from tests.support.world import NOW, World
from tests.support.x12 import answer, envelope

HOUR = timedelta(hours=1)
EXCHANGE = SetExchange(
    payer_code="PLAN1", outbox="quiet-out", inbox="quiet-in", payer_name="QUIET HEALTH PLAN", payer_number="00999",
    requester_name="NORTH HARBOR HOSPITAL", requester_npi="1234567893", contact="UR DEPT", phone="8005550100",
    trace_origin="9HOSP99999", sender="HOSP99999", receiver="PAYER009",
)  # fmt: skip
FOUR = {"first_day": date(2026, 3, 3), "last_day": date(2026, 3, 6)}
DENY = "HCR*A3**0V"
WHOLE = ("HCR*A1*AU1", "DTP*AAH*RD8*20260303-20260307", "HSD*DY*4")


def house(world: World, monkeypatch: pytest.MonkeyPatch, folder: Path, settings: SetExchange = EXCHANGE) -> None:
    """The settings of the exchange, with folders of this test."""
    monkeypatch.setenv("DAYBOOK_PAYER_FILES", str(folder))
    with begin(world.viewer("lee").acting(Permission.EXCHANGE_SET), at=NOW) as work:
        set_exchange(work, world.facility["NORTH"], settings)


def stay(world: World, member: str = "MEM 000111", spec: StaySpec | None = None, code: str = "I50.33") -> uuid.UUID:
    """A stay with an insurance and a diagnosis."""
    with begin(everywhere("test"), at=NOW) as work:
        made = insert_stay(work, world, spec or StaySpec(family="Heron", given="Quíll", start=NOW - timedelta(days=2)))
        facility = world.facility["NORTH"]
        work.write(
            "coverage",
            "insert into coverage (encounter_id, facility_id, rank, payer_code, payer_name, member_number)"
            " values (%s, %s, 1, 'PLAN1', 'Quiet Health Plan', %s)",
            (made, facility, member),
        )
        work.write(
            "diagnosis",
            "insert into diagnosis (encounter_id, facility_id, rank, code, kind)"
            " values (%s, %s, 1, 'R06.02', 'A'), (%s, %s, 2, %s, 'W')",
            (made, facility, made, facility, code),
        )
    return made


def asked(world: World, encounter_id: uuid.UUID, now: datetime = NOW, **said: object) -> Request:
    """A request to the payer, recorded by a nurse."""
    with begin(world.viewer("uma").acting(Permission.AUTHORIZATION_WRITE), at=now) as work:
        return request_authorization(work, encounter_id, AskPayer.model_validate(FOUR | said))


def sent(world: World, authorization_id: uuid.UUID, kind: Kind = Kind.REQUEST, now: datetime = NOW) -> PayerFileOut:
    """The file that a nurse has made of it."""
    key = send(world.viewer("uma").acting(Permission.PAYER_SEND), Send(authorization_id, kind), at=now)
    return out_file(key)


def out_file(key: uuid.UUID) -> PayerFileOut:
    """A file for the payer by its key."""
    with begin(everywhere("test")) as work:
        return work.get(PayerFileOut, key)


def said_in(file: PayerFileOut) -> Said:
    """What a file says, as the payer reads it."""
    found = understand(file.content)
    assert found.findings == ()
    said = found.messages[0].said
    assert said is not None
    return said


def comes(world: World, text: str | bytes, at: datetime = NOW + HOUR, name: str = "answer.x12") -> Taken:
    """A file of the payer comes and is read and settled, as the jobs do it."""
    data = text if isinstance(text, bytes) else text.encode()
    taken = take(TakePayerFile(world.facility["NORTH"], "PLAN1", name, data), at=at)
    for key in read_file(str(taken.file_id), at=at):
        settle_item(str(key), at=at)
    return taken


def answers(world: World, trace: str, *event: str, at: datetime = NOW + HOUR, number: int = 7, **more: str) -> Taken:
    """The payer answers one request."""
    return comes(world, envelope(answer(*event, trace=trace, **more), interchange=number), at=at)


def member_number(world: World, number: str) -> None:
    """The feed says another member number for every stay."""
    with begin(everywhere("test")) as work:
        work.write("coverage", "update coverage set member_number = %s", (number,))
        work.record(ExchangeSet(facility_id=world.facility["NORTH"], payer_code="", usage="T"))


def items() -> list[tuple[str, str, str]]:
    """Kind, state and sentence of all parts of files as they stand."""
    with reading(everywhere("test")) as view:
        return view.rows(
            lambda *row: row,
            "select kind, state, sentence from payer_file_item where ended_at is null order by id",
        )


def steps() -> list[str]:
    """What happened to the files for payers."""
    with reading(everywhere("test")) as view:
        return view.values("select step from payer_file_step order by at, id")


def decisions() -> list[tuple[str, str, list[date]]]:
    """Action, channel and first days of the answers that are recorded."""
    with reading(everywhere("test")) as view:
        return view.rows(lambda *row: row, "select action, channel, firsts from payer_decision order by made_at")


def standings() -> list[tuple[str, date | None]]:
    """State and last covered day of the authorizations."""
    with reading(everywhere("test")) as view:
        return view.rows(
            lambda *row: row, "select state, through from payer_standing where ended_at is null order by made_at"
        )
