"""Stories of a stay as short tables that a nurse can check, one message to a line::

    A01 | rec 03-10 08:15 | occ 03-10 08:00 | bed 4W^401^A
    A02 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A

What is not said is as in most stories: patient M100, visit V100, class I. `none` leaves a field empty, `""` deletes it,
and `and` begins a second patient of the same message. Dates are of 2026, in New York time.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from app.census.terms import AdtFact, FeedPolicy
from tests.census.replaying import answer, taken

POLICY = FeedPolicy(timezone="America/New_York", default_authority="HOSP")
PERSON_ONLY = ("A28", "A29", "A31", "A40", "A18", "A34", "A39", "A30", "A46", "A47", "A37", "A43", "A44")
IN_PV1 = {"bed": 3, "prior": 6, "service": 10, "type": 18, "disp": 36, "pending": 42, "admit": 44, "discharge": 45}


ADMITTED = "A01 | rec 03-10 08:15 | occ 03-10 08:00 | bed 4W^401^A\n"
DISCHARGED = "A03 | rec 03-14 11:30 | occ 03-14 11:20 | bed 4W^401^A | disp 01\n"


def stamp(text: str) -> str:
    """`03-10 08:15` as an HL7 time of 2026; anything else as it is."""
    if len(text) == 11 and text[2] == "-":
        return f"2026{text[:2]}{text[3:5]}{text[6:8]}{text[9:11]}00"
    return text


def numbered(number: str, type_: str) -> str:
    """`NORTH|V100` names its own authority, `V100` that of the feed."""
    authority, _, own = number.rpartition("/")
    return f"{own}^^^{authority or 'HOSP'}^{type_}" if own else ""


def message(line: str, place: int) -> str:
    """One line of a story as an HL7 message."""
    event, *parts = (part.strip() for part in line.split("|"))
    groups: list[dict[str, str]] = [{}]
    for part in parts:
        name, _, value = part.partition(" ")
        if name == "and":
            groups.append({})
        else:
            groups[-1][name] = "" if value.strip() == "none" else value.strip()
    head = groups[0]
    recorded = stamp(head.get("rec", ""))
    control = head.get("id", f"C{place}")
    segments = [
        f"MSH|^~\\&|EHR|{head.get('facility', 'HOSP')}|UR|HUB|{stamp(head.get('sent', '')) or recorded}||ADT^{event}"
        f"|{control}|{head.get('processing', 'P')}|2.5.1",
        f"EVN|{event}|{recorded}|{stamp(head.get('planned', ''))}|||{stamp(head.get('occ', ''))}",
    ]
    for group in groups:
        segments.extend(_segments(event, group))
    return "\r".join(segments) + "\r"


def _segments(event: str, said: dict[str, str]) -> Iterator[str]:
    pid = [""] * 31
    pid[3] = "~".join(numbered(one, "MR") for one in said.get("patient", "M100").split(","))
    pid[5], pid[7], pid[8], pid[30] = (
        said.get("name", ""),
        said.get("dob", ""),
        said.get("sex", ""),
        said.get("dead", ""),
    )
    pid[18] = numbered(said.get("account", ""), "AN")
    yield "PID" + "|".join(pid).rstrip("|")
    if {"mrg", "mrg-visit", "mrg-account"} & said.keys():
        account, visit = numbered(said.get("mrg-account", ""), "AN"), numbered(said.get("mrg-visit", ""), "VN")
        yield f"MRG|{numbered(said.get('mrg', ''), 'MR')}||{account}||{visit}"
    if event not in PERSON_ONLY:
        pv1 = [""] * 46
        pv1[2], pv1[7] = said.get("class", "I"), said.get("attending", "")
        pv1[19] = numbered(said.get("visit", "V100"), "VN")
        for name, field in IN_PV1.items():
            pv1[field] = stamp(said.get(name, ""))
        yield "PV1" + "|".join(pv1).rstrip("|")
    if "expected" in said:
        yield f"PV2|||||||||{stamp(said['expected'])}"
    for code in filter(None, said.get("dx", "").split(",")):
        yield f"DG1|1||{code}"
    for code in filter(None, said.get("ins", "").split(",")):
        yield f"IN1|1|{code}|{code}"


@dataclass
class Story:
    """The messages of a story, taken in once; each question folds them anew."""

    messages: list[str]
    policy: FeedPolicy = POLICY

    def after(self, count: int | None = None) -> dict[str, Any]:
        return answer(list(taken(self.messages[:count], self.policy)), self.policy)

    def in_order(self, order: Iterable[int]) -> dict[str, Any]:
        """The end when the messages arrive in another order; acknowledgements left out, they follow that order."""
        received = list(taken(self.messages, self.policy))
        shuffled = [
            msgspec.structs.replace(one, sequence=place) if isinstance(one, AdtFact) else one
            for place, one in enumerate(received[index] for index in order)
        ]
        found = answer(shuffled, self.policy)
        del found["acks"]
        return found


def told(text: str, policy: FeedPolicy = POLICY) -> dict[str, Any]:
    """The end of a story. It is also told in other orders of arrival, which must not matter (P0)."""
    story = Story(lines(text), policy)
    end = story.after()
    straight = story.in_order(range(len(story.messages)))
    generator = random.Random(0)
    for _ in range(25):
        order = generator.sample(range(len(story.messages)), len(story.messages))
        assert story.in_order(order) == straight, f"another end in the order {order}"
    return end


def lines(text: str) -> list[str]:
    told_lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "=>"))]
    return [message(line, place) for place, line in enumerate(told_lines, start=1)]


def read(path: Path) -> tuple[list[str], list[str]]:
    """Messages and expectations (`=> what | is`) of a story in a file."""
    text = path.read_text(encoding="utf-8")
    wanted = [line.strip()[2:].strip() for line in text.splitlines() if line.strip().startswith("=>")]
    return lines(text), wanted


def stay(end: dict[str, Any], number: str = "V100") -> dict[str, Any]:
    """One stay at the end of a story."""
    found: dict[str, Any] = end["encounters"][number]
    return found


def at(text: str) -> str:
    """`03-10 0800` as the answer writes it."""
    return f"2026{text[:2]}{text[3:5]}{text[6:]}00"
