"""Whom a stored message is about, read from the message itself: also one that was refused or is not applied yet.

Pure.
"""

from app.interop.hl7 import Segment, Unparseable, parse


def keys_named(raw: bytes, charset: str, own_authority: str) -> list[str]:
    """Numbers of patients (`P:AUTHORITY|number`) and visits (`V:...`) that the message may name.

    Every repetition of PID-3 and MRG-1 counts, under its own authority, the sender's name and the authority of the
    feed: who reads the text reads all of them, so all of them are looked up.
    """
    try:
        message = parse(raw, feed_charset=charset)
    except Unparseable:
        return []
    keys: dict[str, None] = {}
    for segment in message.segments:
        for kind, field in _FIELDS.get(segment.name, ()):
            for number, authority in _numbers(segment, field):
                for by in (authority, message.sending_facility, own_authority):
                    if by:
                        keys[f"{kind}:{by}|{number}"] = None
                        if segment.name == "PID" and kind == "V":
                            keys[f"V:{by}|ACCT:{number}"] = None
    return list(keys)


_FIELDS = {
    "PID": (("P", 2), ("P", 3), ("P", 4), ("V", 18)),
    "MRG": (("P", 1), ("V", 5)),
    "PV1": (("V", 19),),
}


def _numbers(segment: Segment, field: int) -> list[tuple[str, str]]:
    found = []
    for repetition in segment.repetitions(field):
        number = repetition.text(1)
        if number:
            found.append((number, repetition.text(4, 1)))
    return found
