"""`daybook measures refresh` and what the doctor says of measures."""

import json
from pathlib import Path

import psycopg
import pytest

from app.cli import run
from app.platform.postgres import Addresses
from tests.cli.test_commands import MESSAGE, add_facility, daybook

__all__ = ["daybook"]
LEFT = (
    MESSAGE.format(control="C2", record="100")
    .replace("A01", "A03")
    .replace("20260305081500", "20260308101500")
    .replace("|20260305080000", "|20260305080000|20260308101000")
)


def told(capsys: pytest.CaptureFixture[str], *command: str) -> list[dict[str, object]]:
    capsys.readouterr()
    run(list(command))
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def finding(capsys: pytest.CaptureFixture[str], question: str, *more: str) -> dict[str, object]:
    [found] = [one for one in told(capsys, "doctor", "--json", *more) if one["question"] == question]
    return found


def test_a_refresh_by_hand_and_the_doctor(
    daybook: Addresses, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add_facility() == 0
    messages = tmp_path / "messages.hl7"
    messages.write_text(MESSAGE.format(control="C1", record="100") + LEFT)
    assert run(["import", "hl7", "--facility", "NORTH", str(messages)]) == 0
    assert finding(capsys, "measures")["sentence"] == "1 patients wait to be reckoned anew."

    assert told(capsys, "measures", "refresh") == [{"patients": 1, "still_waiting": 0}]
    assert finding(capsys, "cases of measures", "--deep")["sound"]

    with psycopg.connect(daybook.owner) as owner:
        length = owner.execute("select value from measure_case where measure = 'los'").fetchone()
        owner.execute("update measure_case set value = 99 where measure = 'los'")
    assert length == (3.0,)
    sick = finding(capsys, "cases of measures", "--deep")
    assert not sick["sound"] and "1 of 1 patients differ in los" in str(sick["sentence"])

    [repaired] = told(capsys, "measures", "refresh", "--all")
    assert (repaired["differing"], repaired["measures"]) == (1, ["los"])
    assert finding(capsys, "cases of measures", "--deep")["sound"]


def test_patients_who_wait_too_long_are_a_finding(daybook: Addresses, capsys: pytest.CaptureFixture[str]) -> None:
    assert add_facility() == 0
    with psycopg.connect(daybook.owner) as owner:
        owner.execute(
            "insert into measure_touch (patient_id, facility_id, at)"
            " select uuidv7(), id, now() - interval '11 minutes' from facility"
        )

    found = finding(capsys, "measures")

    assert not found["sound"] and "start `daybook worker`" in str(found["sentence"])
