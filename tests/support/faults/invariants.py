"""What must hold after every fault, asked of the database past the program that was harmed."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime

import psycopg

from app import reactions
from app.census.commands import refold_all
from app.clocks.upkeep.agreement import differences
from app.ledger.checking import check
from app.metrics.store.agreement import compare
from app.metrics.store.refresh import bring_up_to_date
from app.platform import postgres, seal, work
from app.platform.db import open_engine
from app.platform.postgres import Addresses
from app.platform.work import everywhere, reading
from tests.support.faults.load import Person
from tests.support.faults.site import until


def addresses_of(url: str) -> Addresses:
    """Owner and application role of a server that trusts this machine."""
    return Addresses(owner=url, app=postgres.as_role(url, postgres.APP_ROLE, None), embedded=True)


@contextlib.contextmanager
def connected(url: str) -> Iterator[Addresses]:
    """This process works on the database as the application role."""
    addresses = addresses_of(url)
    engine = open_engine(addresses.app, size=3)
    work.connect(engine)
    work.install(reactions.REACTIONS, reactions.LAST_STEPS)
    try:
        yield addresses
    finally:
        engine.dispose()


def value(url: str, query: str, *parameters: object) -> object:
    """One value, read as the owner."""
    with psycopg.connect(url) as owner:
        row = owner.execute(query, parameters).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None


def applied(url: str) -> float:
    """Wait until no message waits and every touched patient is reckoned; the seconds that it took."""
    return until(lambda: value(url, "select count(*) from inbound_pending") == 0, "waiting messages are not applied")


def nothing_lost(url: str, acknowledged: Sequence[str]) -> int:
    """Every acknowledged message, by its control id, is stored once and applied once. Returns how many."""
    with psycopg.connect(url) as owner:
        stored = [row[0] for row in owner.execute("select control_id from inbound_message where ack = 'AA'")]
        done = [row[0] for row in owner.execute(
            "select control_id from adt_fact f join inbound_message m on m.id = f.message_id"
        )]  # fmt: skip
        aside = owner.execute("select count(*) from inbound_problem").fetchone()
    assert set(acknowledged) <= set(stored), "an acknowledged message is lost"
    assert len(stored) == len(set(stored)), "a message is stored twice"
    assert sorted(done) == sorted(stored), "a stored message is not applied, or twice"
    assert aside == (0,)
    return len(acknowledged)


def notes_kept(url: str, people: Sequence[Person]) -> None:
    """A note that was answered as written is there once; none is there that nobody wrote."""
    with psycopg.connect(url) as owner:
        stored = [row[0] for row in owner.execute("select text from note")]
    assert len(stored) == len(set(stored)), "a note is there twice"
    assert {text for one in people for text in one.written} <= set(stored), "a written note is lost"
    assert set(stored) <= {text for one in people for text in one.tried}


def everything_agrees(url: str, at: datetime | None = None) -> None:
    """Census, deadlines, ledger and measures equal a fresh computation; the audit trail is whole."""
    with connected(url):
        with reading(everywhere("test"), at=at) as view:
            assert list(refold_all(view)) == [], "the census is not the fold of its messages"
            differing = sorted({one.rules for one in differences(view)})
            assert differing == [], "what is owed is not what the facts say"
            found = check(view)
            assert [one.what for one in found.broken] == [] and found.stays, "the day ledger does not add up"
        while bring_up_to_date(at=at):
            pass
        with reading(everywhere("test"), at=at, still=True) as view:  # what is due by then is counted as due
            assert compare(view).sound, "stored cases of measures are not those of a fresh computation"
    with psycopg.connect(url) as owner:
        doubled = owner.execute(
            "select count(*) from (select from obligation where ended_at is null group by encounter_id, rule, subject"
            " having count(*) > 1) twice"
        ).fetchone()
        assert doubled == (0,), "something is owed twice"
        verdict = seal.verify(owner)
        assert verdict.broken is None and verdict.seals > 0, "the audit trail is broken"
