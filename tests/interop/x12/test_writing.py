"""What is written is read back equal; what cannot be said is refused with sentences."""

import string
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.interop.x12.checks import CannotBeSaid, plain
from app.interop.x12.reading import understand
from app.interop.x12.terms import Control, Delimiters, Envelope, Kind, Organization, Parties, Person, Practitioner, Said
from app.interop.x12.writing import carried, interchange
from app.payers.requests.terms import CertificationType, Days, Diagnosis, ReviewRequest, ServiceLevel

ENVELOPE = Envelope(sender="HOSP99999", receiver="PAYER009")
CONTROL = Control(101, 101, 1)
PARTIES = Parties(
    payer=Organization(name="QUIET HEALTH PLAN", qualifier="PI", number="00999"),
    requester=Organization(name="NORTH HOSPITAL", number="1234567893", contact="UR DEPT", phone="8005550100"),
    facility=Organization(name="NORTH HOSPITAL", number="1234567893"),
    subscriber=Person(family="HERON", given="QUILL", birth_date=date(1956, 4, 12), sex="F", member_id="MEM000111"),
    attending=Practitioner(family="FERN", given="OTIS", npi="1245319599"),
    trace_origin="9HOSP99999",
)
REQUEST = ReviewRequest(
    event_trace="EVT-1", certification_type=CertificationType.EXTENSION,
    days=Days(date(2026, 3, 13), date(2026, 3, 16)), admitted_on=date(2026, 3, 10), authorization_number="AU1",
    diagnoses=(Diagnosis("I5033", "principal"),), message="O2 2 L; CREATININE 1.9",
)  # fmt: skip
SAID = Said(kind=Kind.REQUEST, request=REQUEST, parties=PARTIES, reference="REQ1", at=datetime(2026, 3, 12, 10, 15),
            patient_status="30", admission_source="1")  # fmt: skip


def _change(said: Said, **changes: object) -> Said:
    """A message with other values; names of the request, the parties or the subscriber are found by themselves."""
    for name, value in changes.items():
        if name in ReviewRequest.__struct_fields__ and name != "reference":
            said = msgspec.structs.replace(said, request=msgspec.structs.replace(said.request, **{name: value}))
        elif name in Parties.__struct_fields__:
            said = msgspec.structs.replace(said, parties=msgspec.structs.replace(said.parties, **{name: value}))
        elif name in Person.__struct_fields__:
            other = msgspec.structs.replace(said.parties.subscriber, **{name: value})
            said = _change(said, subscriber=other)
        else:
            said = msgspec.structs.replace(said, **{name: value})
    return said


def _read_back(text: str) -> Said | None:
    found = understand(text)
    assert found.findings == ()
    (heard,) = found.messages
    return heard.said


# --- round trip ------------------------------------------------------------------------------------------------------

SIGNS = string.ascii_letters + string.digits + string.punctuation + " "


def words(longest: int, shortest: int = 0) -> st.SearchStrategy[str]:
    """Texts without blanks at their ends."""
    return st.text(SIGNS, min_size=shortest, max_size=longest).map(str.strip).filter(lambda one: len(one) >= shortest)


days_of_year = st.dates(date(2020, 1, 1), date(2030, 12, 31))
periods = st.builds(lambda first, count: Days(first, first + timedelta(days=count)), days_of_year, st.integers(1, 90))
codes = st.text(string.ascii_uppercase + string.digits, min_size=3, max_size=7)
npis = st.sampled_from(["1234567893", "1245319599", "1679576722"])
organizations = st.builds(
    Organization, name=words(60, 1), qualifier=st.just("XX"), number=npis, contact=words(60), phone=words(20),
    fax=words(20),
)  # fmt: skip
payers = st.builds(
    Organization, name=words(60, 1), qualifier=st.sampled_from(["PI", "46", "XV"]), number=words(80, 2),
    contact=words(10), phone=words(10), fax=st.just(""),
)  # fmt: skip


def persons(member: st.SearchStrategy[str]) -> st.SearchStrategy[Person]:
    """Patients and subscribers."""
    return st.builds(
        Person, family=words(60, 1), given=words(35), middle=words(25), birth_date=st.none() | days_of_year,
        sex=st.sampled_from("FMU"), member_id=member,
    )  # fmt: skip


parties = st.builds(
    Parties, payer=payers, requester=organizations, facility=organizations, subscriber=persons(words(80, 2)),
    dependent=st.none() | persons(st.just("")),
    attending=st.none() | st.builds(Practitioner, family=words(60, 1), given=words(35), npi=npis),
    trace_origin=words(10, 10),
)  # fmt: skip
requests = st.builds(
    ReviewRequest, event_trace=words(50, 1), certification_type=st.sampled_from(CertificationType),
    service_level=st.sampled_from(ServiceLevel), service_type=st.sampled_from(["1", "2", "48", "A4"]),
    days=st.none() | periods, admitted_on=st.none() | days_of_year, discharged_on=st.none() | days_of_year,
    diagnoses=st.lists(
        st.builds(Diagnosis, codes, st.sampled_from(["principal", "admitting", "other"])), max_size=12
    ).map(tuple),
    authorization_number=words(50), reference=words(50), message=words(264),
)  # fmt: skip
messages = st.builds(
    Said, kind=st.sampled_from(Kind), request=requests, parties=parties, reference=words(50, 1),
    at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda one: one.replace(microsecond=0)),
    patient_status=st.sampled_from(["", "30", "03"]), admission_source=st.sampled_from(["", "1", "4"]),
    quantity=st.none() | st.integers(1, 999),
)  # fmt: skip
envelopes = st.builds(
    Envelope, sender=st.sampled_from(["HOSP99999", "12"]), receiver=st.sampled_from(["PAYER009", "PAYER:*^~'|>"]),
    usage=st.sampled_from("TP"), line_end=st.sampled_from(["", "\n", "\r\n"]),
    delimiters=st.sampled_from([Delimiters(), Delimiters("|", ">", "!", "'")]),
    notification_purpose=st.sampled_from(["CN", "14"]),
)  # fmt: skip


@given(messages, envelopes, st.builds(Control, *[st.integers(1, 999_999_999)] * 3))
def test_what_is_written_is_read_back_equal(said: Said, envelope: Envelope, control: Control) -> None:
    try:
        text = interchange(said, envelope, control)
    except CannotBeSaid as refused:
        assert refused.sentences
        assume(False)
        return
    found = understand(text)
    assert found.findings == ()
    (heard,) = found.messages
    assert heard.said == carried(said)
    if said.kind.guide == "X217":
        assert carried(said).request == said.request
    place = heard.place
    assert (int(place.interchange), int(place.group), int(place.set)) == (
        control.interchange, control.group, control.set,
    )  # fmt: skip
    assert (place.sender, place.receiver, place.usage) == (envelope.sender, envelope.receiver, envelope.usage)


@given(messages)
def test_what_can_be_asked_is_not_refused(said: Said) -> None:
    """The property above would hold for a writer that refuses everything: a whole request is written."""
    whole = _change(SAID, parties=said.parties, days=said.request.days or REQUEST.days, message=said.request.message)
    assert _read_back(interchange(whole, ENVELOPE, CONTROL)) == carried(whole)


def test_the_sample_of_a_concurrent_request_is_written_as_it_stands(shared: Path) -> None:
    sample = next((shared / "data" / "x12" / "own").glob("05_*.x12")).read_text()
    said = understand(sample).messages[0].said
    assert said is not None
    written = interchange(said, Envelope(sender="HOSP12345", receiver="PAYER001"), Control(104, 104, 1)).split("~")
    theirs = [line.strip() for line in sample.split("~")]
    # Papers are named by PWK in the sample; segments are counted in SE.
    assert [line for line in written if not line.startswith("SE*")] == [
        line for line in theirs if not line.startswith(("SE*", "PWK*"))
    ]


def test_delimiters_never_appear_in_what_is_said() -> None:
    said = _change(SAID, message="SEEN 10:30 ~ 5*2 ^ | '")
    text = interchange(said, ENVELOPE, CONTROL)
    assert text.startswith("ISA\x1d") and text[105] == "\x1c" and text[104] == ">"
    assert _read_back(text) == said


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"member_id": ""}, "member id of the subscriber is missing"),
        ({"family": ""}, "family name of the subscriber is missing"),
        ({"family": "MUÑOZ"}, "character that X12 does not carry"),
        ({"given": " QUILL"}, "begins or ends with a blank"),
        ({"sex": "X"}, "must be F, M or U"),
        ({"message": "x" * 265}, "longer than the 264"),
        ({"message": "first\nsecond"}, "character that X12 does not carry"),
        ({"event_trace": ""}, "event trace is missing"),
        ({"reference": ""}, "number of the transmission is missing"),
        ({"trace_origin": "9HOSP"}, "shorter than 10"),
        ({"days": None}, "names no days"),
        ({"quantity": 3}, "a period and a number of days"),
        ({"authorization_number": ""}, "for an authorization number"),
        ({"diagnoses": (Diagnosis("I50.33", "principal"),)}, "without its dot"),
        ({"diagnoses": (Diagnosis("I5033", "guess"),)}, "neither principal"),
        ({"diagnoses": (Diagnosis("I5033"),) * 13}, "More than 12"),
        ({"days": Days(date(2026, 3, 16), date(2026, 3, 16))}, "end before they begin"),
        ({"attending": Practitioner(family="FERN", npi="1234567890")}, "no valid NPI"),
        ({"certification_type": CertificationType.CANCEL}, "is a cancellation"),
        ({"kind": Kind.CANCELLATION}, "must be of the type cancel"),
        (
            {"kind": Kind.CANCELLATION, "certification_type": CertificationType.CANCEL, "quantity": 3},
            "a period and a number of days",
        ),
        ({"kind": Kind.DISCHARGE}, "needs the day of discharge"),
        ({"kind": Kind.ADMISSION, "admitted_on": None}, "needs the day of admission"),
    ],
)
def test_what_cannot_be_said_is_refused(changes: dict[str, object], part: str) -> None:
    with pytest.raises(CannotBeSaid, match=part):
        interchange(_change(SAID, **changes), ENVELOPE, CONTROL)


def test_all_reasons_are_told_at_once() -> None:
    with pytest.raises(CannotBeSaid) as refused:
        interchange(_change(SAID, member_id="", days=None), msgspec.structs.replace(ENVELOPE, usage="X"), CONTROL)
    assert len(refused.value.sentences) == 3


def test_control_numbers_have_an_end() -> None:
    with pytest.raises(CannotBeSaid, match="used up"):
        interchange(SAID, ENVELOPE, Control(1_000_000_000, 1, 1))


def test_plain_text_is_what_people_type_in_signs_that_x12_carries() -> None:
    assert plain("  Muñoz–Ødegård, \n “O₂ ≥ 2 L” ") == 'Munoz-Odegard, "O2 >= 2 L"'
    assert plain("東京") == "東京"
