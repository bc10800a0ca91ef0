"""The thirteen sample files are read with the meaning that was written down for each, file by file."""

from datetime import date
from pathlib import Path

import pytest

from app.interop.x12.reading import understand
from app.interop.x12.terms import AnswerKind, Kind
from app.payers.requests.terms import Action, CertificationType, Days

MARCH = {day: date(2026, 3, day) for day in range(1, 32)}
TRACE = "EVT-V100-3"

# file -> kind, event trace, action, authorization number, reference, days, quantity, reasons, more follows
ANSWERS = {
    "02": (AnswerKind.RECEIPT, "EVT-V100-1", None, "", "", (), None, (), False),
    "06": (AnswerKind.DECISION, TRACE, Action.CERTIFIED, "AUTH0002", "", ((13, 16),), 3, (), False),
    "07": (AnswerKind.DECISION, TRACE, Action.MODIFIED, "AUTH0002", "", ((13, 15),), 2, (), False),
    "08": (AnswerKind.DECISION, TRACE, Action.PENDED, "", "PEND99001", (), None, ("0U",), True),
    "09": (AnswerKind.DECISION, TRACE, Action.NOT_CERTIFIED, "", "DENY99002", (), None, ("0V",), False),
    "10": (AnswerKind.REJECTION, "", None, "", "", (), None, (), False),
    "13": (AnswerKind.DECISION, TRACE, Action.CERTIFIED, "AUTH0002", "", ((13, 16),), 3, (), False),
}

# file -> kind, event trace, certification type, authorization number, reference, days, quantity, admitted, discharged
MESSAGES = {
    "01": (Kind.ADMISSION, "EVT-V100-1", CertificationType.INITIAL, "", "", None, None, 10, None),
    "03": (Kind.DISCHARGE, "EVT-V100-9", CertificationType.INITIAL, "AUTH0002", "", None, None, 10, 17),
    "04": (Kind.REQUEST, "EVT-V100-2", CertificationType.INITIAL, "", "", None, 3, 10, None),
    "05": (Kind.REQUEST, TRACE, CertificationType.EXTENSION, "AUTH0002", "", (13, 16), None, 10, None),
    "11": (Kind.CANCELLATION, "EVT-V100-8", CertificationType.CANCEL, "AUTH0002", "", None, 3, 10, None),
    "12": (Kind.INQUIRY, TRACE, CertificationType.INITIAL, "", "PEND99001", None, None, 10, None),
}


def _file(shared: Path, number: str) -> bytes:
    return next((shared / "data" / "x12" / "own").glob(f"{number}_*.x12")).read_bytes()


@pytest.mark.parametrize("number", sorted(ANSWERS))
def test_an_answer_means_what_was_written_down(shared: Path, number: str) -> None:
    kind, trace, action, authorization, reference, days, quantity, reasons, more = ANSWERS[number]
    understood = understand(_file(shared, number))
    (answer,) = understood.answers
    assert (understood.findings, understood.messages, understood.acknowledgements) == ((), (), ())
    assert (answer.kind, answer.event_trace, answer.sound) == (kind, trace, True)
    assert answer.member_id == "XYZ123456789"
    if action is None:
        assert answer.decision is None
        return
    decision = answer.decision
    assert decision is not None
    assert (decision.action, decision.authorization_number, decision.reference) == (action, authorization, reference)
    assert decision.ranges == tuple(Days(MARCH[first], MARCH[until]) for first, until in days)
    assert (decision.quantity, decision.reasons, decision.more_follows) == (quantity, reasons, more)


@pytest.mark.parametrize("number", sorted(MESSAGES))
def test_a_message_means_what_was_written_down(shared: Path, number: str) -> None:
    kind, trace, certification, authorization, reference, days, quantity, admitted, discharged = MESSAGES[number]
    understood = understand(_file(shared, number))
    (heard,) = understood.messages
    assert (understood.findings, understood.answers) == ((), ())
    said = heard.said
    assert said is not None
    request = said.request
    assert (said.kind, request.event_trace, request.certification_type) == (kind, trace, certification)
    assert (request.authorization_number, request.reference, said.quantity) == (authorization, reference, quantity)
    assert request.days == (None if days is None else Days(MARCH[days[0]], MARCH[days[1]]))
    assert request.admitted_on == MARCH[admitted]
    assert request.discharged_on == (None if discharged is None else MARCH[discharged])
    assert said.parties.payer.number == "00123"
    assert said.parties.requester.number == "1234567893"
    assert said.parties.trace_origin == "9HOSP12345"


def test_details_of_the_samples(shared: Path) -> None:
    (rejected,) = understand(_file(shared, "10")).answers
    assert [(one.level, one.reason, one.follow_up) for one in rejected.rejections] == [("subscriber", "75", "C")]
    assert rejected.reference == "REQ2026031200044"
    (certified,) = understand(_file(shared, "06")).answers
    assert (certified.payer_trace, certified.contact) == ("PAY2026-0099812", "UM INTAKE, 8005550123")
    assert certified.decision is not None and certified.decision.issued_on == MARCH[12]
    (denied,) = understand(_file(shared, "09")).answers
    assert denied.decision is not None and "PEER TO PEER WITHIN 48H" in denied.decision.text
    (extension,) = understand(_file(shared, "05")).messages
    assert extension.said is not None
    assert [(one.code, one.role) for one in extension.said.request.diagnoses] == [
        ("I5033", "principal"), ("N179", "other"), ("R0602", "admitting"),
    ]  # fmt: skip
    (left,) = understand(_file(shared, "03")).messages
    assert left.said is not None and left.said.patient_status == "03"


def test_all_samples_in_one_file_are_read_as_they_are_alone(shared: Path) -> None:
    files = [path.read_bytes() for path in sorted((shared / "data" / "x12" / "own").glob("*.x12"))]
    together = understand(b"\xef\xbb\xbf" + b"\r\n\r\n".join(files))
    assert (len(together.answers), len(together.messages), together.findings) == (7, 6, ())
    alone = [answer.decision for one in files for answer in understand(one).answers]
    assert [answer.decision for answer in together.answers] == alone
