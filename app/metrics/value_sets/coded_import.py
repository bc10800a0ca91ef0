"""Taking final codings in. The same line again changes nothing; a corrected coding ends the one before it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from app.kernel.refusal import NotFound
from app.metrics.value_sets.coded_files import Coding, read
from app.metrics.value_sets.events import CodedFileTaken, StayCoded
from app.platform.work import Work, begin, everywhere


@dataclass(frozen=True, slots=True)
class TakeCoded:
    """A file to take in: its name without the folder, and its bytes."""

    name: str
    data: bytes


class TakenCoded(msgspec.Struct):
    """What became of a file, as `daybook import coded` prints it. `refused` names the lines that were left out."""

    file: str
    facility: str
    added: int
    changed: int
    unchanged: int
    refused: list[str]


class _Stay(msgspec.Struct):
    """The stay of a visit number, and its coding that stands."""

    visit_number: str
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    coded_id: uuid.UUID | None
    coded_on: date | None
    digest: str | None


# A number that turned out to be part of another stay leads to that stay.
_STAYS = """
with recursive part as (
  select e.visit_number, e.id, e.united_into_id, e.gone_at from encounter e
    where e.facility_id = %(facility)s and e.visit_number = any(%(visits)s)
  union select part.visit_number, e.id, e.united_into_id, e.gone_at from part
    join encounter e on e.id = part.united_into_id and part.gone_at is not null
)
select distinct part.visit_number, part.id, e.patient_id, c.id, c.coded_on, c.digest
from part join encounter e on e.id = part.id
left join coded_stay c on c.encounter_id = part.id and c.ended_at is null
where part.gone_at is null
"""
_LOCK = "select pg_advisory_xact_lock(hashtext('coded.files'), %s)"


def import_coded(code: str, ask: TakeCoded) -> TakenCoded:
    """Take a file in for the facility with this code. NotFound without it; Refused where it is no such file."""
    contents = read(ask.name, ask.data)
    with begin(everywhere("import")) as work:
        found = work.values("select id from facility where code = %s", (code,))
        if not found:
            raise NotFound(f"There is no facility {code}.")
        answer = TakenCoded(ask.name, code, 0, 0, 0, list(contents.refused))
        _store(work, found[0], contents.codings, answer)
        if answer.added or answer.changed:
            work.record(
                CodedFileTaken(
                    facility_id=found[0], source=ask.name, added=answer.added, changed=answer.changed,
                    unchanged=answer.unchanged, refused=len(answer.refused),
                )
            )  # fmt: skip
    return answer


def _store(work: Work, facility_id: int, codings: Sequence[Coding], answer: TakenCoded) -> None:
    work.connection.execute(_LOCK, (facility_id,))
    stays: dict[str, list[_Stay]] = {}
    visits = [one.visit_number for one in codings]
    for stay in work.rows(_Stay, _STAYS, {"facility": facility_id, "visits": visits}):
        stays.setdefault(stay.visit_number, []).append(stay)
    taken: set[uuid.UUID] = set()
    plan: list[tuple[Coding, _Stay]] = []
    for coding in codings:
        known = stays.get(coding.visit_number, [])
        why = _refusal(coding, known, taken)
        if why:
            answer.refused.append(f"line {coding.line}: {why}")
            continue
        taken.add(known[0].encounter_id)
        if known[0].digest == coding.digest:
            answer.unchanged += 1
        else:
            plan.append((coding, known[0]))
    _write(work, facility_id, plan, answer)


def _refusal(coding: Coding, known: Sequence[_Stay], taken: set[uuid.UUID]) -> str:
    if not known:
        return "no stay of the facility has this visit_number; take the stay in first, or correct the number"
    if len(known) > 1:
        return "several stays of the facility have this visit_number; a person must decide which is meant"
    if known[0].encounter_id in taken:
        return "an earlier line codes the same stay under another number; give each stay once"
    if known[0].coded_on is not None and coding.coded_on < known[0].coded_on:
        return f"a coding of {known[0].coded_on} stands already; take the newer one"
    return ""


def _write(work: Work, facility_id: int, plan: Sequence[tuple[Coding, _Stay]], answer: TakenCoded) -> None:
    over = [stay.coded_id for _coding, stay in plan if stay.coded_id is not None]
    if over:
        work.write(
            "coded_stay",
            "update coded_stay set ended_at = %s, ended_by = %s where id = any(%s) and ended_at is null",
            (work.now, work.who.actor_id, over),
        )
    answer.changed, answer.added = len(over), len(plan) - len(over)
    stays: list[dict[str, Any]] = []
    procedures: list[dict[str, Any]] = []
    for coding, stay in plan:
        common = {"id": uuid.uuid4(), "facility_id": facility_id, "encounter_id": stay.encounter_id,
                  "made_at": work.now}  # fmt: skip
        stays.append(common | {
            "visit_number": coding.visit_number, "principal_dx": coding.principal_dx, "ms_drg": coding.ms_drg,
            "disposition": coding.disposition, "coded_on": coding.coded_on, "source": answer.file,
            "digest": coding.digest, "made_by": work.who.actor_id,
        })  # fmt: skip
        procedures += [
            common | {"id": uuid.uuid4(), "coded_stay_id": common["id"], "seq": place, "px": px}
            for place, px in enumerate(coding.procedures, 1)
        ]
        work.changed(facility_id, stay.encounter_id)
        work.record(
            StayCoded(
                encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=facility_id,
                coded_on=coding.coded_on, procedures=len(coding.procedures), replaced=stay.coded_id is not None,
            )
        )  # fmt: skip
    for table, rows in (("coded_stay", stays), ("coded_procedure", procedures)):
        _insert(work, table, rows)


def _insert(work: Work, table: str, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = ", ".join(rows[0])
    work.write(
        table,
        f"insert into {table} ({columns}) select {columns} from json_populate_recordset(null::{table}, %s::json)",
        (msgspec.json.encode(rows).decode(),),
    )
