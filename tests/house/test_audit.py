"""The comparison of pinned versions with published weaknesses, against a service of our own on this machine."""

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.audit import Acceptance, Comparison, Weakness, accepted, main, report

TODAY = date(2026, 3, 5)
WEAK = Weakness("leaky", "1.0", "PYSEC-1", ("CVE-1",), ("1.1",))
ADVISORY = {
    "id": "PYSEC-1", "aliases": ["CVE-1"], "summary": "it leaks", "published": "2026-01-01T00:00:00Z",
    "affected": [{"package": {"name": "leaky", "ecosystem": "PyPI"},
                  "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}]}],
}  # fmt: skip


class Advisories(BaseHTTPRequestHandler):
    """Knows one weakness, has no word on anything named `silent`, and nothing on the rest."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name = asked["package"]["name"]
        body = json.dumps({"vulns": [ADVISORY]} if name == "leaky" else {}).encode()
        self.send_response(503 if name == "silent" else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Advisories)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/query"
    server.shutdown()
    server.server_close()


def pinned(folder: Path, *names: str) -> str:
    path = folder / "pins.txt"
    path.write_text("".join(f"{name}==1.0 --hash=sha256:{'0' * 64}\n" for name in names))
    return str(path)


def test_a_known_weakness_fails_with_its_names_and_the_repaired_version(
    service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([pinned(tmp_path, "leaky", "sound"), "--osv-url", service]) == 1
    assert "leaky 1.0: PYSEC-1, CVE-1; repaired in 1.1" in capsys.readouterr().err


def test_nothing_known_passes_and_says_how_many_were_compared(
    service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([pinned(tmp_path, "sound", "firm"), "--osv-url", service, "--strict"]) == 0
    assert capsys.readouterr().out.startswith("2 pinned versions compared")


def test_a_service_that_does_not_answer_is_a_warning_and_with_strict_a_failure(
    service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [pinned(tmp_path, "silent"), "--osv-url", service]
    assert main(asked) == 0
    assert "were not compared" in capsys.readouterr().out
    assert main([*asked, "--strict"]) == 3


def test_a_version_that_the_service_skipped_is_not_called_sound() -> None:
    found = Comparison()
    found.take(json.dumps({"dependencies": [{"name": "unknown", "skip_reason": "not found"}]}), "app.txt")

    text, status = report(found, [], TODAY, strict=False)

    assert status == 0 and "not compared" in text and "unknown" in text
    assert report(found, [], TODAY, strict=True)[1] == 3


@pytest.mark.parametrize(
    ("until", "status", "said"),
    [(date(2026, 3, 5), 0, "accepted for now"), (date(2026, 3, 4), 1, "that is over")],
)
def test_an_acceptance_counts_until_its_last_day(until: date, status: int, said: str) -> None:
    text, found = report(
        Comparison(compared=1, known={WEAK}), [Acceptance("leaky", "CVE-1", "not reached", until)], TODAY, strict=True
    )

    assert (found, said in text) == (status, True)


def test_an_acceptance_without_reason_or_last_day_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text('[[accepted]]\npackage = "leaky"\nid = "CVE-1"\nuntil = 2026-03-05\n')

    assert main(["--accepted", str(path)]) == 2
    assert "reason" in capsys.readouterr().err


def test_acceptances_of_the_repository_are_complete() -> None:
    root = Path(__file__).parents[2]
    assert all(one.reason for one in accepted(root / "requirements" / "accepted.toml"))
