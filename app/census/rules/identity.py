"""Whose is what: which patient and which visit every number meant at the time its message was recorded.

Pure. Numbers bind to patients and visits by time on the recorded clock (ADT rules, I-RENUM): one walk through all facts
in recorded order carries the bindings of that moment along, so that swapped, retired and late numbers come out right.
"""

from collections.abc import Iterable
from datetime import datetime

from app.census.terms import AdtFact, ExceptionKind, Group, Identifier, ReviewKind

MERGES = frozenset({"A18", "A30", "A34", "A39", "A40"})
RENAMES = frozenset({"A46", "A47"})
VISIT_IDENTITY = frozenset({"A42", "A44", "A45", "A50"})
IDENTITY = MERGES | RENAMES | VISIT_IDENTITY | {"A29", "A37", "A43"}
SNAPSHOT = "snapshot"
"""What a source says of a visit in fields alone; no trigger event of HL7 says so little."""

STAYS = frozenset(
    [*(f"A{number:02}" for number in (*range(1, 18), 21, 22, 23, 25, 26, 27, 32, 33, 38, *range(52, 56))), SNAPSHOT]
)
"""Events about one visit; in all others PV1 is ignored (E-A31)."""

STRONGEST = frozenset({"hl7", "repair"})
"""Sources whose word on a person counts most; what the others say is kept apart and only fills in."""

SILENT = frozenset({"A20", "A60", "A61", "A62"})

PHASES = {
    event: place
    for place, events in enumerate(
        "A14 A05 A04 A01 A06 A07 A12+A13 A02+A17 A21 A22 A15 A16 A54 A09 A10+A32+A33 A08 A23 A03".split()  # noqa: SIM905
    )
    for event in events.split("+")
}
"""The order of events within one instant (O-1); the bed named by a cancel counts before a transfer."""


class Person:
    """A patient under whichever number he or she bears; `link` is the one into whom this one was merged."""

    __slots__ = (
        "deleted", "identifiers", "last_recorded", "link", "number", "numbers", "origin", "texts", "weaker",
        "weaker_identifiers",
    )  # fmt: skip

    def __init__(self, number: str) -> None:
        self.origin = self.number = number
        self.numbers = [number]
        self.link: Person | None = None
        self.texts: dict[str, str] = {}
        self.identifiers: dict[str, tuple[Identifier, ...]] = {}
        self.weaker: dict[str, dict[str, str]] = {}  # texts of sources whose word counts less, by source
        self.weaker_identifiers: dict[str, tuple[Identifier, ...]] = {}
        self.last_recorded: datetime | None = None
        self.deleted = False

    @property
    def root(self) -> "Person":
        person = self
        while person.link is not None:
            person = person.link
        return person


class Entry:
    """What one message says of one visit. `cancel` is the later message that took it back."""

    __slots__ = ("cancel", "effective", "event", "fact", "group", "recorded")

    def __init__(self, fact: AdtFact, group: Group) -> None:
        self.fact = fact
        self.group = group
        self.event = fact.event
        self.effective = fact.effective
        self.recorded = fact.recorded
        self.cancel: Entry | None = None


class Visit:
    """A visit under whichever number it bears; `into` is the one with which it was united."""

    __slots__ = ("accounts", "entries", "into", "moved", "number", "numbers", "origin", "owner", "owner_since")

    def __init__(self, number: str) -> None:
        self.origin = self.number = number
        self.numbers = [number]
        self.entries: list[Entry] = []
        self.accounts: set[str] = set()
        self.into: Visit | None = None
        self.owner: Person | None = None
        self.owner_since = 0  # place of the deciding message in recorded order
        self.moved = False

    @property
    def present(self) -> "Visit":
        visit = self
        while visit.into is not None:
            visit = visit.into
        return visit


def place(fact: AdtFact) -> tuple[datetime, int, datetime, str, datetime, int]:
    """Where an event stands on the timeline of its stay (O-1); the last two only part what has equal clocks."""
    return (
        fact.effective, PHASES.get(fact.event, 99), fact.recorded, fact.control_id, fact.sent, fact.sequence
    )  # fmt: skip


def recorded_place(fact: AdtFact) -> tuple[datetime, bool, tuple[object, ...]]:
    """The order in which statements were recorded; an identity event comes before what was recorded with it."""
    return fact.recorded, fact.event not in IDENTITY, place(fact)


class Registry:
    """All patients and visits of a set of facts, every message assigned to them."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.visits: dict[str, Visit] = {}
        self.visitless: list[tuple[Entry, Person]] = []
        self.doubts: list[tuple[AdtFact, Visit, Person, Person]] = []
        self.problems: list[tuple[ExceptionKind, AdtFact]] = []
        self.reviews: list[tuple[ReviewKind, AdtFact, tuple[str, ...]]] = []
        self._count = 0

    def read(self, facts: Iterable[AdtFact]) -> None:
        """Take in a set of facts without repeats. Call it once: it needs all of them in recorded order."""
        for fact in sorted(facts, key=recorded_place):
            self._count += 1
            event = fact.event
            if not fact.supported:
                self.problems.append((ExceptionKind.UNSUPPORTED_EVENT, fact))
                continue
            if event in SILENT:
                continue
            if event in IDENTITY:
                self._identify(fact)
            about_stay = event in STAYS
            for group in fact.groups:
                if about_stay and group.priors and event in ("A06", "A07"):
                    self._continue_account(fact, group)
                person = self._demographics(fact, group)
                if about_stay:
                    self._assign(fact, group, person)
                elif group.visit and event in VISIT_IDENTITY and event != "A44":
                    self.visit(group.visit).entries.append(Entry(fact, group))

    def person(self, number: str) -> Person:
        found = self.people.get(number)
        if found is None:
            found = self.people[number] = Person(number)
        return found

    def visit(self, number: str) -> Visit:
        found = self.visits.get(number)
        if found is None:
            found = self.visits[number] = Visit(number)
        return found if found.into is None else found.present

    # --- what every message says -------------------------------------------------------------------------------------

    def _demographics(self, fact: AdtFact, group: Group) -> Person:
        person = self.person(group.patient)
        root = person if person.link is None else person.root
        strong = fact.source in STRONGEST
        texts = root.texts if strong else root.weaker.setdefault(fact.source, {})
        texts.update(group.person)
        root.last_recorded = fact.recorded
        if fact.event != "A29":
            root.deleted = False
        if root is person:  # a retired number must not stand in the list of the survivor as its only one
            known: dict[str, list[Identifier]] = {}
            for identifier in group.identifiers:
                known.setdefault(identifier.authority, []).append(identifier)
            numbers = root.identifiers if strong else root.weaker_identifiers
            for authority, identifiers in known.items():
                numbers[authority] = tuple(identifiers)
        return person

    def _assign(self, fact: AdtFact, group: Group, person: Person) -> None:
        entry = Entry(fact, group)
        if group.visit is None:
            self.visitless.append((entry, person))
            return
        visit = self.visit(group.visit)
        visit.entries.append(entry)
        if group.account:
            visit.accounts.add(group.account)
        if visit.owner is None:
            visit.owner, visit.owner_since = person, self._count
        elif visit.owner is not person and visit.owner.root is not person.root:
            self.doubts.append((fact, visit, person, visit.owner))

    def mismatches(self) -> list[tuple[AdtFact, Visit]]:
        """Messages that name a visit of another patient, and no merge or move has explained it (K-MISMATCH)."""
        return [
            (fact, visit.present)
            for fact, visit, person, owner in self.doubts
            if person.root is not owner.root and (visit.present.owner or owner).root is not person.root
        ]

    # --- identity events ---------------------------------------------------------------------------------------------

    def _identify(self, fact: AdtFact) -> None:
        event = fact.event
        if event == "A37":
            self._unlink(fact)
        elif event == "A29":
            self._delete(fact)
        elif event == "A43":
            names = {group.patient for group in fact.groups} | {
                prior.patient for group in fact.groups for prior in group.priors if prior.patient
            }
            self.reviews.append((ReviewKind.MOVE_OF_PATIENT, fact, tuple(sorted(names))))
        else:
            apply = {
                "A42": self._unite_visits,
                "A44": self._move_account,
                "A45": self._move_visit,
                "A50": self._rename_visit,
            }.get(event) or (self._rename if event in RENAMES else self._merge)
            done = [apply(fact, group) for group in fact.groups]
            if not all(done):
                self.problems.append((ExceptionKind.MERGE_WITHOUT_MRG, fact))

    def _merge(self, fact: AdtFact, group: Group) -> bool:
        retired = [prior.patient for prior in group.priors if prior.patient]
        for number in retired:
            self._link(self.person(number), self.person(group.patient))
        return bool(retired)

    @staticmethod
    def _link(retired: Person, survivor: Person) -> None:
        """The last word wins: where the survivor had itself been merged below the retired one, it becomes the root."""
        if retired is survivor:
            return
        above = survivor.link
        while above is not None:
            if above is retired:
                survivor.link = None
                break
            above = above.link
        retired.link = survivor

    def _rename(self, fact: AdtFact, group: Group) -> bool:
        renamed = [prior.patient for prior in group.priors if prior.patient]
        for number in renamed:
            person, holder = self.person(number), self.people.get(group.patient)
            if holder is None or holder is person or holder.number != group.patient:
                self.people[group.patient] = person
                person.number = group.patient
                person.numbers.append(group.patient)
            else:  # the new number already stands for somebody: what was meant is a merge
                self._link(person, holder)
        return bool(renamed)

    def _unlink(self, fact: AdtFact) -> None:
        numbers = tuple(group.patient for group in fact.groups)
        self.reviews.append((ReviewKind.UNMERGED, fact, numbers))
        for number in numbers:
            for other in numbers:
                person, above = self.person(number), self.person(other)
                if person is not above and person.link is not None and _is_below(person, above):
                    person.link = None

    def _delete(self, fact: AdtFact) -> None:
        for group in fact.groups:
            self.person(group.patient).root.deleted = True
        self.reviews.append((ReviewKind.PERSON_DELETED, fact, tuple(group.patient for group in fact.groups)))

    def _move_visit(self, fact: AdtFact, group: Group) -> bool:
        moved = [prior.visit or group.visit for prior in group.priors if prior.visit or group.visit]
        for number in moved:
            assert number is not None
            visit = self.visit(number)
            self._give(visit, self.person(group.patient))
            if group.visit and group.visit != number:
                self._continue(number, group.visit)
        return bool(moved)

    def _give(self, visit: Visit, person: Person) -> None:
        visit.owner, visit.owner_since, visit.moved = person, self._count, True

    def _move_account(self, fact: AdtFact, group: Group) -> bool:
        moved = False
        for prior in group.priors:
            account = prior.account or group.account
            if not account or not prior.patient:
                continue
            moved = True
            for visit in self._visits_of(self.person(prior.patient), account):
                self._give(visit, self.person(group.patient))
            if group.account and group.account != account and _account_visit(account) in self.visits:
                self._continue(_account_visit(account), _account_visit(group.account))
        return moved

    def _rename_visit(self, fact: AdtFact, group: Group) -> bool:
        renamed = [prior.visit for prior in group.priors if prior.visit]
        if not group.visit or not renamed:
            return False
        for number in renamed:
            if self._of_others(number, group.visit):
                self.problems.append((ExceptionKind.VISIT_PATIENT_MISMATCH, fact))
            else:
                self._continue(number, group.visit)
        return True

    def _unite_visits(self, fact: AdtFact, group: Group) -> bool:
        united = [prior.visit for prior in group.priors if prior.visit]
        if not group.visit or not united:
            return False
        for number in united:
            self._continue(number, group.visit)
        return True

    def _continue_account(self, fact: AdtFact, group: Group) -> None:
        """A06 and A07 may open a new number; MRG names the visit or the account that goes on under it (E-A06)."""
        if not group.visit:
            return
        for prior in group.priors:
            number = prior.visit
            if number is None and prior.account:
                same = self.visits.get(group.visit)
                found = [
                    visit
                    for visit in self._visits_of(self.person(group.patient), prior.account)
                    if same is None or visit is not same.present
                ]
                number = found[0].number if len(found) == 1 else None
            if number is None or number == group.visit:
                continue
            if self._of_others(number, group.visit):
                self.problems.append((ExceptionKind.VISIT_PATIENT_MISMATCH, fact))
            else:
                self._continue(number, group.visit)

    def _of_others(self, old: str, new: str) -> bool:
        """Whether both numbers stand for visits of different patients, which no renaming may mix."""
        before, after = self.visits.get(old), self.visits.get(new)
        if before is None or after is None or after.present.number != new:
            return False
        first, second = before.present.owner, after.present.owner
        return first is not None and second is not None and first.root is not second.root

    def _visits_of(self, person: Person, account: str) -> list[Visit]:
        found = {id(visit.present): visit.present for visit in self.visits.values()}
        return [
            visit
            for visit in found.values()
            if account in visit.accounts and visit.owner is not None and visit.owner.root is person.root
        ]

    def _continue(self, old: str, new: str) -> None:
        """The visit of the old number goes on under the new one, together with what the new one already holds."""
        visit, holder = self.visit(old), self.visits.get(new)
        holder = holder.present if holder is not None else None
        if holder is visit:
            visit.number = new
        elif holder is None or holder.number != new:
            self.visits[new] = visit
            visit.number = new
            visit.numbers.append(new)
        else:
            _unite(visit, holder)


def _is_below(person: Person, above: Person) -> bool:
    step = person.link
    while step is not None:
        if step is above:
            return True
        step = step.link
    return False


def _account_visit(account: str) -> str:
    authority, _, number = account.partition("|")
    return f"{authority}|ACCT:{number}"


def _unite(visit: Visit, holder: Visit) -> None:
    holder.entries.extend(visit.entries)
    holder.entries.sort(key=lambda entry: recorded_place(entry.fact))
    holder.accounts |= visit.accounts
    holder.numbers = [*visit.numbers, *holder.numbers]
    visit.into = holder
    if visit.owner is None:
        return
    if holder.owner is None or visit.moved > holder.moved:
        earlier = True
    elif visit.moved == holder.moved:
        earlier = (visit.owner_since > holder.owner_since) == visit.moved
    else:
        earlier = False
    if earlier:
        holder.owner, holder.owner_since, holder.moved = visit.owner, visit.owner_since, visit.moved
        holder.origin = visit.origin
