"""The command line as other programs meet it: exit status, data on standard output, sentences on standard error."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from app.cli import COMMANDS, run
from app.cli.people import temporary_password
from app.platform.postgres import Addresses
from app.platform.schema import upgrade
from app.security.passwords import verify_password

MESSAGE = (
    "MSH|^~\\&|EHR|NORTH|UR|HUB|20260305081500||ADT^A01^ADT_A01|{control}|P|2.5.1\r"
    "EVN|A01|20260305081500\r"
    "PID|1||{record}^^^NORTH^MR||TESTER^ALMA||19500101|F\r"
    "PV1|1|I|4W^412^B||||1001^TENDING^ANN|||MED|||||||||V{record}^^^NORTH^VN|||||||||||||||||||||||||20260305080000\r"
)


@pytest.fixture
def daybook(addresses: Addresses, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Addresses:
    """The environment points to this test's database."""
    monkeypatch.setenv("DATABASE_URL", addresses.owner)
    monkeypatch.setenv("DAYBOOK_APP_DATABASE_URL", addresses.app)
    monkeypatch.setenv("DAYBOOK_HOME", str(tmp_path))
    return addresses


def add_facility(code: str = "NORTH") -> int:
    return run(["facility", "add", code, "--name", "North Harbor", "--timezone", "America/Chicago", "--kind", "acute"])


@pytest.mark.parametrize(
    "command",
    [["--help"], *([name, "--help"] for name in COMMANDS), ["hl7", "facts", "--help"], ["import", "hl7", "--help"],
     ["import", "fhir", "--help"],
     ["export", "census", "--help"], ["export", "encounters", "--help"], ["export", "ledger", "--help"],
     ["export", "worklist", "--help"],
     ["audit", "verify", "--help"],
     ["user", "add", "--help"], ["facility", "add", "--help"]],
    ids=" ".join,
)  # fmt: skip
def test_every_command_has_help(command: list[str], capsys: pytest.CaptureFixture[str]):
    assert run(command) == 0
    assert "Usage: daybook" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [["nonsense"], [], ["hl7", "facts"], ["hl7", "facts", "no-such-file"], ["serve", "--port", "high"],
     ["facility", "add", "N", "--name", "N", "--timezone", "Chicago", "--kind", "acute"],
     ["facility", "add", "N", "--name", "N", "--timezone", "America/Chicago", "--kind", "spa"],
     ["user", "add", "dana", "--role", "lead"], ["bench", "nonsense"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_2(command: list[str], daybook: Addresses, capsys: pytest.CaptureFixture[str]):
    assert run(command) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err and "Traceback" not in said.err


def test_a_database_that_does_not_answer_is_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("DATABASE_URL", "postgresql://daybook@127.0.0.1:1/daybook")
    for command in (["migrate"], ["doctor"], ["audit", "verify"], ["serve", "--port", "18999", "--mllp-port", "0"]):
        assert run(command) == 3
        said = capsys.readouterr()
        assert "does not answer" in said.err and said.out == ""


def test_a_setting_that_cannot_be_understood_is_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("DAYBOOK_IDLE_MINUTES", "soon")

    assert run(["migrate"]) == 3
    assert "DAYBOOK_IDLE_MINUTES" in capsys.readouterr().err


def test_an_older_schema_asks_for_migrate(
    server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from app.platform import postgres

    postgres.ensure_database(server, "bare")
    url = postgres.in_database(server, "bare")
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DAYBOOK_APP_DATABASE_URL", postgres.as_role(url, postgres.APP_ROLE, None))

    assert run(["audit", "verify"]) == 3
    assert "daybook migrate" in capsys.readouterr().err
    assert run(["doctor"]) == 3
    told = capsys.readouterr()
    assert "FAIL  schema" in told.out and told.err == ""
    assert run(["migrate"]) == 0
    assert run(["doctor"]) == 0
    upgrade(url)  # nothing is left to do
    with psycopg.connect(server, autocommit=True) as owner:
        owner.execute("drop database bare with (force)")


def test_a_facility_is_added_once(daybook: Addresses, capsys: pytest.CaptureFixture[str]):
    assert add_facility() == 0
    assert json.loads(capsys.readouterr().out)["code"] == "NORTH"
    assert add_facility() == 1
    said = capsys.readouterr()
    assert "exists already" in said.err and said.out == ""


def test_a_person_gets_a_temporary_password_that_must_be_changed(
    daybook: Addresses, capsys: pytest.CaptureFixture[str]
):
    add_facility()
    capsys.readouterr()

    assert run(["user", "add", "dana", "--role", "case_manager", "--facility", "NORTH"]) == 0

    told = json.loads(capsys.readouterr().out)
    with psycopg.connect(daybook.owner) as owner:
        row = owner.execute("select password_hash, must_change_password from app_user where name = 'dana'").fetchone()
    assert row is not None and row[1] is True and verify_password(row[0], told["temporary_password"])
    assert run(["user", "add", "dana", "--role", "lead", "--facility", "NORTH"]) == 1
    assert run(["user", "add", "eve", "--role", "lead", "--facility", "SOUTH"]) == 1
    assert "daybook facility add SOUTH" in capsys.readouterr().err


def test_temporary_passwords_differ():
    assert len({temporary_password() for _ in range(100)}) == 100


def test_a_changed_audit_trail_is_found(daybook: Addresses, capsys: pytest.CaptureFixture[str]):
    from app.platform import work
    from app.platform.db import open_engine
    from app.platform.seal import seal_what_is_final

    add_facility()
    engine = open_engine(daybook.app, size=1)
    work.connect(engine)
    seal_what_is_final()
    engine.dispose()
    capsys.readouterr()

    assert run(["audit", "verify"]) == 0
    assert json.loads(capsys.readouterr().out)["broken"] is None
    with psycopg.connect(daybook.owner, autocommit=True) as owner:
        owner.execute("alter table audit_event disable trigger user")
        owner.execute("update audit_event set actor = 'nobody'")
    assert run(["audit", "verify"]) == 1
    assert json.loads(capsys.readouterr().out)["broken"] == 1
    assert run(["doctor"]) == 3
    assert "FAIL  audit trail" in capsys.readouterr().out


@pytest.mark.parametrize("weakness", ["bypassrls", "createrole", "superuser"])
def test_doctor_finds_a_role_that_could_pass_policies(
    daybook: Addresses, weakness: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    role = f"weak_{weakness}"
    with psycopg.connect(daybook.owner, autocommit=True) as owner:
        owner.execute(f"create role {role} login {weakness}")
        try:
            monkeypatch.setenv("DAYBOOK_APP_DATABASE_URL", daybook.app.replace("daybook_app", role))
            assert run(["doctor", "--json"]) == 3
        finally:
            owner.execute(f"drop role {role}")
    findings = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [finding] = [one for one in findings if one["question"] == "application role"]
    assert not finding["sound"] and "row policies" in finding["sentence"]


def test_facts_need_no_database_and_name_what_cannot_be_read(tmp_path: Path):
    good, bad = tmp_path / "good.hl7", tmp_path / "bad.hl7"
    good.write_text(MESSAGE.format(control="C1", record="1"))
    bad.write_text("this is no message")
    code = (
        "import sys; from app.cli import run; status = run(sys.argv[1:]);"
        " heavy = {'psycopg', 'sqlalchemy', 'polars', 'litestar', 'pydantic'} & set(sys.modules);"
        " assert not heavy, heavy; sys.exit(status)"
    )
    command = [sys.executable, "-c", code, "hl7", "facts", str(good), str(bad)]

    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1, done.stderr
    assert lines[0]["facts"]["control_id"] == "C1" and "error" in lines[1]
    assert "bad.hl7" in done.stderr


def test_a_reader_that_leaves_is_no_fault(tmp_path: Path):
    many = tmp_path / "many.hl7"
    many.write_text("".join(MESSAGE.format(control=f"C{number}", record=number) for number in range(3000)))

    done = subprocess.run(
        f"{sys.executable} -m app hl7 facts {many} | head -1; echo ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip

    assert done.stdout.splitlines()[-1] == "0" and done.stderr == ""


def test_a_fault_of_the_program_is_one_line_and_3(tmp_path: Path):
    code = (
        "import sys; from app.cli import messages\n"
        "def fail(*a, **k): raise ValueError('QUIGLEY')\n"
        "messages.facts_lines = fail\n"
        "from app.platform import log; log.install()\n"
        "from app.cli import run; sys.exit(run(['hl7', 'facts', sys.argv[1]]))"
    )
    (tmp_path / "a.hl7").write_text("x")

    command = [sys.executable, "-c", code, str(tmp_path / "a.hl7")]

    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])

    assert done.returncode == 3 and "QUIGLEY" not in done.stderr and "Traceback" not in done.stderr
    assert json.loads(done.stderr)["kind"] == "ValueError"


def test_import_takes_messages_once_and_names_refusals(
    daybook: Addresses, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    add_facility()
    capsys.readouterr()
    file = tmp_path / "day.hl7"
    file.write_text(MESSAGE.format(control="C1", record="1"))

    assert run(["import", "hl7", "--facility", "NORTH", str(file)]) == 0
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert line == {"control_id": "C1", "event": "A01", "ack": "AA", "error": None, "encounter": "V1"}
    assert run(["import", "hl7", "--facility", "NORTH", str(file)]) == 0

    file.write_text(MESSAGE.format(control="C2", record="") + MESSAGE.format(control="C3", record="3"))
    capsys.readouterr()
    assert run(["import", "hl7", "--facility", "NORTH", str(file)]) == 1
    said = capsys.readouterr()
    assert [json.loads(line)["ack"] for line in said.out.splitlines()] == ["AE", "AA"]
    assert "C2" in said.err
    assert run(["import", "hl7", "--facility", "NOWHERE", str(file)]) == 1


def test_export_gives_out_what_was_imported_and_says_to_whom(
    daybook: Addresses, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
):
    add_facility()
    file = tmp_path / "day.hl7"
    file.write_text(MESSAGE.format(control="C1", record="1") + MESSAGE.format(control="C2", record="2"))
    run(["import", "hl7", "--facility", "NORTH", str(file)])
    capsysbinary.readouterr()

    assert run(["export", "census", "--facility", "NORTH"]) == 0
    assert [row["mrn"] for row in json.loads(capsysbinary.readouterr().out)] == ["1", "2"]
    assert run(["export", "encounters", "--facility", "NORTH", "--format", "csv"]) == 0
    assert capsysbinary.readouterr().out.startswith(b"visit,mrn,status")
    assert run(["export", "encounters", "--facility", "NORTH", "--format", "parquet"]) == 0
    assert capsysbinary.readouterr().out.startswith(b"PAR1")
    assert run(["export", "census", "--facility", "NORTH", "--as-of", "2026-03-05T07:59-06:00"]) == 0
    assert json.loads(capsysbinary.readouterr().out) == []
    assert run(["export", "worklist", "--facility", "NORTH", "--list", "inpatient"]) == 0
    assert sorted(row["visit"] for row in json.loads(capsysbinary.readouterr().out)) == ["V1", "V2"]
    assert run(["export", "worklist", "--facility", "NORTH", "--list", "inpatient", "--format", "csv"]) == 0
    assert capsysbinary.readouterr().out.startswith(b'"next_at","due_what","todo_rule","name"')
    assert run(["export", "worklist", "--facility", "NORTH", "--list", "shoes"]) == 2
    assert run(["export", "ledger", "--facility", "NORTH", "--as-of", "2026-03-05T07:59-06:00"]) == 0
    assert isinstance(json.loads(capsysbinary.readouterr().out), list)
    assert run(["export", "ledger", "--facility", "NORTH", "--format", "csv"]) == 0
    assert capsysbinary.readouterr().out.startswith(b"visit,mrn,family,given,day,midnight,unit,class,occupied")
    assert run(["export", "census", "--facility", "NORTH", "--as-of", "noon"]) == 2
    assert run(["export", "census", "--facility", "NOWHERE"]) == 1
    with psycopg.connect(daybook.owner) as owner:
        seen = owner.execute("select kind, cardinality(patients) from phi_access order by id").fetchall()
    lists = [("export", 2), ("export", 2), ("export", 2), ("export", 0), ("export", 2), ("export", 2)]
    assert seen == [*lists, ("export", 0), ("export", 2)]


def test_a_certificate_without_its_key_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    certificate = tmp_path / "certificate.pem"
    certificate.write_text("no certificate")

    assert run(["mllp", "--mllp-certificate", str(certificate)]) == 2
    assert "--mllp-key" in capsys.readouterr().err
    assert run(["mllp", "--mllp-certificate", str(certificate), "--mllp-key", str(certificate)]) == 3
    assert "cannot be used" in capsys.readouterr().err
