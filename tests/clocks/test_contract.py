"""`daybook clocks`: what a case may carry beside the keys of the contract, and the answer when it cannot be read."""

import json
from typing import Any

import pytest

from app.clocks.explain import explain

CASE: dict[str, Any] = {
    "id": "C-1",
    "timezone": "America/Chicago",
    "facility_kind": "acute",
    "coverage": [{"line": "medicare_ffs", "part_b": True}],
    "as_of": "2026-01-31T10:00:00-06:00",
    "events": [{"type": "inpatient_order", "at": "2026-01-30T22:00:00-06:00"}],
    "records": [{"type": "notice", "kind": "IM", "copy": "first", "at": "2026-01-31T08:00:00-06:00"}],
}


def standing(case: dict[str, Any]) -> dict[str, str]:
    (answer,) = explain([json.dumps(case)])
    return {one["rule"]: one["status"] for one in answer["obligations"]}


@pytest.mark.parametrize(
    "more",
    [
        {"records": [*CASE["records"], {"type": "review", "kind": "admission", "at": "2026-01-31T09:00:00-06:00"}]},
        {"records": [*CASE["records"], {"type": "notice", "kind": "ABN", "at": "2026-01-31T09:00:00-06:00"}]},
        {"records": [*CASE["records"], {"type": "contact", "copy": "letter", "at": "2026-01-31T09:00:00-06:00"}]},
        {"events": [CASE["events"][0] | {"to": None, "expedited": None, "received_on": None, "outcome": "met"}]},
        {"coverage": [{"line": "medicare_ffs", "part_b": None}], "note": "by hand", "expect": {}},
        {"coverage": [{"line": "medicare_ffs"}], "events": [CASE["events"][0] | {"expedited": False}]},
        {"events": [CASE["events"][0] | {"until": "discharge", "through": 3}]},
    ],
)
def test_details_that_no_rule_reads_are_ignored(more: dict[str, Any]):
    assert standing(CASE | more)["N-IM1"] == "done"


def test_part_b_is_taken_for_granted_where_nothing_says_otherwise():
    times = {"care_start": "05-04T14", "inpatient_order": "05-05T09", "status_to_observation": "05-06T10"}
    events = [{"type": kind, "at": f"2026-{at}:00:00-05:00"} for kind, at in times.items()]
    events.append({"type": "discharge_planned", "at": "2026-05-06T18:00:00-05:00"})
    case = CASE | {"events": events, "records": [], "as_of": "2026-05-06T10:00:00-05:00"}

    assert standing(case | {"coverage": [{"line": "medicare_ffs", "part_b": None}]})["N-MCSN"] == "not_required"
    assert standing(case | {"coverage": [{"line": "medicare_ffs", "part_b": False}]})["N-MCSN"] == "due"


def test_a_time_that_was_set_is_read_with_its_event():
    reviewed = {"type": "next_review_day", "at": "2026-01-30T12:00:00-06:00", "until": "2026-01-31T12:00:00-06:00"}
    paid = {"type": "authorization_ends", "at": "2026-01-30T12:00:00-06:00", "through": "2026-01-30"}
    (answer,) = explain([json.dumps(CASE | {"events": [*CASE["events"], reviewed, paid]})])

    due = {one["rule"]: (one["status"], one["due_at"]) for one in answer["obligations"]}
    assert due["UR-CSR"] == ("due", "2026-01-31T12:00:00-06:00")
    assert due["PY-EXTEND"] == ("overdue", "2026-01-30T23:59:59-06:00")


@pytest.mark.parametrize("until", ["tomorrow", "2026-01-31T12:00:00", 5])
def test_a_set_time_that_is_none_is_said(until: object):
    event = {"type": "next_review_day", "at": "2026-01-30T12:00:00-06:00", "until": until}
    (answer,) = explain([json.dumps(CASE | {"events": [event]})])

    assert answer["error"].startswith("Line 1:")


def test_a_line_that_cannot_be_read_says_so_and_the_others_are_answered():
    answers = list(explain(["{", json.dumps(CASE | {"timezone": "Mars/Olympus"}), json.dumps(CASE)]))

    assert [sorted(one)[0] for one in answers] == ["error", "error", "counters"]
    assert answers[0]["error"].startswith("Line 1:")
