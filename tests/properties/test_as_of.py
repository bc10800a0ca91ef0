"""What a list shows as of an instant is what the house would show if it had been told only what was known by then."""

import contextlib
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.census.terms import AdtFact, Step
from app.kernel.refusal import NotFound, Refused
from app.platform.postgres import Addresses
from app.platform.work import begin
from app.worklists.assignment.commands import AssignStay, assign, give_back, take, undo
from app.worklists.notes.commands import AmendNote, StrikeNote, WriteNote, amend_note, pin_note, strike_note, write_note
from tests.properties.test_adt_any_order import told_messages
from tests.support.past import House, Known, built, shown, told, told_by
from tests.support.world import NOW, World

START = NOW
HOUR = timedelta(hours=1)
MOST_INSTANTS = 6


@pytest.fixture
def houses(addresses: Addresses, second_database: Addresses) -> tuple[House, House]:
    """The house that knows everything, and the one that is told only a part."""
    return built(addresses), built(second_database)


@st.composite
def told_by_several(draw: st.DrawFn) -> list[AdtFact]:
    """Messages, some of which are versions of a resource instead, or are struck out by another."""
    facts: list[AdtFact] = []
    for fact in draw(told_messages()):
        kind = draw(st.sampled_from(["message"] * 6 + ["version", "struck"]))
        if kind == "message":
            facts.append(fact)
        elif kind == "version":
            course = (Step("A31", fact.recorded), Step("A01", fact.effective), Step("A03", fact.recorded))
            about = msgspec.structs.replace(fact.groups[0], priors=())
            name = draw(st.sampled_from(["Encounter/1", "Encounter/2"]))
            facts.append(msgspec.structs.replace(
                fact, source="fhir", event="snapshot", resource=name, course=course, groups=(about,),
            ))  # fmt: skip
        else:
            facts += [fact, msgspec.structs.replace(fact, digest=f"struck {fact.sequence}", strikes=fact.sequence)]
    return facts


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[tuple[int, AdtFact]]]:
    """Messages in the batches in which they are applied, each with the hour at which it was known: in any order, some
    of them known long before others that were applied earlier."""
    facts = draw(told_by_several())
    hours = [draw(st.integers(0, MOST_INSTANTS - 1)) for _ in facts]
    # Only what is known can be struck out: the program itself makes such a fact, later, from a message that it has.
    struck = {fact.strikes for fact in facts}
    hours = [
        min(hour, MOST_INSTANTS - 2) if fact.strikes is None and fact.sequence in struck else hour
        for hour, fact in zip(hours, facts, strict=True)
    ]
    drawn = {fact.sequence: hour for hour, fact in zip(hours, facts, strict=True) if fact.strikes is None}
    hours = [
        hour if fact.strikes is None else max(hour, drawn[fact.strikes] + 1)
        for hour, fact in zip(hours, facts, strict=True)
    ]
    in_order = draw(st.booleans())
    shuffled = draw(st.permutations(list(zip(hours, facts, strict=True))))
    mixed = shuffled
    if in_order:
        mixed = sorted(shuffled, key=lambda pair: pair[0])
    batches: list[list[tuple[int, AdtFact]]] = [[]]
    for pair in mixed:
        apart = draw(st.booleans())
        if batches[-1] and apart:
            batches.append([])
        batches[-1].append(pair)
    return batches


def _known(house: House, batch: list[tuple[int, AdtFact]], first: int) -> list[Known]:
    feed = str(house.world.facility["NORTH"])
    return [
        Known(START + hour * HOUR, msgspec.structs.replace(fact, feed=feed, sequence=first + place))
        for place, (hour, fact) in enumerate(batch)
    ]


def _numbered(house: House, batches: list[list[tuple[int, AdtFact]]]) -> list[list[Known]]:
    """The batches with numbers of receipt; what strikes another out names it by its new number."""
    found, first = [], 1
    for batch in batches:
        found.append(_known(house, batch, first))
        first += len(batch)
    drawn = [fact for batch in batches for _, fact in batch]
    numbers = {fact.sequence: place for place, fact in enumerate(drawn, start=1) if fact.strikes is None}
    return [[_striking(one, numbers) for one in batch] for batch in found]


def _striking(known: Known, numbers: dict[int, int]) -> Known:
    if known.fact.strikes is None:
        return known
    return Known(known.at, msgspec.structs.replace(known.fact, strikes=numbers[known.fact.strikes]))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(batches=arrivals())
def test_past_is_what_a_house_told_only_that_would_show(
    houses: tuple[House, House], batches: list[list[tuple[int, AdtFact]]]
) -> None:
    whole, part = houses
    whole.clear()
    own = _numbered(whole, batches)
    end = START + MOST_INSTANTS * HOUR
    with whole.entered() as world:
        told((end, batch) for batch in own)
        past = {moment: shown(world, as_of=moment) for moment in _instants()}
    everything = sorted((one for batch in own for one in batch), key=lambda one: one.at)
    part.clear()
    with part.entered() as world:
        for moment in _instants():
            told_by(moment, [one for one in everything if one.at == moment])
            assert past[moment] == shown(world, at=moment)


def _instants() -> list[datetime]:
    return [START + hour * HOUR for hour in range(MOST_INSTANTS)]


# --- what people do between the messages -----------------------------------------------------------------------------

DEEDS = ("assign", "take", "give back", "undo", "note", "pinned note", "pin", "unpin", "amend", "strike")


@st.composite
def courses(draw: st.DrawFn) -> list[AdtFact | tuple[str, str]]:
    """Messages as they come, one an hour, and between them what somebody does to one of the stays."""
    steps: list[AdtFact | tuple[str, str]] = []
    deed = st.tuples(st.sampled_from(DEEDS), st.sampled_from(["V1", "V2", "V3"]))
    for fact in draw(told_messages()):
        steps.append(fact)
        steps += draw(st.lists(deed, max_size=3))
    return steps


def _play(house: House, place: int, step: AdtFact | tuple[str, str]) -> None:
    at = START + place * HOUR
    if isinstance(step, AdtFact):
        told([(at, [Known(at, _known(house, [(0, step)], place + 1)[0].fact)])])
    else:
        _do(house.world, at, *step)


def _do(world: World, at: datetime, deed: str, visit: str) -> None:
    """Do it as people would; what is refused is left."""
    dana, lead = world.viewer("dana"), world.viewer("lee")
    with contextlib.suppress(Refused, NotFound), begin(lead if deed == "assign" else dana, at=at) as work:
        stay = work.value("select id from encounter where visit_number = %s and gone_at is null", (visit,))
        newest = "select id from {} where encounter_id = %s order by {} desc, id desc limit 1"
        given = work.value(newest.format("assignment", "assigned_at"), (stay,))
        note = work.value(newest.format("note", "written_at"), (stay,))
        if stay is None or (deed == "undo" and given is None):
            return
        if deed in ("pin", "unpin", "amend", "strike") and note is None:
            return
        deeds = {
            "assign": lambda: assign(work, stay, AssignStay(to=world.user["uma"])),
            "take": lambda: take(work, stay),
            "give back": lambda: give_back(work, stay),
            "undo": lambda: undo(work, given),
            "note": lambda: write_note(work, stay, WriteNote(text=f"Written {at:%H}")),
            "pinned note": lambda: write_note(work, stay, WriteNote(text=f"Pinned {at:%H}", pinned=True)),
            "pin": lambda: pin_note(work, note, pinned=True),
            "unpin": lambda: pin_note(work, note, pinned=False),
            "amend": lambda: amend_note(work, note, AmendNote(text=f"Amended {at:%H}")),
            "strike": lambda: strike_note(work, note, StrikeNote(reason="Wrong patient")),
        }
        deeds[deed]()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=courses())
def test_past_also_shows_what_people_had_done_by_then(
    houses: tuple[House, House], steps: list[AdtFact | tuple[str, str]]
) -> None:
    whole, part = houses
    whole.clear()
    with whole.entered() as world:
        for place, step in enumerate(steps):
            _play(whole, place, step)
        past = [shown(world, as_of=START + place * HOUR) for place in range(len(steps))]
    part.clear()
    with part.entered() as world:
        for place, step in enumerate(steps):
            _play(part, place, step)
            assert past[place] == shown(world, at=START + place * HOUR)
