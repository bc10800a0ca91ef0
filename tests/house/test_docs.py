"""What the documents name exists, and the checker notices what does not; the site is built from them."""

from pathlib import Path

import click
import html5lib
import pytest

from app.cli import daybook
from tests.house.sources import ROOT
from tools.doc_checks import Document, House, slug
from tools.docs import build, house, place_of


@click.group()
def command() -> None:
    """A command to check against."""


@command.command("import")
@click.option("--facility")
def import_command(facility: str) -> None:
    """A command below it."""


def checked(root: Path, text: str, name: str = "docs/page.md") -> list[str]:
    (root / "docs").mkdir(exist_ok=True)
    (root / "docs/there.md").write_text("# Some heading\n", "utf-8")
    (root / "tests").mkdir(exist_ok=True)
    (root / "tests/test_one.py").write_text("def test_it():\n    pass\n", "utf-8")
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text(text, "utf-8")
    return House(
        root=root,
        command=command,
        routes=("/rounds/{unit:str}", "/worklists/{name:str}"),
        lists=frozenset({"inpatient"}),
        targets=frozenset({"run"}),
        variables=frozenset({"DAYBOOK_HOME"}),
        documents={
            name: Document(name, text),
            "docs/there.md": Document("docs/there.md", "# Some heading\n"),
        },
    ).faults()


def test_everything_that_the_documents_name_exists() -> None:
    assert house(ROOT).faults() == []


@pytest.mark.parametrize(
    "text",
    [
        "[there](there.md#some-heading) and [here](#own)\n\n## Own",
        "`/rounds/3W`, `/rounds/{unit}`, `/worklists/inpatient?flag=long`",
        "`daybook import --facility X FILE`",
        "    create role daybook login password 'x';",
        "`make run` with `DAYBOOK_HOME`",
        "`tests/test_one.py::test_it` and `tests/*.py`",
        "[elsewhere](https://example.org/page)",
    ],
)
def test_what_exists_is_no_fault(tmp_path: Path, text: str) -> None:
    assert checked(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("first\n[gone](gone.md)", "docs/page.md:2: the link gone.md leads to no file"),
        ("[no heading](there.md#other)", "docs/page.md:1: the link there.md#other leads to no heading"),
        ("[plain](http://example.org)", "docs/page.md:1: the link http://example.org is not https"),
        ("one\ntwo `/nowhere`", "docs/page.md:2: no page has the address /nowhere"),
        ("`/worklists/nobodys`", "docs/page.md:1: no page has the address /worklists/nobodys"),
        ("| a |\n|---|\n| `daybook fly` |", "docs/page.md:3: `daybook` has no command fly"),
        ("```\n\ndaybook import --wing\n```", "docs/page.md:3: `daybook import` has no option --wing"),
        ("    A=1 .venv/bin/daybook import && daybook walk", "docs/page.md:1: `daybook` has no command walk"),
        ("`make tea`", "docs/page.md:1: make has no target tea"),
        ("`DAYBOOK_TEA`", "docs/page.md:1: no setting is called DAYBOOK_TEA"),
        ("`tests/test_two.py`", "docs/page.md:1: no file is called tests/test_two.py"),
        ("`tests/test_one.py::test_other`", "docs/page.md:1: tests/test_one.py has no test test_other"),
    ],
)
def test_what_does_not_exist_is_told_with_file_and_line(tmp_path: Path, text: str, fault: str) -> None:
    assert checked(tmp_path, text) == [fault]


ASKED = (
    "(a)(1) access control",
    "(a)(2)(i) unique user",
    "(a)(2)(ii) emergency access",
    "(a)(2)(iii) automatic logoff",
    "(a)(2)(iv) encryption at rest",
    "(b) audit controls",
    "(c)(1) integrity",
    "(c)(2) authentic data",
    "(d) person authentication",
    "(e)(1) transmission",
    "(e)(2)(i) integrity in transit",
    "(e)(2)(ii) encryption in transit",
    "164.308(a)(1)(ii)(A) risk analysis",
    "164.308(a)(1)(ii)(D) activity review",
    "164.308(a)(3)(ii)(C) termination",
    "164.308(a)(7) contingency",
    "164.308(b), 164.314(a) business associates",
    "164.316(b)(2)(i) retention of six years",
)
"""What 45 CFR 164.312 names, and what of 164.308, 164.314 and 164.316 concerns a program."""


@pytest.mark.parametrize("asked", ASKED)
def test_each_safeguard_has_its_code_and_its_test(asked: str) -> None:
    lines = (ROOT / "docs/security.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith(f"| {asked} |")]
    assert len(rows) == 1
    _, how, code, test, _ = rows[0].strip("|").split("|")
    assert how.strip() and test.strip().startswith("`tests/")
    assert code.strip().startswith(("`app/", "`migrations/", "`docs/"))


STABLE = (
    *("import hl7", "import fhir", "import census", "import providers", "import drg", "import value-sets"),
    *("export census", "export encounters", "export worklist", "export ledger", "export obligations"),
    *("hl7 facts", "replay", "clocks", "measure readmissions", "measure los", "bench", "demo", "serve", "worker"),
    *("mllp", "migrate", "doctor", "backup", "restore", "audit verify", "user add", "facility add"),
)
"""Commands that other programs rely on: a name may be added and none taken away."""


@pytest.mark.parametrize("words", STABLE)
def test_a_command_that_others_rely_on_is_there_and_in_the_guide(words: str) -> None:
    found: click.Command = daybook
    for word in words.split():
        assert isinstance(found, click.Group)
        step = found.get_command(click.Context(found), word)
        assert step is not None, f"`daybook {words}` is gone"
        found = step
    assert f"`daybook {words}" in (ROOT / "docs/guides/integrator.md").read_text("utf-8")


def test_every_guide_has_a_picture() -> None:
    for guide in sorted((ROOT / "docs/guides").glob("*.md")):
        assert "](../screenshots/" in guide.read_text("utf-8"), guide.name


def test_decisions_are_numbered_without_gap_or_double() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_decisions_tell_of_their_day_but_their_links_must_lead_somewhere(tmp_path: Path) -> None:
    assert checked(tmp_path, "`/nowhere` [gone](gone.md)", "docs/decisions/0001-old.md") == [
        "docs/decisions/0001-old.md:1: the link gone.md leads to no file"
    ]


def test_repeated_headings_get_numbers_and_marks_fall_away() -> None:
    assert Document("a.md", "# My day, `x`\n# My day, x\n").anchors == ["my-day-x", "my-day-x-1"]
    assert slug("Back-up: what, when?") == "back-up-what-when"


def test_every_link_of_the_built_site_leads_to_a_file_in_it(tmp_path: Path) -> None:
    pages = build(ROOT, tmp_path)
    assert "index.html" in pages and "docs/index.html" in pages and place_of("GLOSSARY.md") in pages
    for page in tmp_path.rglob("*.html"):
        tree = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False).parse(page.read_text("utf-8"))
        ids = {one.get("id") for one in tree.iter() if one.get("id")}
        for one in (*tree.iter("a"), *tree.iter("img"), *tree.iter("link")):
            address = one.get("href") or one.get("src") or ""
            path, _, anchor = address.partition("#")
            if "://" not in address:
                assert not path or (page.parent / path).is_file(), f"{page.relative_to(tmp_path)}: {address}"
                assert path or anchor in ids, f"{page.relative_to(tmp_path)}: {address}"
