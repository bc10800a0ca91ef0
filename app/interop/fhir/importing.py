"""FHIR files into the census: everything is read, references are followed, every Encounter is stored, then applied."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from app.census.facilities import facility_by_code
from app.interop.adt import NotAccepted
from app.interop.fhir.bundles import BROKEN, Fault, Files, Found, read_files
from app.interop.fhir.facts.course import Impossible
from app.interop.fhir.facts.elements import parts, text
from app.interop.fhir.facts.numbers import Habits
from app.interop.fhir.facts.stays import to_fact
from app.interop.fhir.links import Links
from app.interop.fhir.messages import Kept, Message, bundle_of, deletion_of, store
from app.interop.fhir.references import Held, Pool
from app.interop.framing import LIMIT
from app.interop.inbox import drain
from app.interop.intake.files import stays_of
from app.interop.queries import feeds, unapplied
from app.kernel.refusal import Refused
from app.platform.now import now
from app.platform.work import begin, everywhere, reading

TOGETHER = 500
_ACTOR = everywhere("import")


class Imported(msgspec.Struct):
    """What became of one Encounter, as `daybook import fhir` prints it. None where there is nothing to say.

    `encounter` is the present number of the stay, with its authority before it unless that is the feed's own.
    """

    place: str
    resource: str
    ack: str
    error: str | None = None
    repeated: bool = False
    encounter: str | None = None


@dataclass(slots=True)
class Outcome:
    """What became of the files: a line for each Encounter, and what else in them was left out."""

    lines: list[Imported] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return sum(1 for line in self.lines if line.error)


def import_files(code: str, paths: Sequence[Path]) -> Outcome:
    """Take all Encounters of the files for one facility, apply them, and tell what became of each, in order.

    Raises Refused where there is no such facility, OSError where a file cannot be read.
    """
    with begin(_ACTOR) as work:
        facility_id = facility_by_code(work, code).id
        feed = feeds(work).by_facility(facility_id)
    if feed is None:
        raise Refused("This facility has no feed, so that the numbers of its patients have no authority.")
    files = read_files(paths)
    intake = _Intake(files, Habits(feed.policy, feed.names))
    waiting: list[tuple[Imported, Message]] = []
    outcome = Outcome(lines=intake.lines, faults=intake.faults)
    kept: list[tuple[Imported, Kept]] = []
    for one in intake.messages():
        waiting.append(one)
        if len(waiting) >= TOGETHER:
            kept.extend(_store(facility_id, waiting))
            waiting.clear()
    kept.extend(_store(facility_id, waiting))
    while drain():
        pass
    _find_out(facility_id, kept)
    return outcome


def _store(facility_id: int, waiting: Sequence[tuple[Imported, Message]]) -> list[tuple[Imported, Kept]]:
    if not waiting:
        return []
    with begin(_ACTOR) as work:
        keys = store(work, facility_id, [message for _, message in waiting])
    return [(line, key) for (line, _), key in zip(waiting, keys, strict=True)]


def _find_out(facility_id: int, kept: Sequence[tuple[Imported, Kept]]) -> None:
    """Complete the lines: to which stay each Encounter belongs now, or why it is not applied."""
    for start in range(0, len(kept), TOGETHER):
        part = kept[start : start + TOGETHER]
        ids = [key.id for _, key in part]
        with reading(_ACTOR) as view:
            stays, failed = stays_of(view, facility_id, ids), unapplied(view, ids)
        for line, key in part:
            line.encounter, line.repeated = stays.get(key.id), not key.new
            line.error = failed.get(key.id)


class _Intake:
    """The messages that the files make. `lines` and `faults` fill while they are made."""

    def __init__(self, files: Files, habits: Habits) -> None:
        self.lines: list[Imported] = []
        self.faults = files.faults
        self._found, self._habits = files.found, habits
        self._links = Links(Pool(one for one in files.found if not one.deleted))
        self._told: set[str] = set()  # patients of whom an Encounter tells

    def messages(self) -> Iterator[tuple[Imported, Message]]:
        for found in self._found:
            if found.type == "Encounter":
                made = self._message(found)
                if made is not None:
                    yield made
        yield from self._merged_patients()
        self._links.check()
        self.faults.extend(self._links.faults)

    def _message(self, found: Found) -> tuple[Imported, Message] | None:
        line = Imported(found.place, found.name, "AA")
        self.lines.append(line)
        try:
            message = deletion_of(found) if found.deleted else self._bundle(found)
            outcome = to_fact(message.raw, self._habits, 0, now())
        except Impossible as problem:
            line.ack, line.error = "AE", _sentence(str(problem))
            return None
        except BROKEN:
            line.ack, line.error = "AE", "The resource is not a JSON object."
            return None
        if isinstance(outcome, NotAccepted):
            line.ack, line.error = outcome.code, outcome.sentence
            return None
        return line, message

    def _bundle(self, found: Found) -> Message:
        linked = self._links.of(Held(found))
        if linked.patient is not None:
            self._told.add(linked.patient.found.name)
        for fault in linked.faults:
            if fault not in self.faults:
                self.faults.append(fault)
        message = bundle_of(linked)
        if len(message.raw) > LIMIT:
            raise Impossible(f"the encounter with all that belongs to it is larger than {LIMIT // 1024 // 1024} MiB.")
        return message

    def _merged_patients(self) -> Iterator[tuple[Imported, Message]]:
        """Merges of patients of whom no Encounter of the files tells; they have no line of their own."""
        for held in self._links.pool.all("Patient"):
            merged = any(text(one, "type") == "replaced-by" for one in parts(held.body, "link"))
            if not merged or held.found.name in self._told:
                continue
            linked = self._links.of_patient(held)
            self.faults.extend(linked.faults)
            if linked.successors:
                yield Imported(held.found.place, held.found.name, "AA"), bundle_of(linked)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
