"""Form: what senders often get wrong is accepted, what may have lost something is held back; never an exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interop.x12.reading import understand
from app.interop.x12.segments import decode
from app.interop.x12.terms import Taken
from app.payers.requests.terms import Action
from tests.support.x12 import HEAD, answer, envelope

GOOD = envelope(answer("HCR*A1*AU1", "DTP*AAH*RD8*20260313-20260316", "HSD*DY*3", "MSG*ALL WELL"))


@pytest.mark.parametrize(
    "form",
    [
        lambda text: text.replace("\n", ""),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\n   \t"),
        lambda text: text.replace("~\n", "\n"),
        lambda text: text.replace("~\n", "\r\n"),
        lambda text: text.replace("*", "|").replace("~", "'").replace(":", ">"),
        lambda text: text.replace("*00501*", "*00401*").replace("*^*", "*U*"),
        lambda text: text.replace("005010X217", "005010X279"),
        lambda text: text.replace("ALL WELL", "ALL\nWELL").replace("ALL\nWELL", "ALL W\r\nELL"),
        lambda text: text + "\r\n\x1a\0",
        lambda text: text.replace("GE*1*7~", "GE*1*0007~"),
        lambda text: text.replace("PAYER009       *", "PAYER009*"),
    ],
)
def test_forms_that_change_no_meaning_are_accepted(form) -> None:  # type: ignore[no-untyped-def]
    found = understand(form(GOOD))
    assert [one.decision.action for one in found.answers if one.decision] == [Action.CERTIFIED]
    assert found.answers[0].sound, found.findings
    assert found.answers[0].decision.text == "ALL WELL"


@pytest.mark.parametrize(
    ("wrong", "part"),
    [
        (lambda text: text.replace("MSG*ALL WELL~\n", ""), "SE counts another number"),
        (lambda text: text.replace("SE*18*0001", "SE*18*0002"), "ST and SE differ"),
        (lambda text: text.replace("GE*1*7", "GE*2*7"), "GE counts another number"),
        (lambda text: text.replace("GE*1*7", "GE*1*8"), "GS and GE differ"),
        (lambda text: text.replace("IEA*1*000000007", "IEA*1*000000009"), "ISA and IEA differ"),
        (lambda text: text.replace("IEA*1", "IEA*3"), "IEA counts another number"),
        (lambda text: text[: text.index("SE*")], "(SE) is missing"),
        (lambda text: text[: text.index("GE*")], "(GE) is missing"),
        (lambda text: text[: text.index("IEA*")], "(IEA) is missing"),
        (lambda text: text[:-20], "ends within a segment"),
        (lambda text: text.replace("HL*4*3*EV", "HL*4*9*EV"), "not there"),
        (lambda text: text.replace("HL*4*3*EV", "HL*4*2*EV"), "cannot belong"),
        (lambda text: text.replace("HL*4*3*EV", "HL*3*3*EV"), "second time"),
        (lambda text: text.replace("HL*4*3*EV", "HL*4*3*QQ"), "names no level"),
    ],
)
def test_what_may_have_lost_something_is_held_back(wrong, part: str) -> None:  # type: ignore[no-untyped-def]
    broken = wrong(GOOD)
    assert broken != GOOD
    found = understand(broken)
    assert any(part in one.sentence and one.severe for one in found.findings), found.findings
    assert not any(one.sound and one.decision for one in found.answers)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "no message"),
        ("Dear colleagues, the request is approved.", "does not begin with an ISA"),
        ("ISA*00*~", "incomplete"),
        ("ISAxyz", "does not begin with an ISA"),
        (HEAD.format(interchange=1)[:-1] + "**~", "usable delimiters"),
        (envelope(["BHT*0007*77*R*20260312*1130", "HL*1**20*0"]), "no purpose"),
        (envelope(["HL*1**20*0"]), "lacks its beginning"),
        (envelope(["BGN*00"], kind="834"), "another kind"),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(text: str, part: str) -> None:
    found = understand(text)
    assert not found.answers
    assert any(part in one.sentence for one in found.findings), found.findings


def test_acknowledgements_are_no_decisions() -> None:
    accepted = envelope(["AK1*HI*103*005010X217", "AK2*278*0001*005010X217", "IK5*A", "AK9*A*1*1*1"], kind="999")
    found = understand(accepted)
    assert not found.answers and not found.findings
    (one,) = found.acknowledgements
    assert (one.taken, one.group, one.set) == (Taken.ACCEPTED, "103", "0001")

    refused = envelope(
        ["AK1*HI*104*005010X217", "AK2*278*0001*005010X217", "IK3*HI*14**8", "IK4*1:2*1271*7*SECRET", "IK5*R*5",
         "AK9*R*1*1*0"], kind="999",
    )  # fmt: skip
    codes = [(one.taken, one.set, one.codes) for one in understand(refused).acknowledgements]
    assert codes == [
        (Taken.REFUSED, "0001", ("IK3 HI 14 8", "IK4 1:2 1271 7", "IK5 5")), (Taken.REFUSED, None, ()),
    ]  # fmt: skip

    note = HEAD.format(interchange=9) + "~TA1*000000103*260312*1016*R*006~IEA*0*000000009~"
    (told,) = understand(note).acknowledgements
    assert (told.taken, told.interchange, told.codes) == (Taken.REFUSED, "000000103", ("006",))
    assert not understand(note).findings


def test_bytes_of_any_encoding_are_read() -> None:
    assert decode(GOOD.encode("utf-16")) == GOOD
    assert decode("MUÑOZ".encode("latin-1")) == "MUÑOZ"
    assert decode("MUÑOZ".encode()) == "MUÑOZ"


PIECES = st.sampled_from(
    ["~", "*", ":", "^", "\n", "ISA", "GS", "ST*278*1", "SE", "GE", "IEA", "HL*1**EV*0", "HCR*A1", "DTP*AAH*RD8*",
     "HSD*DY*٣", "TA1*", "AK2*", "DTP*036*D8*20261399", "BHT*0007*11", "\ufeff", "\0", "é", "9" * 30]
)  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 40), PIECES), max_size=6))
def test_mangled_files_give_findings_and_never_raise(edits: list[tuple[int, int, str]]) -> None:
    text = GOOD
    for at, cut, piece in edits:
        text = text[:at] + piece + text[at + cut :]
    found = understand(text)
    for one in found.findings:
        assert one.sentence and one.segment >= 0
    assert found.answers or found.findings or found.acknowledgements or found.messages


@given(st.binary(max_size=300))
def test_any_bytes_give_findings_and_never_raise(data: bytes) -> None:
    found = understand(data)
    assert found.findings and not found.answers and not found.messages


@given(st.integers(1, len(GOOD) - 2))
def test_a_file_that_was_cut_off_gives_no_decision(end: int) -> None:
    assert not any(one.sound and one.decision for one in understand(GOOD[:end]).answers)
