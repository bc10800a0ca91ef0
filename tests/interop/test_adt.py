"""From a message to a fact or a refusal: keys, clocks, fields, and the code of the acknowledgement."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from app.census.terms import AdtFact, ExceptionKind, FeedPolicy, Identifier
from app.interop import hl7
from app.interop.adt import NotAccepted, instant, to_fact

POLICY = FeedPolicy(timezone="America/New_York", default_authority="HOSP")
RECEIVED = datetime(2026, 4, 1, tzinfo=UTC)
EASTERN = "America/New_York"

MESSAGE = (
    "MSH|^~\\&|EHR|HOSP|UR|HUB|20260310081500||ADT^A01^ADT_A01|X1|P|2.5.1\r"
    "EVN|A01|20260310081500||||20260310080000\r"
    "PID|1||M100^^^HOSP^MR~123456789^^^USA^SS||RIVERA^CARMEN^L||19560412|F|||12 ELM ST^^DAYTON^OH^45402^USA||"
    "^PRN^PH^^^937^5550100||spa|||A900^^^HOSP^AN\r"
    "PV1|1|I|4W^401^A^HOSP|E|||1001^SMITH^JOHN|||CAR||||7||VIP|||V100^^^HOSP^VN|MC||||||||||||||||||||||||20260310075500\r"
    "PV2|||R07.9^CHEST PAIN||||||20260315\r"
    "DG1|1||I21.4^NSTEMI^I10|||A\r"
    "IN1|1|PLAN1|MCARE|MEDICARE A||||G7||||20260101|20261231||HMO|||||||||||||||||||||POL1|||||||||||||MEM1\r"
    "DRG|280^ACUTE MI\r"
)


def fact(text: str, policy: FeedPolicy = POLICY) -> AdtFact:
    found = to_fact(hl7.parse(text.encode()), policy, 7, RECEIVED)
    assert isinstance(found, AdtFact)
    return found


def refused(text: str) -> NotAccepted:
    found = to_fact(hl7.parse(text.encode()), POLICY, 7, RECEIVED)
    assert isinstance(found, NotAccepted)
    return found


def test_everything_that_lists_and_pages_need_is_read() -> None:
    group = fact(MESSAGE).groups[0]

    assert (group.patient, group.visit, group.account) == ("HOSP|M100", "HOSP|V100", "HOSP|A900")
    assert group.identifiers[1] == Identifier("USA", "123456789", "SS")
    assert group.person == {
        "family": "RIVERA", "given": "CARMEN", "middle": "L", "dob": "19560412", "sex": "F", "zip": "45402",
        "phone": "9375550100", "language": "spa",
    }  # fmt: skip
    assert group.texts == {
        "admit_type": "E", "service": "CAR", "admit_source": "7", "vip": "VIP", "financial_class": "MC",
        "attending": "1001", "attending_name": "SMITH, JOHN", "admit_reason": "CHEST PAIN", "drg": "280",
        "account": "A900",
    }  # fmt: skip
    expected = group.times["expected_discharge"]
    assert expected is not None and not expected.precise
    assert group.diagnoses is not None and group.diagnoses[0].text == "NSTEMI"
    insurance = (group.insurances or ())[0]
    assert (insurance.plan, insurance.company, insurance.name, insurance.group) == (
        "PLAN1",
        "MCARE",
        "MEDICARE A",
        "G7",
    )
    assert (insurance.effective, insurance.expires) == ("20260101", "20261231")
    assert (insurance.plan_type, insurance.policy, insurance.member) == ("HMO", "POL1", "MEM1")


@pytest.mark.parametrize(
    ("pid3", "key"),
    [
        ("9^^^STATE^DL~M1^^^HOSP^MR", "HOSP|M1"),
        ("9^^^STATE^PI~M1^^^EAST^MRN", "EAST|M1"),
        ("9^^^STATE^DL~P1^^^HOSP^PI", "HOSP|P1"),
        ("M1", "HOSP|M1"),
        ("~M2^^^NORTH&1.2.3&ISO^MEDREC", "NORTH|M2"),
        ('""~M2', "HOSP|M2"),
    ],
)
def test_patient_key(pid3: str, key: str) -> None:
    found = fact(MESSAGE.replace("M100^^^HOSP^MR~123456789^^^USA^SS", pid3))

    assert found.groups[0].patient == key


def test_visit_key_falls_back_to_the_account_and_never_to_the_control_id() -> None:
    without_visit = MESSAGE.replace("V100^^^HOSP^VN", "")

    assert fact(without_visit).groups[0].visit == "HOSP|ACCT:A900"
    assert fact(without_visit.replace("A900^^^HOSP^AN", "")).groups[0].visit is None


def test_effective_clock_of_each_kind_of_event() -> None:
    no_occurrence = MESSAGE.replace("||||20260310080000", "")

    assert fact(MESSAGE).effective == datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
    assert fact(no_occurrence).effective == datetime(2026, 3, 10, 11, 55, tzinfo=UTC)  # PV1-44
    assert fact(no_occurrence.replace("A01", "A02")).effective == datetime(2026, 3, 10, 12, 15, tzinfo=UTC)


def test_recorded_clock_falls_back_to_the_header_and_then_to_receipt() -> None:
    no_evn = MESSAGE.replace("EVN|A01|20260310081500||||20260310080000\r", "")

    assert fact(no_evn).recorded == datetime(2026, 3, 10, 12, 15, tzinfo=UTC)
    assert fact(no_evn.replace("|20260310081500|", "||")).recorded == RECEIVED


@pytest.mark.parametrize(
    ("text", "at", "digits"),
    [
        ("2026", datetime(2026, 1, 1, 5, tzinfo=UTC), 4),
        ("202603", datetime(2026, 3, 1, 5, tzinfo=UTC), 6),
        ("20260310", datetime(2026, 3, 10, 4, tzinfo=UTC), 8),
        ("202603100815", datetime(2026, 3, 10, 12, 15, tzinfo=UTC), 12),
        ("20260310081530.1234", datetime(2026, 3, 10, 12, 15, 30, 123400, tzinfo=UTC), 14),
        ("20260308061500+0000", datetime(2026, 3, 8, 6, 15, tzinfo=UTC), 14),
        ("20260308031500-0400", datetime(2026, 3, 8, 7, 15, tzinfo=UTC), 14),
        ("20260308013000", datetime(2026, 3, 8, 6, 30, tzinfo=UTC), 14),  # still winter
        ("20260308033000", datetime(2026, 3, 8, 7, 30, tzinfo=UTC), 14),  # already summer
        ("20261101013000", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), 14),  # the first of the two
    ],
)
def test_time_stamps(text: str, at: datetime, digits: int) -> None:
    found = instant(text, EASTERN)

    assert found is not None
    assert (found.at, found.digits, found.text) == (at, digits, text)


@pytest.mark.parametrize(
    "text", ["", "20261332", "2026031", "yesterday", "20260310 0815", "00000000", "99999999999999"]
)
def test_what_is_no_time_is_not_said(text: str) -> None:
    assert instant(text, EASTERN) is None


def test_order_of_times_holds_across_the_change_to_summer_time() -> None:
    stamps = ["20260308015959", "20260308065959.5+0000", "20260308030000", "20260308030001-0400"]
    moments: list[Any] = [instant(text, EASTERN) for text in stamps]

    assert all(before.at < after.at for before, after in pairwise(moments))


@pytest.mark.parametrize(
    ("change", "kind", "code", "place"),
    [
        (("ADT^A01^ADT_A01", "ORU^R01"), ExceptionKind.UNSUPPORTED_TYPE, "AR", ("MSH", 9)),
        (("|P|2.5.1", "|T|2.5.1"), ExceptionKind.PROCESSING_ID, "AR", ("MSH", 11)),
        (("|X1|", "||"), ExceptionKind.NO_CONTROL_ID, "AE", ("MSH", 10)),
        (("M100^^^HOSP^MR~123456789^^^USA^SS", ""), ExceptionKind.NO_PATIENT_ID, "AE", ("PID", 3)),
        (("M100^^^HOSP^MR~123456789^^^USA^SS", '""'), ExceptionKind.NO_PATIENT_ID, "AE", ("PID", 3)),
        (("PID|", "ZID|"), ExceptionKind.NO_PATIENT_ID, "AE", ("PID", 3)),
    ],
)
def test_refusals(change: tuple[str, str], kind: ExceptionKind, code: str, place: tuple[str, int]) -> None:
    found = refused(MESSAGE.replace(*change))

    assert (found.kind, found.code, (found.segment, found.field)) == (kind, code, place)
    assert not any(secret in found.sentence for secret in ("M100", "RIVERA", "V100"))


def test_bed_status_needs_no_patient_and_unknown_events_are_accepted() -> None:
    bed = "MSH|^~\\&|EHR|HOSP|UR|HUB|20260310081500||ADT^A20|X2|P|2.5.1\rEVN|A20|20260310081500\rNPU|4W^401^A|1\r"

    assert fact(bed).groups == ()
    assert fact(MESSAGE.replace("A01", "A99")).supported is False


def test_event_is_that_of_the_header_even_where_evn_disagrees() -> None:
    assert fact(MESSAGE.replace("EVN|A01", "EVN|A02")).event == "A01"


def test_keys_name_every_number_of_every_patient() -> None:
    found = fact(
        "MSH|^~\\&|EHR|HOSP|UR|HUB|20260310081500||ADT^A45|X1|P|2.5.1\rEVN|A45|20260310081500\r"
        "PID|||M2^^^HOSP^MR\rMRG|M1^^^HOSP^MR||||V1\rPV1|||||||||||||||||||V1\r"
        "MRG|M3^^^HOSP^MR||||V3\rPV1|||||||||||||||||||V4\r"
    )

    assert set(found.keys) == {"P:HOSP|M1", "P:HOSP|M2", "P:HOSP|M3", "V:HOSP|V1", "V:HOSP|V3", "V:HOSP|V4"}
    assert [group.patient for group in found.groups] == ["HOSP|M2", "HOSP|M2"]


def test_class_map_of_the_feed_decides() -> None:
    policy = FeedPolicy(default_authority="HOSP", class_map={**POLICY.class_map, "DAY CASE": POLICY.class_map["O"]})

    assert fact(MESSAGE.replace("PV1|1|I|", "PV1|1|DAY CASE|"), policy).groups[0].patient_class == "OP"
    assert fact(MESSAGE.replace("PV1|1|I|", "PV1|1|DAY CASE|")).groups[0].patient_class == "UNK"
