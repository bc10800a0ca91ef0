"""Long-term stays as a fold would have left them: payers, leaves, second visits; a table of payment groups."""

import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.census.drg.commands import TakeFile, import_file
from app.census.events import EncounterUpdated
from app.platform.work import Reading, Work, begin, everywhere, reading
from tests.ltac.screening.support import CODE, long_term
from tests.support.stays import StaySpec, insert_stay
from tests.support.world import NOW, World

ZONE = ZoneInfo("America/Chicago")
TABLE = b"fiscal_year,ms_ltc_drg,relative_weight,gmlos\n2026,189,0.9446,24.0\n2026,207,1.8773,31.9\n2025,177,0.8,21.0\n"


def local(text: str) -> datetime:
    """An instant of the facility's clocks, unless the text names a zone of its own."""
    said = datetime.fromisoformat(text)
    return (said if said.tzinfo else said.replace(tzinfo=ZONE)).astimezone(UTC)


def groups_loaded() -> None:
    """Take a small table of fiscal years 2025 and 2026 in."""
    import_file(TakeFile("ltc.csv", TABLE))


def long_stay(world: World, start: str, *, drg: str = "189", payer: str = "MEDICARE A/B", **more: Any) -> uuid.UUID:
    """A patient of the long-term hospital, there since then."""
    long_term(world)
    with begin(everywhere("test"), at=NOW) as work:
        spec = StaySpec(facility=CODE, start=local(start), unit="LT", payer="", **{"room": "201", **more})
        stay = insert_stay(work, world, spec)
        set_columns(work, stay, drg=drg)
        if payer:
            work.write(
                "coverage",
                "insert into coverage (encounter_id, facility_id, rank, payer_code, payer_name)"
                " select id, facility_id, 1, 'P1', %s from encounter where id = %s",
                (payer, stay),
            )
    return stay


def set_columns(work: Work, stay: uuid.UUID, **columns: Any) -> None:
    """Change what the census says of a stay."""
    named = ", ".join(f"{name} = %s" for name in columns)
    work.write("encounter", f"update encounter set {named} where id = %s", (*columns.values(), stay))
    patient = work.value("select patient_id from encounter where id = %s", (stay,))
    work.record(EncounterUpdated(encounter_id=stay, patient_id=patient, changed=tuple(columns)))


def discharged(stay: uuid.UUID, left: str, disposition: str) -> None:
    """The patient left."""
    with begin(everywhere("test"), at=NOW) as work:
        set_columns(work, stay, status="discharged", discharge_at=local(left), disposition=disposition, location="")


def on_leave(stay: uuid.UUID, since: str, until: str = "") -> None:
    """A leave of absence, which lasts without an end."""
    with begin(everywhere("test"), at=NOW) as work:
        work.write(
            "movement",
            "insert into movement (encounter_id, stay_serial, facility_id, lane, value, since, until)"
            " select id, serial, facility_id, 5, 'leave', %s, %s from encounter where id = %s",
            (local(since), local(until) if until else None, stay),
        )
        set_columns(work, stay, status="admitted" if until else "on_leave")


def again(world: World, stay: uuid.UUID, start: str, **more: Any) -> uuid.UUID:
    """The same patient under another number, since then."""
    second = long_stay(world, start, **more)
    with begin(everywhere("test"), at=NOW) as work:
        patient = work.value("select patient_id from encounter where id = %s", (stay,))
        set_columns(work, second, patient_id=patient, home_patient_id=patient)
    return second


def look(at: datetime = NOW) -> Any:
    """A reading as of a fixed now."""
    return reading(everywhere("test"), at=at)


class Counting:
    """A reading that counts its statements."""

    def __init__(self, db: Reading) -> None:
        self.count = 0
        inner = db.connection
        counting = self

        class Connection:
            def cursor(self, *args: Any, **more: Any) -> Any:
                counting.count += 1
                return inner.cursor(*args, **more)

            def __getattr__(self, name: str) -> Any:
                return getattr(inner, name)

        db.connection = Connection()  # type: ignore[assignment]
