"""A file of a payer as a whole: what it answers, what it acknowledges, and everything about it that is not in order."""

import re

from app.interop.x12.answers import answers_in
from app.interop.x12.loops import LevelKind, Loops, loops
from app.interop.x12.messages import messages_in
from app.interop.x12.segments import Segment, TransactionSet, cut, decode
from app.interop.x12.terms import Acknowledgement, Answer, Finding, Guide, Heard, Taken, Understood

ANSWER = "11"
"""BHT02 of every answer."""

_SAID = {
    "13": Guide.REVIEW,
    "01": Guide.REVIEW,
    "14": Guide.NOTIFICATION,
    "CN": Guide.NOTIFICATION,
    "28": Guide.INQUIRY,
}
_GUIDE = re.compile(r"X21[567]")


def understand(data: str | bytes) -> Understood:
    """Read a whole file. Never raises on what it holds."""
    found = cut(data if isinstance(data, str) else decode(data))
    answers: list[Answer] = []
    messages: list[Heard] = []
    notes = map(_of_interchange, found.interchange_acknowledgements)
    acknowledgements = [note for note in notes if note is not None]
    findings = list(found.findings)
    for one in found.sets:
        if one.type == "999":
            acknowledgements += [] if any(finding.severe for finding in one.findings) else _of_groups(one)
        elif one.type != "278":
            findings.append(Finding(one.place.segment, "This is a transaction set of another kind than 278 or 999."))
        else:
            _take(one, answers, messages, findings)
    if not (found.sets or acknowledgements or findings):
        findings.append(Finding(0, "The file holds no message."))
    findings += [finding for answer in answers for finding in answer.findings]
    findings += [finding for heard in messages for finding in heard.findings]
    unique = sorted(dict.fromkeys(findings), key=lambda finding: finding.segment)
    return Understood(
        answers=tuple(answers),
        messages=tuple(messages),
        acknowledgements=tuple(acknowledgements),
        findings=tuple(unique),
    )


def answers(data: str | bytes) -> list[Answer]:
    """The answers alone."""
    return list(understand(data).answers)


def _take(one: TransactionSet, answers: list[Answer], messages: list[Heard], findings: list[Finding]) -> None:
    tree = loops(one)
    findings += tree.findings
    header = next((segment for segment in tree.header if segment.name == "BHT"), None)
    if header is None or not tree.levels:
        findings.append(
            Finding(one.place.segment, "This transaction set lacks its beginning (BHT) or its levels (HL).")
        )
        return
    purpose = header.get(2)
    guide = _guide(one, tree, _SAID.get(purpose))
    if purpose == ANSWER:
        answers += answers_in(one, tree, guide)
    elif purpose in _SAID:
        messages += messages_in(one, tree, guide)
    else:
        findings.append(Finding(header.number, "BHT02 names no purpose that is known."))


def _guide(one: TransactionSet, tree: Loops, by_purpose: Guide | None) -> Guide | None:
    """What the levels tell counts more than what GS08 says: payers put the guides of other transactions there.

    Only in a notification does the hospital stand first and the payer below it.
    """
    first, second = (next(iter(tree.of(kind)), None) for kind in (LevelKind.SOURCE, LevelKind.RECEIVER))
    if first and second and first.qualified("NM1", "FA", "1P") and second.qualified("NM1", "X3", "PR"):
        return Guide.NOTIFICATION
    said = _GUIDE.search(one.guide)
    if said and said.group() in (Guide.INQUIRY, Guide.REVIEW):
        return Guide(said.group())
    return by_purpose or Guide.REVIEW


# --- acknowledgements ------------------------------------------------------------------------------------------------


def _taken(code: str) -> Taken:
    """What is neither accepted nor accepted with errors was not taken: M, W and X are refusals as well."""
    return {"A": Taken.ACCEPTED, "E": Taken.WITH_ERRORS, "P": Taken.WITH_ERRORS}.get(code, Taken.REFUSED)


def _of_interchange(segment: Segment) -> Acknowledgement | None:
    """TA1: control number, date, time, A, E or R, note."""
    if not segment.get(1):
        return None
    note = segment.get(5)
    return Acknowledgement(
        taken=_taken(segment.get(4)), interchange=segment.get(1), codes=(note,) if note and note != "000" else ()
    )


def _of_groups(one: TransactionSet) -> list[Acknowledgement]:
    """999: one for each transaction set that it names (AK2, IK5), else one for the group (AK1, AK9)."""
    group, current = "", ""
    codes: list[str] = []
    found: list[Acknowledgement] = []
    for segment in one.segments:
        if segment.name == "AK1":
            group = segment.get(2)
        elif segment.name == "AK2":
            current, codes = segment.get(2), []
        elif segment.name in ("IK3", "IK4"):
            # The fourth element of IK4 would repeat the value itself, which may tell of a patient.
            codes.append(
                f"{segment.name} {' '.join(filter(None, segment.elements[: 4 if segment.name == 'IK3' else 3]))}"
            )
        elif segment.name == "IK5":
            codes += [f"IK5 {code}" for code in segment.elements[1:] if code]
            found.append(Acknowledgement(taken=_taken(segment.get(1)), group=group, set=current, codes=tuple(codes)))
        elif segment.name == "AK9" and (not found or _taken(segment.get(1)) is Taken.REFUSED):
            errors = tuple(f"AK9 {code}" for code in segment.elements[4:] if code)
            found.append(Acknowledgement(taken=_taken(segment.get(1)), group=group, codes=errors))
    return found
