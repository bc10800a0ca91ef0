"""The clock engine under any facts: it answers, order does not matter, evidence harms nothing else, time moves on."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from app.clocks.engine import counters, obligations
from app.clocks.facts import Coverage, Event, Record, StayFacts
from app.clocks.terms import Copy, EventKind, Line, NoticeKind, Obligation, RecordKind
from app.kernel.deadlines import Standing

ZONES = ("America/New_York", "America/Chicago", "America/Phoenix", "Pacific/Honolulu", "America/Anchorage", "UTC")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 60 * 24 * 400).map(lambda minutes: EPOCH + timedelta(minutes=minutes))
COURSE = (EventKind.CARE_START, EventKind.OBSERVATION_START, EventKind.INPATIENT_ORDER, EventKind.DISCHARGE_PLANNED,
          EventKind.STATUS_TO_OBSERVATION, EventKind.DISCHARGE)  # fmt: skip
EVENTS = st.builds(
    Event,
    kind=st.sampled_from(COURSE) | st.sampled_from(EventKind),
    at=INSTANTS,
    to=st.sampled_from(["", "home", "snf", "irf", "hha", "acute", "expired"]),
    expedited=st.booleans(),
    received_on=st.none() | st.dates(datetime(2025, 12, 1).date(), datetime(2027, 3, 1).date()),
    subject=st.sampled_from(["", "a", "b"]),
    until=st.none() | INSTANTS,
    through=st.none() | st.dates(datetime(2025, 12, 1).date(), datetime(2027, 3, 1).date()),
)
RECORDS = st.builds(
    Record,
    kind=st.sampled_from(RecordKind),
    at=INSTANTS,
    notice=st.none() | st.sampled_from(NoticeKind),
    copy=st.none() | st.sampled_from(Copy),
    subject=st.sampled_from(["", "a", "b"]),
)
COVERAGE = st.builds(Coverage, line=st.sampled_from(Line), part_b=st.booleans())
FACTS = st.builds(
    StayFacts,
    id=st.just("stay"),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    facility_kind=st.sampled_from(["acute", "cah", "ltch"]),
    as_of=INSTANTS,
    coverage=st.lists(COVERAGE, max_size=3).map(tuple),
    events=st.lists(EVENTS, max_size=9).map(tuple),
    records=st.lists(RECORDS, max_size=5).map(tuple),
)
CLOSES = {
    RecordKind.REVIEW: ("UR-ADM-SCREEN", "UR-CSR", "UR-EXT", "PA-LTCH48"),
    RecordKind.PAYER_CONTACT: ("PY-FOLLOW",),
    RecordKind.EXTENSION_REQUESTED: ("PY-EXTEND",),
    RecordKind.ATTENDING_ANSWER: ("ES-ATTENDING",),
    RecordKind.APPEAL_VERIFIED: ("PY-VERIFY",),
    RecordKind.CLAIM_FILED: ("ST-SELFDENY",),
    RecordKind.PEER_TO_PEER: ("PY-P2P", "ES-P2P"),
    RecordKind.CONTACT: ("TCM-2BD",),
    RecordKind.ASSESSMENT: ("DP-SCREEN",),
    RecordKind.CERTIFICATION: ("CAH-96", "UR-CERT20", "PA-HOSP"),
    RecordKind.RECORDS_SENT: ("N-QIO-REC", "N-MCSN-REC"),
}
GOODNESS = {Standing.OVERDUE: 0, Standing.LATE: 1, Standing.DUE: 2, Standing.DONE: 3, Standing.NOT_REQUIRED: 3}


def key(one: Obligation) -> tuple[str, str, datetime | None]:
    return one.rule, one.subject, one.start_at


@given(FACTS)
def test_the_engine_answers_whatever_the_facts_are(facts: StayFacts):
    for one in obligations(facts):
        assert one.because and one.citation and one.title
        assert one.due_at is None or one.due_at.utcoffset() == timedelta(0)
        assert one.standing is not Standing.NOT_REQUIRED or one.due_at is None
    counters(facts)


@given(FACTS, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(facts: StayFacts, random: Random):
    events, records = list(facts.events), list(facts.records)
    random.shuffle(events)
    random.shuffle(records)
    other = msgspec.structs.replace(facts, events=tuple(events), records=tuple(records))

    assert sorted(map(repr, obligations(other))) == sorted(map(repr, obligations(facts)))
    assert counters(other) == counters(facts)


@given(FACTS, st.sampled_from(sorted(CLOSES)), INSTANTS)
def test_evidence_touches_only_what_it_closes_and_makes_that_no_worse(facts: StayFacts, kind: RecordKind, at: datetime):
    more = msgspec.structs.replace(facts, records=(*facts.records, Record(kind=kind, at=at)))
    before = {key(one): one for one in obligations(facts)}
    after = {key(one): one for one in obligations(more)}

    assert before.keys() == after.keys()
    for name, one in before.items():
        if name[0] in CLOSES[kind]:
            assert GOODNESS[after[name].standing] >= min(GOODNESS[one.standing], 1)
        else:
            assert after[name] == one


@given(FACTS)
def test_what_lies_in_the_future_of_the_look_changes_nothing(facts: StayFacts):
    planned = (EventKind.DISCHARGE, EventKind.DISCHARGE_PLANNED, EventKind.LAST_COVERED_DAY,
               EventKind.EXTENDED_STAY_DAY, EventKind.CONTINUED_STAY_DATE)  # fmt: skip
    known = msgspec.structs.replace(
        facts,
        events=tuple(one for one in facts.events if one.at <= facts.as_of or one.kind in planned),
        records=tuple(one for one in facts.records if one.at <= facts.as_of),
    )

    assert obligations(known) == obligations(facts)


@given(FACTS, st.timedeltas(timedelta(0), timedelta(days=200)))
def test_time_alone_never_undoes_what_is_closed_and_never_forgives(facts: StayFacts, passed: timedelta):
    known = msgspec.structs.replace(
        facts,
        events=tuple(one for one in facts.events if one.at <= facts.as_of),
        records=tuple(one for one in facts.records if one.at <= facts.as_of),
    )
    later = msgspec.structs.replace(known, as_of=known.as_of + passed)
    now = {key(one): one for one in obligations(known)}

    for one in obligations(later):
        before = now.get(key(one))
        if before is not None and before.due_at == one.due_at:
            if before.standing in (Standing.DONE, Standing.LATE):
                assert one.standing is before.standing or one.rule == "PA-SNF3"
            if before.standing is Standing.OVERDUE:
                assert one.standing is Standing.OVERDUE or one.rule == "PA-SNF3"


@given(FACTS, st.data())
def test_evidence_struck_out_reopens(facts: StayFacts, data: st.DataObject):
    record = data.draw(RECORDS)
    more = msgspec.structs.replace(facts, records=(*facts.records, record))
    without = msgspec.structs.replace(more, records=tuple(one for one in more.records if one is not record))

    assert obligations(without) == obligations(facts)
