"""Bundles that we write hold to the published model and are read back equal; answers of every kind are understood."""

import json
import string
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given
from hypothesis import strategies as st

from app.interop.pas.reading import asked, understand
from app.interop.pas.writing import bundle
from app.interop.x12.terms import AnswerKind, Kind, Organization, Parties, Person, Practitioner, Said
from app.kernel.refusal import Refused
from app.payers.requests.terms import Action, CertificationType, Days, Diagnosis, ReviewRequest, ServiceLevel

AT = datetime(2026, 3, 12, 15, 15, tzinfo=UTC)
NORTH = Organization(name="North Harbor Hospital", number="1234567893", contact="UR", phone="8005550100")
PARTIES = Parties(
    payer=Organization(name="Quiet Health Plan", qualifier="PI", number="00999"), requester=NORTH, facility=NORTH,
    subscriber=Person(family="Heron", given="Quill", birth_date=date(1956, 4, 12), sex="F", member_id="MEM000111"),
    attending=Practitioner(family="Fern", given="Otis", npi="1245319599"), trace_origin="9HOSP99999",
)  # fmt: skip
FIRST = ReviewRequest(
    event_trace="EVT-1", certification_type=CertificationType.INITIAL,
    days=Days(date(2026, 3, 10), date(2026, 3, 13)), admitted_on=date(2026, 3, 10),
    diagnoses=(Diagnosis("I5033", "principal"), Diagnosis("N179")), message="Oxygen 2 L.",
)  # fmt: skip
MORE = msgspec.structs.replace(
    FIRST, event_trace="EVT-2", certification_type=CertificationType.EXTENSION, authorization_number="AU1",
    days=Days(date(2026, 3, 13), date(2026, 3, 16)),
)  # fmt: skip
SAID = Said(kind=Kind.REQUEST, request=FIRST, parties=PARTIES, reference="REQ1", at=datetime(2026, 3, 12, 10, 15),
            patient_status="30", admission_source="1")  # fmt: skip


def saying(request: ReviewRequest, reference: str = "REQ2") -> Said:
    return msgspec.structs.replace(SAID, request=request, reference=reference)


def in_case(one: ReviewRequest) -> ReviewRequest:
    """What an item tells of an earlier request."""
    return ReviewRequest(event_trace=one.event_trace, certification_type=one.certification_type, days=one.days,
                         service_type=one.service_type, authorization_number=one.authorization_number,
                         reference=one.reference)  # fmt: skip


# --- writing ---------------------------------------------------------------------------------------------------------

names = st.text(string.ascii_letters + " '-éß", min_size=1, max_size=30).map(str.strip).filter(bool)
numbers = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=20)
day = st.dates(date(2020, 1, 1), date(2030, 12, 31))
periods = st.builds(lambda first, count: Days(first, first + timedelta(days=count)), day, st.integers(1, 90))
codes = st.from_regex(r"[A-TV-Z][0-9][0-9A-Z]([0-9A-Z]{1,4})?", fullmatch=True)
requests = st.builds(
    ReviewRequest, event_trace=numbers, certification_type=st.sampled_from(CertificationType),
    service_level=st.sampled_from(ServiceLevel), service_type=st.sampled_from(["1", "2", "A4"]),
    days=st.none() | periods, admitted_on=st.none() | day, discharged_on=st.none() | day,
    diagnoses=st.lists(st.builds(Diagnosis, codes, st.sampled_from(["principal", "admitting", "other"])), max_size=4)
    .map(tuple),
    authorization_number=st.just("") | numbers, reference=st.just("") | numbers, message=st.just("") | names,
)  # fmt: skip
people = st.builds(Person, family=names, given=st.just("") | names, birth_date=st.none() | day,
                   sex=st.sampled_from("FMU"), member_id=numbers)  # fmt: skip
parties = st.builds(
    Parties, payer=st.just(PARTIES.payer), requester=st.just(NORTH), subscriber=people,
    facility=st.sampled_from([NORTH, msgspec.structs.replace(NORTH, name="South Ridge", number="1679576722")]),
    dependent=st.none() | people, attending=st.none() | st.just(PARTIES.attending), trace_origin=numbers,
)  # fmt: skip


@given(requests, st.lists(requests, max_size=3), parties, st.sampled_from(["", "30", "03"]))
def test_what_is_written_holds_to_the_model_and_is_read_back_equal(
    request: ReviewRequest, earlier: list[ReviewRequest], between: Parties, status: str
) -> None:
    said = msgspec.structs.replace(saying(request), parties=between, patient_status=status)
    made = bundle(said, AT, earlier)
    Bundle.model_validate(json.loads(json.dumps(made)))
    found = asked(json.loads(json.dumps(made)))
    assert found.findings == ()
    assert found.request == request
    assert found.earlier == tuple(in_case(one) for one in earlier)


@given(requests, st.lists(requests, max_size=2), parties)
def test_everything_that_is_named_is_in_the_bundle_once(
    request: ReviewRequest, earlier: list[ReviewRequest], between: Parties
) -> None:
    made = bundle(msgspec.structs.replace(saying(request), parties=between), AT, earlier)
    urls = [one["fullUrl"] for one in made["entry"]]
    assert len(set(urls)) == len(urls)
    assert made["entry"][0]["resource"]["resourceType"] == "Claim"
    assert set(_references(made)) <= set(urls)


def _references(thing: Any) -> list[str]:
    if isinstance(thing, dict):
        own = [thing["reference"]] if isinstance(thing.get("reference"), str) else []
        return own + [one for value in thing.values() for one in _references(value)]
    return [one for value in thing for one in _references(value)] if isinstance(thing, list) else []


def test_another_submission_shares_no_key_with_this_one() -> None:
    first, second, again = bundle(SAID, AT), bundle(saying(FIRST), AT), bundle(SAID, AT)
    assert first == again
    urls = [{one["fullUrl"] for one in made["entry"]} for made in (first, second)]
    assert not urls[0] & urls[1] and first["id"] != second["id"]


def test_an_extension_says_all_items_marks_the_new_one_and_brings_the_claim_before() -> None:
    made = bundle(saying(MORE), AT, [FIRST])
    claim = made["entry"][0]["resource"]
    assert [one["sequence"] for one in claim["item"]] == [1, 2]
    marks = [[mark["valueCode"] for mark in one["extension"] if mark["url"].endswith("infoChanged")]
             for one in claim["item"]]  # fmt: skip
    assert marks == [[], ["added"]]
    before = claim["related"][0]["claim"]["reference"]
    (previous,) = [one["resource"] for one in made["entry"] if one["fullUrl"] == before]
    assert previous["identifier"][0]["value"] == "EVT-1" and len(previous["item"]) == 1


def test_a_cancellation_withdraws_every_item() -> None:
    gone = msgspec.structs.replace(FIRST, certification_type=CertificationType.CANCEL, days=None)
    claim = bundle(saying(gone), AT, [FIRST])["entry"][0]["resource"]
    assert all(one["modifierExtension"][0]["valueBoolean"] for one in claim["item"]) and len(claim["item"]) == 2


@pytest.mark.parametrize("kind", [Kind.ADMISSION, Kind.DISCHARGE])
def test_notifications_have_no_form_in_pas(kind: Kind) -> None:
    with pytest.raises(Refused, match="no notifications"):
        bundle(msgspec.structs.replace(SAID, kind=kind), AT)


def test_without_a_member_number_nothing_is_sent() -> None:
    nobody = msgspec.structs.replace(PARTIES.subscriber, member_id="")
    with pytest.raises(Refused, match="member number"):
        bundle(msgspec.structs.replace(SAID, parties=msgspec.structs.replace(PARTIES, subscriber=nobody)), AT)


# --- answers ---------------------------------------------------------------------------------------------------------

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-"


def review(action: str, number: str = "", reason: str = "") -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"url": f"{PAS}reviewActionCode", "valueCodeableConcept": {
        "coding": [{"system": "https://codesystem.x12.org/005010/306", "code": action}]}}]  # fmt: skip
    if number:
        parts.append({"url": "number", "valueString": number})
    if reason:
        parts.append({"url": "reasonCode", "valueCodeableConcept": {"coding": [{"code": reason}]}})
    return {"extension": [{"url": f"{PAS}reviewAction", "extension": parts}],
            "category": {"coding": [{"code": "submitted"}]}}  # fmt: skip


def period(first: str, until: str) -> dict[str, Any]:
    return {"url": f"{PAS}itemPreAuthPeriod", "valuePeriod": {"start": first, "end": until}}


def item(place: int, action: str, *extensions: dict[str, Any], trace: str = "", **more: str) -> dict[str, Any]:
    own = list(extensions)
    if trace:
        own.append({"url": f"{PAS}itemTraceNumber", "valueIdentifier": {"value": trace}})
    return {"itemSequence": place, "adjudication": [review(action, **more)], **({"extension": own} if own else {})}


def response(*items: dict[str, Any], trace: str = "EVT-1", **more: Any) -> bytes:
    made = {"resourceType": "ClaimResponse", "id": "r1", "status": "active", "use": "preauthorization",
            "outcome": "complete", "created": "2026-03-12", "identifier": [{"value": trace}],
            **({"item": list(items)} if items else {}), **more}  # fmt: skip
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": made}]}).encode()


def only(raw: bytes) -> Any:
    (answer,) = understand(raw).answers
    return answer


def test_all_certified() -> None:
    said = only(response(item(1, "A1", period("2026-03-10", "2026-03-13"), number="AU1")))
    assert said.sound and said.event_trace == "EVT-1"
    assert said.decision.action is Action.CERTIFIED and said.decision.authorization_number == "AU1"
    assert said.decision.ranges == (Days(date(2026, 3, 10), date(2026, 3, 13)),)


def test_what_was_modified_stands_in_the_added_item() -> None:
    added = {"itemSequence": [1], "adjudication": [review("A6", number="AU2")],
             "extension": [period("2026-03-13", "2026-03-15")], "quantity": {"value": 2, "code": "d"}}  # fmt: skip
    said = only(response(item(1, "A6", period("2026-03-13", "2026-03-16")), addItem=[added]))
    assert said.sound and said.decision.action is Action.MODIFIED and said.decision.authorization_number == "AU2"
    assert said.decision.ranges == (Days(date(2026, 3, 13), date(2026, 3, 15)),) and said.decision.quantity == 2


def test_a_period_and_a_number_of_days_that_differ_are_for_a_person() -> None:
    added = {"itemSequence": [1], "extension": [period("2026-03-13", "2026-03-15")],
             "quantity": {"value": 3, "code": "d"}}  # fmt: skip
    said = only(response(item(1, "A6"), addItem=[added]))
    assert not said.sound and "counts 3 days" in said.findings[0].sentence


def test_a_denial_gives_its_reason_and_words_and_no_days() -> None:
    raw = response(item(1, "A3", period("2026-03-13", "2026-03-16"), reason="0F"),
                   processNote=[{"text": "Lower level of care."}])  # fmt: skip
    said = only(raw).decision
    assert (said.action, said.ranges, said.reasons) == (Action.NOT_CERTIFIED, (), ("0F",))
    assert said.text == "Lower level of care."


def test_pended_says_that_more_follows() -> None:
    said = only(response(item(1, "A4", reason="0U")))
    assert said.decision.action is Action.PENDED and said.decision.more_follows
    assert only(response(outcome="queued")).decision.action is Action.PENDED


def test_of_a_case_that_goes_on_the_item_with_our_trace_speaks() -> None:
    items = (item(1, "A1", period("2026-03-10", "2026-03-13"), trace="EVT-1"), item(2, "A3", trace="EVT-2"))
    said = only(response(*items, trace="EVT-2"))
    assert said.sound and said.decision.action is Action.NOT_CERTIFIED


def test_items_decided_differently_are_for_a_person() -> None:
    said = only(response(item(1, "A1"), item(2, "A3")))
    assert not said.sound and said.decision.action is Action.PARTIAL


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\xff\xfe", "not JSON"),
        (b"[]", "no FHIR resource"),
        (b'{"resourceType": "Patient"}', "neither an answer"),
        (b"[" * 100_000, "not JSON"),
    ],
    ids=["bytes", "list", "patient", "deep"],
)
def test_what_is_no_answer_is_said_to_be_none(raw: bytes, words: str) -> None:
    found = understand(raw)
    assert not found.answers and words in found.findings[0].sentence


def test_an_unknown_code_and_an_empty_answer_are_for_a_person() -> None:
    for raw in (response(item(1, "ZZ")), response()):
        said = only(raw)
        assert said.kind is AnswerKind.UNREADABLE and said.decision is None and not said.sound


def test_a_refused_bundle_says_why_without_the_payers_words() -> None:
    raw = json.dumps({"resourceType": "OperationOutcome",
                      "issue": [{"code": "invalid", "diagnostics": "Patient HERON unknown"}]}).encode()  # fmt: skip
    said = only(raw)
    assert said.kind is AnswerKind.UNREADABLE
    assert "invalid" in said.findings[0].sentence and "HERON" not in said.findings[0].sentence


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["resourceType", "entry", "resource", "item", "adjudication", "extension", "url", "valueString", "coding",
         "code", "identifier", "value", "name", "error", "quantity", "addItem", "itemSequence", "period"]), inner,
        max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["item", "identifier", "error", "name", "addItem", "extension", "patient",
                                        "request", "processNote", "outcome", "created", "preAuthPeriod"]),
                       json_values), json_values)  # fmt: skip
def test_nothing_raises_on_what_a_file_holds(inside: dict[str, Any], beside: Any) -> None:
    found = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "ClaimResponse", **inside}}, beside]}
    understand(json.dumps(found).encode())
    asked({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Claim", **inside}}, beside]})
