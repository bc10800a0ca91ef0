"""A payer that takes FHIR: the request goes out as a bundle, its answers change the authorization, as with X12."""

import json
import os
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.interop.pas.reading import Asked
from app.interop.pas.reading import asked as read_request
from app.interop.payer_files.sending import Send, preview, write_file
from app.interop.payer_files.taking import read_file, settle_item, take_from_folders
from app.interop.payer_files.terms import Format
from app.interop.x12.terms import Kind
from app.kernel.refusal import Refused
from app.payers.requests.terms import CertificationType
from app.platform.work import everywhere, reading
from app.security.permissions import Permission
from tests.interop.payer_files.support import (
    EXCHANGE,
    HOUR,
    asked,
    comes,
    decisions,
    house,
    items,
    out_file,
    sent,
    standings,
    stay,
    steps,
)
from tests.reviews.support import owed
from tests.support.world import NOW, World

FHIR = EXCHANGE.model_copy(update={"format": Format.FHIR})
X12_TERMS = "https://codesystem.x12.org/005010"
PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
D3, D4, D6 = date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 6)


@pytest.fixture
def ready(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """A house whose payer takes FHIR."""
    house(world, monkeypatch, tmp_path / "payers", FHIR)
    return world


def review(action: str, number: str = "", reason: str = "") -> dict[str, Any]:
    """What the payer says of an item."""
    parts: list[dict[str, Any]] = [
        {
            "url": f"{PAS}extension-reviewActionCode",
            "valueCodeableConcept": {"coding": [{"system": f"{X12_TERMS}/306", "code": action}]},
        }
    ]
    if number:
        parts.append({"url": "number", "valueString": number})
    if reason:
        parts.append({"url": "reasonCode", "valueCodeableConcept": {"coding": [{"code": reason}]}})
    return {"extension": [{"url": f"{PAS}extension-reviewAction", "extension": parts}]}


def response(trace: str, adjudication: dict[str, Any], *, period: tuple[str, str] | None = None, **more: Any) -> str:
    """A response bundle with one answer to this trace."""
    item: dict[str, Any] = {"itemSequence": 1, "adjudication": [
        {"category": {"coding": [{"code": "submitted"}]}, **adjudication}]}  # fmt: skip
    if period is not None:
        item["extension"] = [{"url": f"{PAS}extension-itemPreAuthPeriod",
                              "valuePeriod": {"start": period[0], "end": period[1]}}]  # fmt: skip
    patient = {"resourceType": "Patient", "id": "P1", "name": [{"family": "HERON", "given": ["QUILL"]}],
               "identifier": [{"type": {"coding": [{"code": "MB"}]}, "value": "MEM000111"}]}  # fmt: skip
    claim = {"resourceType": "ClaimResponse", "id": "R1", "status": "active", "use": "preauthorization",
             "outcome": "complete", "created": "2026-03-05T11:30:00-06:00", "patient": {"reference": "Patient/P1"},
             "identifier": [{"system": "urn:payer", "value": trace}], "item": [item]} | more  # fmt: skip
    entry = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in (claim, patient)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry})


def modified(trace: str, period: tuple[str, str]) -> str:
    """Fewer days than asked: what is authorized stands in an added item."""
    made = json.loads(response(trace, review("A6", "AU1")))
    claim = made["entry"][0]["resource"]
    claim["addItem"] = [{
        "itemSequence": [1], "adjudication": claim["item"][0]["adjudication"],
        "servicedPeriod": {"start": period[0], "end": period[1]},
        "extension": [{"url": f"{PAS}extension-itemPreAuthPeriod",
                       "valuePeriod": {"start": period[0], "end": period[1]}}],
    }]  # fmt: skip
    return json.dumps(made)


def said_in(content: bytes) -> Asked:
    return read_request(json.loads(content))


def lays_down(tmp_path: Path, text: str, name: str = "answer.json") -> None:
    """The payer puts a file into the inbox; the standing duty and the jobs take, read and settle it."""
    inbox = tmp_path / "payers" / "quiet-in"
    inbox.mkdir(parents=True, exist_ok=True)
    path = inbox / name
    path.write_text(text, encoding="utf-8")
    earlier = time.time() - 60
    os.utime(path, (earlier, earlier))
    take_from_folders()
    with reading(everywhere("test")) as view:
        fresh = view.values("select id from payer_file_in where not exists"
                            " (select from payer_file_item i where i.file_id = payer_file_in.id)")  # fmt: skip
    for key in fresh:
        for part in read_file(str(key), at=NOW + HOUR):
            settle_item(str(part), at=NOW + HOUR)


def test_a_request_goes_out_as_a_bundle_by_the_same_outbox(ready: World, tmp_path: Path):
    made = asked(ready, stay(ready), message="Oxygen 4 l")
    file = sent(ready, made.authorization_id)

    assert (file.format, file.name) == ("fhir", f"000000001-request-{file.id.hex[:12]}.json")
    found = said_in(file.content)
    assert found.findings == () and found.request is not None and found.earlier == ()
    assert found.request.event_trace == made.event_trace and found.request.message == "Oxygen 4 l"
    assert found.request.days is not None and (found.request.days.first, found.request.days.count) == (D3, 4)
    assert [one.code for one in found.request.diagnoses] == ["R0602", "I5033"]

    write_file(str(file.id))
    assert (tmp_path / "payers" / "quiet-out" / file.name).read_bytes() == out_file(file.id).content
    assert steps() == ["written"]
    with pytest.raises(Refused, match="sent already"):
        sent(ready, made.authorization_id)


def test_an_extension_says_again_what_was_asked_before(ready: World):
    encounter = stay(ready)
    first = asked(ready, encounter)
    sent(ready, first.authorization_id)
    comes(ready, response(first.event_trace, review("A1", "AU1"), period=("2026-03-03", "2026-03-07")))
    more = asked(ready, encounter, now=NOW + 2 * HOUR, authorization_id=str(first.authorization_id),
                 certification_type="4", first_day=date(2026, 3, 7), last_day=date(2026, 3, 8))  # fmt: skip
    assert more.authorization_id == first.authorization_id

    found = said_in(sent(ready, first.authorization_id, now=NOW + 3 * HOUR).content)

    assert [one.event_trace for one in found.earlier] == [first.event_trace]
    assert found.request is not None
    assert (found.request.event_trace, found.request.certification_type, found.request.authorization_number) == (
        more.event_trace, CertificationType.EXTENSION, "AU1",
    )  # fmt: skip


def test_a_notification_has_no_form_there_and_says_so(ready: World):
    made = asked(ready, stay(ready))
    who = ready.viewer("uma").acting(Permission.PAYER_SEND)
    with pytest.raises(Refused, match="no notifications"), reading(who, at=NOW) as view:
        preview(view, Send(made.authorization_id, Kind.ADMISSION))


def test_without_a_member_number_nothing_is_made(ready: World):
    made = asked(ready, stay(ready, member=""))
    with pytest.raises(Refused, match="member number"):
        sent(ready, made.authorization_id)


def test_answers_out_of_the_folder_change_the_authorization_and_what_is_owed(ready: World, tmp_path: Path):
    made = asked(ready, stay(ready))
    sent(ready, made.authorization_id)

    lays_down(tmp_path, response(made.event_trace, review("A1", "AU1"), period=("2026-03-03", "2026-03-07")))

    assert items() == [("decision", "applied", "")]
    assert decisions() == [("A1", "file", [D3])]
    assert standings() == [("approved", D6)]
    assert "answered" in steps()
    assert [one[2] is None for one in owed("PY-EXTEND")] == [True], "more days are to be asked before these end"
    assert all(closed is not None for _, _, closed in owed("PY-7")), "the payer's own time has ended"
    assert not list((tmp_path / "payers" / "quiet-in").glob("*.json")), "what is stored leaves the inbox"


def test_fewer_days_a_denial_and_an_answer_that_is_awaited(ready: World, tmp_path: Path):
    first, second, third = (asked(ready, stay(ready)) for _ in range(3))
    lays_down(tmp_path, modified(first.event_trace, ("2026-03-03", "2026-03-05")), "1.json")
    lays_down(tmp_path, response(second.event_trace, review("A3", "DENY1", "0V")), "2.json")
    lays_down(tmp_path, response(third.event_trace, review("A4", "", "0U"), outcome="queued"), "3.json")

    assert [one[:2] for one in items()] == [("decision", "applied")] * 3
    assert sorted(standings(), key=str) == [("denied", None), ("partially", D4), ("pended", None)]
    with reading(everywhere("test")) as view:
        assert view.value("select count(distinct encounter_id) from denial where ended_at is null") == 2


def test_the_same_answer_in_another_file_counts_once(ready: World):
    made = asked(ready, stay(ready))
    text = response(made.event_trace, review("A1", "AU1"), period=("2026-03-03", "2026-03-07"))
    comes(ready, text)
    comes(ready, text.replace('"R1"', '"R2"'), at=NOW + 2 * HOUR)

    assert [state for _, state, _ in items()] == ["applied", "repeated"]
    assert len(decisions()) == 1


OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid",
                                                          "diagnostics": "Patient HERON is unknown"}]}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{", "not JSON"),
        ("[]", "no FHIR resource"),
        ('{"resourceType": "Bundle", "entry": []}', "neither an answer"),
        ('{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Claim"}}]}', "hospital to a payer"),
        (json.dumps(OUTCOME), "OperationOutcome: invalid"),
        ("ISA*00*", "not JSON"),
    ],
)
def test_what_is_no_answer_stays_on_the_monitor_with_its_reason(ready: World, tmp_path: Path, text: str, part: str):
    made = asked(ready, stay(ready))
    sent(ready, made.authorization_id)

    lays_down(tmp_path, text)

    [(kind, state, sentence)] = items()
    assert (kind, state) == ("unreadable", "held")
    assert part in sentence and "HERON" not in sentence
    assert decisions() == []


def test_an_answer_that_does_not_fit_is_held_with_its_reason(ready: World):
    made = asked(ready, stay(ready))
    texts = [
        (response("EVT-OTHER", review("A1", "AU1")), "no request"),
        (response(made.event_trace, review("QQ", "AU1")), "code"),
        (response(made.event_trace, review("A1", "AU1"), period=("2026-02-20", "2026-03-07")), "before the admission"),
        (response(made.event_trace, review("A1", "AU1")).replace("MEM000111", "MEM999"), "another member id"),
    ]
    for place, (text, _) in enumerate(texts):
        comes(ready, text, at=NOW + timedelta(minutes=place + 1), name=f"{place}.json")

    found = items()
    assert [state for _, state, _ in found] == ["held"] * 4
    for (_, _, sentence), (_, part) in zip(found, texts, strict=True):
        assert part in sentence
    assert decisions() == []


def test_errors_of_the_payer_are_for_a_person_to_correct(ready: World):
    made = asked(ready, stay(ready))
    sent(ready, made.authorization_id)
    text = json.loads(response(made.event_trace, review("A1")))
    claim = text["entry"][0]["resource"]
    claim |= {"item": [], "outcome": "error", "error": [{"code": {"coding": [{"code": "72"}]}}]}

    comes(ready, json.dumps(text))

    [(kind, state, sentence)] = items()
    assert (kind, state) == ("rejection", "rejected") and "the member id is not valid" in sentence
    assert steps() == ["rejected"]
    sent(ready, made.authorization_id, now=NOW + 2 * HOUR)  # corrected, it may be sent again
