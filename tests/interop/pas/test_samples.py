"""The published PAS bundles: what each says was read off the file by eye; the reader has to say the same."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.interop.pas.reading import asked, understand
from app.interop.x12.terms import AnswerKind
from app.payers.requests.terms import Action, CertificationType, Days, ServiceLevel

HOME = Path(__file__).parents[3].parent / "shared" / "data" / "fhir"
KIT = "pas_inferno/pas_server_v"
AUGUST = Days(date(2016, 8, 10), date(2016, 8, 12))
AUTUMN = (date(2021, 9, 10), date(2021, 9, 13))
NOTHING = (None, None)

# file: kind, trace, action, payer's number, days, reasons, whether a program may act on it
ANSWERS: dict[str, tuple[Any, ...]] = {
    "pas_inferno/pas_client_v201_run_against_pas_server__denial_json_response_0.json":
        (AnswerKind.DECISION, "111366", Action.PARTIAL, "", (), (), False),
    "pas_inferno/pas_client_v221_run_against_pas_server__denial_json_response_0.json":
        (AnswerKind.DECISION, "111366", Action.PARTIAL, "", (), (), False),
    "pas_inferno/pas_client_v221_run_against_pas_server__processing_error_response_0.json":
        (AnswerKind.REJECTION, "111366", None, "", (), ("04",), True),
    "pas_ri/GrantedResponse.json":
        (AnswerKind.DECISION, "d90251fe-9cbe-47f4-9556-8dbedfec58fa", Action.CERTIFIED,
         "ee7f76f8-5e4e-4733-8f85-3fe3c29cf30f", (), (), True),
    "pas_ri/claimresponse-only.json":
        (AnswerKind.DECISION, "", Action.CERTIFIED, "AUTH0001", (Days(date(2005, 5, 2), date(2005, 6, 2)),), (), True),
}  # fmt: skip
# file: trace, level, days of the last item, admitted and discharged, its numbers, how many items stand before it
REQUESTS: dict[str, tuple[Any, ...]] = {
    "pas_inferno/pas_ri__must_support_pa_inquire_request_payload_0.json":
        ("111099", ServiceLevel.URGENT, None, NOTHING, ("", ""), 1),
    "pas_inferno/pas_ri__pended_pa_submit_request_payload_0.json":
        ("111099", ServiceLevel.URGENT, None, NOTHING, ("1122445", "9988311"), 0),
    f"{KIT}201_run_against_pas_client__must_support_pa_submit_request_payload_1.json":
        ("111099", ServiceLevel.URGENT, None, AUTUMN, ("1122445", "9988311"), 0),
    f"{KIT}201_run_against_pas_client__pended_pa_inquire_request_payload_0.json":
        ("111099", ServiceLevel.URGENT, None, AUTUMN, ("", ""), 1),
    f"{KIT}201_run_against_pas_client__pended_pa_submit_request_payload_0.json":
        ("111099", ServiceLevel.URGENT, None, AUTUMN, ("1122445", "9988311"), 0),
    f"{KIT}221_run_against_pas_client__must_support_pa_inquire_request_payload_0.json":
        ("111099", ServiceLevel.URGENT, AUGUST, AUTUMN, ("1122445", "9988311"), 2),
    f"{KIT}221_run_against_pas_client__must_support_pa_submit_request_payload_1.json":
        ("111099", ServiceLevel.URGENT, AUGUST, AUTUMN, ("1122445", "9988311"), 1),
    f"{KIT}221_run_against_pas_client__pended_pa_inquire_request_payload_0.json":
        ("111099", ServiceLevel.URGENT, AUGUST, AUTUMN, ("1122445", "9988311"), 2),
    f"{KIT}221_run_against_pas_client__pended_pa_submit_request_payload_0.json":
        ("111099", ServiceLevel.URGENT, AUGUST, AUTUMN, ("1122445", "9988311"), 1),
    "pas_ri/bundle-request.json": ("111099", ServiceLevel.ELECTIVE, None, NOTHING, ("", ""), 0),
    "pas_ri/claim-only.json": ("111099", ServiceLevel.ELECTIVE, None, NOTHING, ("", ""), 0),
    "pas_ri/claim-update.json": ("", ServiceLevel.ELECTIVE, None, NOTHING, ("", ""), 0),
}  # fmt: skip

pytestmark = pytest.mark.skipif(not HOME.exists(), reason="needs the published bundles of ../shared beside the project")


def test_every_published_file_is_in_the_tables() -> None:
    found = {f"{path.parent.name}/{path.name}" for path in HOME.glob("pas_*/*.json")}
    assert found == ANSWERS.keys() | REQUESTS.keys()


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_an_answer_means_what_it_says(name: str) -> None:
    kind, trace, action, number, ranges, reasons, sound = ANSWERS[name]
    found = understand((HOME / name).read_bytes())
    (answer,) = found.answers
    assert not found.findings and not found.requests
    assert (answer.kind, answer.event_trace, answer.sound) == (kind, trace, sound)
    assert tuple(one.reason for one in answer.rejections) == reasons
    if action is None:
        assert answer.decision is None
    else:
        assert answer.decision is not None
        said = answer.decision
        assert (said.action, said.authorization_number, said.ranges) == (action, number, ranges)


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_a_request_asks_what_it_says(name: str) -> None:
    trace, level, days, around, numbers, before = REQUESTS[name]
    raw = (HOME / name).read_bytes()
    assert understand(raw).requests > 0 and not understand(raw).answers
    found = asked(json.loads(raw))
    assert not found.findings and len(found.earlier) == before
    assert found.request is not None
    one = found.request
    assert (one.event_trace, one.service_level, one.certification_type) == (trace, level, CertificationType.INITIAL)
    assert (one.days, (one.admitted_on, one.discharged_on)) == (days, around)
    assert (one.authorization_number, one.reference) == numbers
