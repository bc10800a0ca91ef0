"""What `daybook hl7 facts` prints: the shared vectors, and each rule on messages of its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.interop import facts, hl7

SHARED = Path(__file__).parents[2].parent / "shared"
VECTORS = SHARED / "vectors" / "hl7_facts.jsonl"

HEADER = "MSH|^~\\&|EHR|HOSP|UR|HUB|20260310081500||ADT^A01^ADT_A01|F-1|P|2.5.1"


def _facts(*segments: str) -> dict[str, Any]:
    return facts.facts_of(hl7.parse("\r".join([HEADER, *segments]).encode()))


def _vectors() -> list[Any]:
    if not VECTORS.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="../shared is absent: no vectors to read"))]
    lines = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]
    return [pytest.param(line, id=f"{line['file'].removeprefix('data/hl7/')}") for line in lines]


@pytest.mark.parametrize("vector", _vectors())
def test_vector(vector: dict[str, Any]) -> None:
    (line,) = facts.facts_lines([SHARED / vector["file"]])
    assert line["facts"] == vector["facts"]
    assert list(line["facts"]) == list(vector["facts"])
    message = hl7.parse((SHARED / vector["file"]).read_bytes())
    assert message.charset == vector["decoded_as"]


@pytest.mark.parametrize(
    ("sent", "number", "authority"),
    [
        ("1^^^CITY^PI~2^^^HOSP^MR", "2", "HOSP"),
        ("1^^^CITY^PI~2^^^HOSP^MRN", "2", "HOSP"),
        ("1^^^USSSA^SS~2^^^CITY^PI", "2", "CITY"),
        ("1^^^NHS^HN~2^^^MRENTR^MEDREC", "1", "NHS"),
        ("~^^^HOSP^MR~2^^^CITY", "2", "CITY"),
        ('""^^^HOSP^MR~2^^^CITY', "2", "CITY"),
        ("1^^^HOSP&1.2.3&ISO^MR", "1", "HOSP"),
        ("1", "1", ""),
        ('""', None, None),
        ("", None, None),
    ],
)
def test_medical_record_number(sent: str, number: str | None, authority: str | None) -> None:
    found = _facts(f"PID|1||{sent}")
    assert (found["mrn"], found["mrn_authority"]) == (number, authority)


def test_number_of_an_old_sender_stands_in_pid_2() -> None:
    found = _facts("PID|1|77^^^OLD|")
    assert found["ids"] == [{"id": "77", "authority": "OLD", "type": ""}]
    assert found["mrn"] == "77"
    assert _facts("PID|1|77|88")["ids"] == [{"id": "88", "authority": "", "type": ""}]


@pytest.mark.parametrize(
    ("sent", "family"),
    [
        ("ALIAS^A^^^^^A~LEGAL^B^^^^^L", "LEGAL"),
        ("FIRST^A^^^^^D~SECOND^B^^^^^B", "FIRST"),
        ("O\\T\\DELL&VAN^A", "O&DELL"),
    ],
)
def test_legal_name_is_shown(sent: str, family: str) -> None:
    assert _facts(f"PID|1||1||{sent}")["name"]["family"] == family


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("19560412", "19560412"), ("195604120830+0215", "19560412"), ("1956", "1956"), ("M", "M"), ("", None),
     ("19_560_412", "19_560_412"), ('""', '""')],
)  # fmt: skip
def test_birth_date_is_cut_to_the_day_or_shown_as_sent(sent: str, shown: str | None) -> None:
    assert _facts(f"PID|1||1||||{sent}")["dob"] == shown


def test_stay() -> None:
    visit = [""] * 46
    visit[2:5] = "I", "4W^401^A^HOSP^O^^MAIN^4", "E"
    visit[6], visit[7], visit[10], visit[19], visit[20] = (
        "ED^12",
        "1^SMITH^JOHN~2^RAO^UMA",
        "MED",
        "V1^^^HOSP^VN",
        "MC^2",
    )
    visit[36], visit[44], visit[45] = "03", "20260310", '""'
    found = _facts("PID|1||1|||||||||||||||A1^^^HOSP", "|".join(["PV1", *visit[1:]]), "PV2|||||||||20260314")
    assert found["account"] == "A1"
    assert found["location"] == {
        "unit": "4W", "room": "401", "bed": "A", "facility": "HOSP", "status": "O", "building": "MAIN", "floor": "4",
    }  # fmt: skip
    assert found["prior_location"]["room"] == "12"
    assert found["attending"] == [
        {"id": "1", "family": "SMITH", "given": "JOHN"},
        {"id": "2", "family": "RAO", "given": "UMA"},
    ]
    expected = {"patient_class": "I", "admit_type": "E", "service": "MED", "visit_number": "V1",
                "financial_class": "MC", "disposition": "03", "admit_dt": "20260310", "discharge_dt": '""',
                "expected_discharge": "20260314", "nulls": ["PV1-45"]}  # fmt: skip
    assert {key: found[key] for key in expected} == expected


def test_lists() -> None:
    insurance = [""] * 50
    insurance[1:5] = "1", "P1^Plan", "C1^^^X", "Company^L"
    insurance[8], insurance[16], insurance[36], insurance[49] = "G1", "DOE^JANE", "POL1", "INS1"
    found = _facts("PID|1||1", "DG1|1|I9|R55^Syncope^I10||20260310|A", "DG1|2|I9|R56|Convulsions||W",
                   "|".join(["IN1", *insurance[1:]]), "MRG|7^^^HOSP~8||A7||V7", "ZPV|1", "ZZZ")  # fmt: skip
    assert found["diagnoses"] == [
        {"set_id": "1", "code": "R55", "text": "Syncope", "system": "I10", "type": "A"},
        {"set_id": "2", "code": "R56", "text": "Convulsions", "system": "I9", "type": "W"},
    ]
    assert found["insurance"] == [
        {"set_id": "1", "plan_id": "P1", "plan_name": "Plan", "company_id": "C1", "company_name": "Company",
         "group": "G1", "policy": "POL1", "subscriber_family": "DOE", "subscriber_given": "JANE", "insured_id": "INS1"},
    ]  # fmt: skip
    assert found["merge"] == [{"prior_ids": ["7", "8"], "prior_account": "A7", "prior_visit": "V7"}]
    assert found["z_segments"] == ["ZPV", "ZZZ"]


def test_second_patient_comes_with_the_visit_that_follows() -> None:
    found = _facts("PID|1||1||DOE^JANE", "PV1|1|I|4W^401^A", "PID|2||2||RAO^UMA", "PV1|2|I|4W^402^B")
    assert found["mrn"] == "1"
    assert found["pid2"] == {
        "mrn": "2", "name": {"family": "RAO", "given": "UMA"}, "visit_number": "",
        "location": {"unit": "4W", "room": "402", "bed": "B"},
    }  # fmt: skip
    alone = _facts("PID|1||1||DOE^JANE", "PV1|1|I|4W^401^A", "PID|2||2")
    assert alone["pid2"]["location"] == {"unit": "", "room": "", "bed": ""}


def test_message_that_says_nothing() -> None:
    found = _facts()
    assert (found["ids"], found["mrn"], found["name"], found["dob"], found["location"]) == ([], None, None, None, None)
    assert (found["sex"], found["visit_number"], found["attending"], found["nulls"]) == ("", "", [], [])
    assert "pid2" not in found


def test_lines_name_file_and_place(tmp_path: Path) -> None:
    many = tmp_path / "many.hl7"
    many.write_bytes(f"{HEADER}\nPID|1||1\n{HEADER}\nPID|1||2\nMSH|^~\\&|EHR\n".encode())
    none = tmp_path / "none.hl7"
    none.write_bytes(b"\r\n")
    other = tmp_path / "other.csv"
    other.write_bytes(b"name,bed\nDOE,4W\n")
    lines = list(facts.facts_lines([many, none, other]))
    assert [(line["file"], line["idx"]) for line in lines] == [
        (str(many), 0), (str(many), 1), (str(many), 2), (str(none), 0), (str(other), 0),
    ]  # fmt: skip
    assert [line["facts"]["mrn"] for line in lines[:2]] == ["1", "2"]
    assert [set(line) for line in lines[2:]] == [{"file", "idx", "error"}] * 3
    assert "MSH-9" in lines[2]["error"]
    assert "DOE" not in lines[4]["error"]
