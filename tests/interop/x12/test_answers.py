"""What answers mean, and where reading stops: nothing is guessed."""

from datetime import date

import pytest

from app.interop.x12.reading import understand
from app.interop.x12.terms import Answer, AnswerKind
from app.payers.requests.terms import Action, Days
from tests.support.x12 import answer, envelope

D13, D15, D16 = date(2026, 3, 13), date(2026, 3, 15), date(2026, 3, 16)


def _one(*event: str, services: tuple[tuple[str, ...], ...] = (), follows: str = "18") -> Answer:
    (found,) = understand(envelope(answer(*event, services=services, follows=follows))).answers
    return found


@pytest.mark.parametrize(
    ("event", "ranges", "quantity"),
    [
        (("HCR*A1*AU1", "DTP*AAH*RD8*20260313-20260316"), (Days(D13, D16),), None),
        (("HCR*A1*AU1", "DTP*007*RD8*20260313-20260316", "HSD*DY*3"), (Days(D13, D16),), 3),
        (("HCR*A1*AU1", "DTP*007*D8*20260313", "DTP*036*D8*20260315"), (Days(D13, D15),), None),
        (("HCR*A6*AU1", "HSD*DY*2"), (), 2),
        (("HCR*A6*AU1", "HSD*DY*2.0"), (), 2),
        (("HCR*A1*AU1",), (), None),
        (("HCR*A3**25", "DTP*AAH*RD8*20260313-20260316", "HSD*DY*3"), (), None),
        (("HCR*A4**0U", "HSD*DY*3"), (), None),
    ],
)
def test_days_are_taken_as_the_answer_names_them(
    event: tuple[str, ...], ranges: tuple[Days, ...], quantity: int | None
) -> None:
    found = _one(*event)
    assert found.decision is not None
    assert (found.decision.ranges, found.decision.quantity, found.findings) == (ranges, quantity, ())


@pytest.mark.parametrize(
    ("event", "part"),
    [
        (("HCR*ZZ*AU1",), "no decision code that is known"),
        (("HCR*A1*AU1", "HCR*A3"), "two different decisions"),
        (("HCR*A1*AU1", "DTP*AAH*RD8*20260313-20260316", "HSD*DY*2"), "a period of 3 days and counts 2"),
        (("HCR*A1*AU1", "DTP*AAH*RD8*20260313-20260316", "DTP*007*RD8*20260313-20260315"), "two different periods"),
        (("HCR*A1*AU1", "DTP*AAH*RD8*20260313-20260316", "DTP*036*D8*20260315"), "end on different days"),
        (("HCR*A1*AU1", "DTP*036*D8*20260315"), "not its first day"),
        (("HCR*A1*AU1", "DTP*AAH*RD8*20260316-20260313"), "ends before"),
        (("HCR*A1*AU1", "DTP*AAH*RD8*20260313"), "no period that can be read"),
        (("HCR*A1*AU1", "DTP*AAH*RD8*20260231-20260316"), "no period that can be read"),
        (("HCR*A6*AU1", "HSD*DY*two"), "no whole number of days"),
        (("HCR*A6*AU1", "HSD*DY*2", "HSD*DY*3"), "two different numbers of days"),
        (("HCR*A6*AU1", "HSD*VS*2"), "another unit than days"),
        (("HCR*A1*AU1", "AAA*N**33*C"), "rejects the request"),
        (("TRN*2*EVT-2*9HOSP99999", "HCR*A1*AU1"), "two different event traces"),
        (("REF*NT*X",), "neither a decision"),
    ],
)
def test_what_contradicts_itself_is_for_people(event: tuple[str, ...], part: str) -> None:
    found = _one(*event)
    assert not found.sound
    assert any(part in one.sentence and one.severe and one.segment > 0 for one in found.findings), found.findings


def test_a_rejection_may_stand_at_any_level_and_with_a_decision() -> None:
    refused = _one("AAA*N**42*R")
    assert (refused.kind, refused.decision, refused.sound) == (AnswerKind.REJECTION, None, True)
    assert [(one.level, one.reason, one.follow_up) for one in refused.rejections] == [("patient event", "42", "R")]
    both = _one("AAA*N**33*C", "HCR*A3**25")
    assert both.kind is AnswerKind.DECISION and both.sound
    assert both.decision is not None and both.decision.reasons == ("25", "33")
    lines = answer("HCR*A1*AU1")
    lines.insert(4, "AAA*Y**42*P")
    (above,) = understand(envelope(lines)).answers
    assert [one.level for one in above.rejections] == ["payer"] and not above.sound


def test_services_bear_decisions_of_their_own() -> None:
    partial = _one(
        "HCR*A2*AU1",
        services=(
            ("HCR*A1*AU1", "DTP*AAH*RD8*20260313-20260315"),
            ("HCR*A1*AU1", "DTP*AAH*RD8*20260315-20260316"),
            ("HCR*A3**0V",),
        ),
    )
    assert partial.sound and partial.decision is not None
    assert partial.decision.action is Action.PARTIAL
    assert partial.decision.ranges == (Days(D13, D16),)
    assert partial.decision.reasons == ("0V",)

    alone = _one(services=(("HCR*A1*AU7", "HSD*DY*2"),))
    assert alone.sound and alone.decision is not None
    assert (alone.decision.action, alone.decision.quantity) == (Action.CERTIFIED, 2)
    assert alone.decision.authorization_number == "AU7"

    for event, lines in (
        ((), (("HCR*A1*AU1",), ("HCR*A3**0V",))),
        (("HCR*A1*AU1",), (("HCR*A3**0V",),)),
        (("HCR*A3**0V",), (("HCR*A1*AU1",),)),
        (("HCR*A2*AU1",), (("HCR*A1*AU1", "HSD*DY*2"), ("HCR*A1*AU1", "HSD*DY*3"))),
    ):
        assert not _one(*event, services=lines).sound


def test_each_patient_event_is_an_answer_of_its_own() -> None:
    lines = answer("HCR*A1*AU1")
    lines += ["HL*5*3*EV*0", "TRN*2*EVT-2*9HOSP99999", "UM*AR*4*1*11:A**03", "HCR*A4**0U"]
    found = understand(envelope(lines, answer("HCR*A3", trace="EVT-3"))).answers
    assert [(one.event_trace, one.decision.action if one.decision else None) for one in found] == [
        ("EVT-1", Action.CERTIFIED), ("EVT-2", Action.PENDED), ("EVT-3", Action.NOT_CERTIFIED),
    ]  # fmt: skip


def test_the_patient_of_a_dependent_is_the_dependent() -> None:
    lines = answer("HCR*A1*AU1")
    at = lines.index("HL*4*3*EV*0")
    lines[at : at + 1] = ["HL*4*3*23*1", "NM1*QC*1*HERON*REED", "DMG*D8*20140101*M", "HL*5*4*EV*0"]
    (found,) = understand(envelope(lines)).answers
    assert (found.family, found.given, found.birth_date) == ("HERON", "REED", date(2014, 1, 1))
    assert found.member_id == "MEM000111" and found.sound


def test_more_follows_and_message() -> None:
    found = _one("HCR*A4**0U", "REF*NT*PEND1", "MSG*SEND NOTES", follows="19")
    assert found.decision is not None
    assert (found.decision.more_follows, found.decision.reference, found.decision.text) == (
        True, "PEND1", "SEND NOTES",
    )  # fmt: skip
