"""What a payer's file tells, part by part, whatever its format. Nothing raises on what a file holds."""

from collections.abc import Callable

from app.interop.pas import reading as pas
from app.interop.payer_files.terms import Format, ItemKind, Told
from app.interop.x12.reading import understand
from app.interop.x12.terms import Answer, AnswerKind, Finding

_KINDS = {
    AnswerKind.DECISION: ItemKind.DECISION,
    AnswerKind.REJECTION: ItemKind.REJECTION,
    AnswerKind.RECEIPT: ItemKind.RECEIPT,
    AnswerKind.UNREADABLE: ItemKind.UNREADABLE,
}
NOT_FOR_US = "This is a message of a hospital to a payer, not an answer of a payer."


def told(format: str, raw: bytes) -> list[Told]:
    """The parts of a file in their order; at least one, which says why where nothing can be told."""
    return READERS[Format(format)](raw)


def of_answer(answer: Answer) -> Told:
    """An answer; `sentence` says why no program may act on it."""
    return Told(kind=_KINDS[answer.kind], answer=answer, sentence=_why(answer.findings))


def _of_x12(raw: bytes) -> list[Told]:
    found = understand(raw)
    parts = [of_answer(one) for one in found.answers]
    parts += [Told(kind=ItemKind.ACKNOWLEDGEMENT, acknowledgement=one) for one in found.acknowledgements]
    parts += [Told(kind=ItemKind.UNREADABLE, sentence=NOT_FOR_US) for _ in found.messages]
    said = {finding for answer in found.answers for finding in answer.findings}
    said |= {finding for message in found.messages for finding in message.findings}
    rest = tuple(one for one in found.findings if one.severe and one not in said)
    if rest or not parts:
        parts.append(Told(kind=ItemKind.UNREADABLE, sentence=_why(rest) or "The file holds no message."))
    return parts


def _of_fhir(raw: bytes) -> list[Told]:
    found = pas.understand(raw)
    parts = [of_answer(one) for one in found.answers]
    parts += [Told(kind=ItemKind.UNREADABLE, sentence=NOT_FOR_US)] * found.requests
    if found.findings or not parts:
        parts.append(Told(kind=ItemKind.UNREADABLE, sentence=_why(found.findings) or "The file holds no message."))
    return parts


def _why(findings: tuple[Finding, ...]) -> str:
    """The severe findings as sentences, each with its segment."""
    severe = [one for one in findings if one.severe]
    return " ".join(f"Segment {one.segment}: {one.sentence}" if one.segment else one.sentence for one in severe)


READERS: dict[Format, Callable[[bytes], list[Told]]] = {Format.X12: _of_x12, Format.FHIR: _of_fhir}
