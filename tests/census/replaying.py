"""Scenarios of ADT messages replayed in memory, in the forms of `daybook replay`, without a database."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.census.rendering import render
from app.census.rules import fold
from app.census.terms import AdtFact, ExceptionKind, FeedPolicy
from app.interop import hl7
from app.interop.adt import NotAccepted, to_fact

VECTORS = Path(__file__).parents[2].parent / "shared" / "vectors" / "adt_scenarios.jsonl"
RECEIVED = datetime(2026, 4, 1, tzinfo=UTC)


def scenarios() -> list[dict[str, Any]]:
    if not VECTORS.exists():
        return []
    return [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines() if line.strip()]


def policy_of(scenario: dict[str, Any]) -> FeedPolicy:
    feed = scenario["feed"]
    return FeedPolicy(timezone=feed["timezone"], default_authority=feed["default_authority"], **feed.get("policy", {}))


def taken(messages: Iterable[str | bytes], policy: FeedPolicy) -> Iterator[AdtFact | tuple[str, str]]:
    """A fact for every message that is accepted, code and `KIND@control id` for every other."""
    sequence = 0
    for text in messages:
        data = text.encode() if isinstance(text, str) else text
        for raw in list(hl7.split_messages(data)) or [data]:
            sequence += 1
            try:
                outcome = to_fact(message := hl7.parse(raw), policy, sequence, RECEIVED)
            except hl7.Unparseable:
                yield "AE", f"{ExceptionKind.UNPARSEABLE}@?"
                continue
            if isinstance(outcome, NotAccepted):
                yield outcome.code, f"{outcome.kind}@{message.control_id or '?'}"
            else:
                yield outcome


def answer(taken_messages: Sequence[AdtFact | tuple[str, str]], policy: FeedPolicy) -> dict[str, Any]:
    facts = [one for one in taken_messages if isinstance(one, AdtFact)]
    refused = [one[1] for one in taken_messages if not isinstance(one, AdtFact)]
    acks = ["AA" if isinstance(one, AdtFact) else one[0] for one in taken_messages]
    return {"acks": acks, **render(fold(facts, {policy.feed: policy}), policy, refused)}


def replay(messages: Iterable[str | bytes], policy: FeedPolicy) -> dict[str, Any]:
    return answer(list(taken(messages, policy)), policy)


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """What does not hold; only the keys that are expected count, lists of census and exceptions are complete."""
    wrong = []
    for key in ("census", "exceptions"):
        if key in expected and expected[key] != found[key]:
            wrong.append(f"{key}: {found[key]} instead of {expected[key]}")
    for wanted, code in zip(expected.get("acks", []), found["acks"] if "acks" in expected else [], strict=True):
        if code not in wanted.split("|"):
            wrong.append(f"acknowledged {code} instead of {wanted}")
    for key in ("encounters", "patients"):
        for number, fields in expected.get(key, {}).items():
            actual = found[key].get(number)
            if actual is None:
                wrong.append(f"{key}: {number} is absent")
                continue
            for name, value in fields.items():
                if actual[name] != value:
                    wrong.append(f"{key} {number} {name}: {actual[name]} instead of {value}")
    for number in expected.get("absent_encounters", []):
        if number in found["encounters"]:
            wrong.append(f"encounter {number} should be absent")
    return wrong
