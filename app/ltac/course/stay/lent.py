"""What the course of a long-term stay lends: lines of the hand-off between colleagues, sections of packets."""

import uuid
from collections.abc import Mapping, Sequence

from app.census.united import subject
from app.kernel.days import local_day
from app.kernel.wording import day_text, full_text
from app.ltac.course import queries, records
from app.ltac.course.rules.weaning import Weaning
from app.ltac.course.rules.wounds import latest, size_text
from app.ltac.course.stay.fields import facts, headline
from app.ltac.course.terms import Origin, Outcome, RecordKind, WeaningState
from app.platform.work import Reading
from app.web.packets import Block, Section, Table

PLACE = 84
_SHOWN = (RecordKind.VALIDATION, RecordKind.ORIENTATION, RecordKind.TRANSFER)


def brief_lines(db: Reading, stays: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[str]]:
    """How weaning stands, open wounds, the last decision of the team. Stays of other hospitals have nothing here."""
    found: dict[uuid.UUID, list[str]] = {}
    for stay, course in queries.courses(db, stays).items():
        letters = "".join(one.state.value or "·" for one in course.strip(db.now, 7))
        found.setdefault(stay, []).append(f"{weaning_text(course.standing)}; last days {letters}")
    for stay, lines in queries.wounds_in_words(db, stays).items():
        found.setdefault(stay, []).append(f"Wounds: {'; '.join(lines)}")
    for stay, kept in records.standing(db, stays, {RecordKind.CONFERENCE}).items():
        found.setdefault(stay, []).append(f"Team conference: {kept[-1].content['decided']}")
    return found


def weaning_text(found: Weaning) -> str:
    """`Weaning, no further step in 5 days`."""
    if found.outcome is Outcome.LIBERATED:
        return f"Off the ventilator for {found.free_days} days"
    if found.outcome is Outcome.WEANING and found.plateau:
        return f"Weaning, no further step in {found.plateau} days"
    return found.outcome.label


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """What a packet says of a long-term stay: weaning by day, wounds, the last conference, validation, transfers."""
    stay = subject(db, encounter_id)
    key, zone = stay.encounter_id, stay.zone
    blocks = _weaning(db, key) + _wounds(db, key)
    kept = records.standing(db, [key]).get(key, [])
    held = records.of_kind(kept, RecordKind.CONFERENCE)[-1:]
    for one in [*held, *(one for one in kept if one.kind in _SHOWN)]:
        kind = RecordKind(one.kind)
        name = kind.label if kind is RecordKind.CONFERENCE else f"{kind.label}: {headline(kind, one.content)}"
        blocks.append(Block(name, facts=[("When", full_text(one.at, zone)), *facts(kind, one.content)]))
    return [Section("long-term", "Long-term course", PLACE, blocks)] if blocks else []


def _weaning(db: Reading, stay: uuid.UUID) -> list[Block]:
    course = queries.courses(db, [stay]).get(stay)
    if course is None:
        return []
    today = local_day(db.now, course.frame.zone)
    rows = [
        (day_text(one.day, today), one.state.word, one.note)
        for one in course.strip(db.now, 28) if one.state is not WeaningState.UNKNOWN
    ]  # fmt: skip
    text = weaning_text(course.standing)
    return [Block("Weaning", facts=[("Standing", text)], table=Table(("Day", "Support", "More"), rows))]


def _wounds(db: Reading, stay: uuid.UUID) -> list[Block]:
    rows = []
    for one in queries.wounds_of(db, [stay]).get(stay, []):
        last = latest(one.measured)
        content = one.record.content
        origin = Origin(content["origin"]).label
        rows.append(
            (headline(RecordKind.WOUND, content), origin,
             last.stage.label if last is not None and last.stage is not None else "",
             size_text(last) if last is not None else "not assessed")
        )  # fmt: skip
    return [Block("Wounds", table=Table(("Wound", "Origin", "Stage", "Size"), rows))] if rows else []
