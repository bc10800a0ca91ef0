"""The running program as an operator meets it: figures over several processes, lines in the log, a backup meanwhile."""

import json
import os
import re
from pathlib import Path

import httpx
import psutil

from app.platform.metrics.meters import MEMORY
from tests.cli.test_serving import MESSAGE, Home, home, send, soon

__all__ = ["home"]


def figure(port: int, name: str) -> float:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else -1.0


def counters_of(home: Home, pid: int) -> Path:
    """Where a running program keeps its counters: in memory, or in its home where a system has no such place."""
    in_memory = MEMORY / f"daybook-{os.getuid()}" / str(pid)
    return in_memory if in_memory.exists() else home.folder / "metrics" / str(pid)


def test_figures_are_those_of_all_processes_and_outlive_one(home: Home):
    signed = 'daybook_requests_total{method="GET",route="/sign-in",status="200"}'
    home.command("facility", "add", "NORTH", "--name", "North", "--timezone", "America/Chicago", "--kind", "acute")
    assert home.command("user", "add", "rita", "--role", "case_manager", "--facility", "NORTH").returncode == 0
    with home.running("serve", "--workers", "2") as serving:
        assert soon(lambda: serving.get("/readyz") == 200), serving.said
        for _page in range(12):
            assert httpx.get(f"http://127.0.0.1:{home.port}/sign-in", timeout=30).status_code == 200
        assert b"MSA|AA|C1" in send(home.mllp_port, MESSAGE)
        assert {figure(home.port, signed) for _asked in range(6)} == {12.0}
        assert soon(lambda: figure(home.port, "daybook_messages_applied_total") == 1)
        assert figure(home.port, 'daybook_memory_bytes{part="mllp"}') > 10_000_000

        counters = counters_of(home, serving.process.pid)
        web = [path for path in counters.glob("part_*") if path.read_text() == "web"]
        psutil.Process(int(web[0].name.removeprefix("part_"))).kill()
        assert soon(lambda: len(serving.parts()) == 4 and serving.get("/readyz") == 200)
        assert figure(home.port, signed) == 12.0

        key = home.folder / "key"
        assert home.command("backup", "--new-key", str(key)).returncode == 0
        kept = home.command("backup", str(home.folder / "kept"), "--key", str(key))
        assert kept.returncode == 0, kept.stderr
        refused = home.command("restore", str(home.folder / "kept"), "--key", str(key), "--replace")
        assert refused.returncode == 1 and "Stop Daybook" in refused.stderr
        serving.stop()
        lines = [json.loads(line) for line in serving.said.splitlines() if line.startswith("{")]

    assert {line["route"] for line in lines if line["message"] == "request"} == {"/sign-in"}
    assert "TESTER" not in serving.said and not counters.exists()
    assert home.command("restore", str(home.folder / "kept"), "--key", str(key), "--replace").returncode == 0
    assert home.command("doctor", "--deep", "--ledger").returncode == 0
