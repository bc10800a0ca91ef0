"""Long tests: `make soak` runs them, `make test` does not. Each writes its figures as a table into build/soak/."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
FIGURES = FOLDER.parents[1] / "build" / "soak"
USUAL_MINUTES = 30.0
_written = pytest.StashKey[list[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--minutes", type=float, default=USUAL_MINUTES,
        help="How long all tests of tests/soak may take together, about; each stretches its load by it.",
    )  # fmt: skip


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Only who names this folder gets what is in it."""
    asked = any((config.invocation_params.dir / text.partition("::")[0]).resolve().is_relative_to(FOLDER)
                for text in config.args)  # fmt: skip
    return None if asked or not collection_path.is_relative_to(FOLDER) else True


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker("soak")


@pytest.fixture(scope="session")
def stretch(request: pytest.FixtureRequest) -> float:
    """By how much the run is to be longer than usual: 1.0 for half an hour in all."""
    minutes: float = request.config.getoption("--minutes")
    return minutes / USUAL_MINUTES


class Figures:
    """What a long test measured: rows of a Markdown table, for docs/benchmarks.md."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._columns: Sequence[str] = ()
        self._rows: list[Sequence[object]] = []
        self._notes: list[str] = []

    def columns(self, *names: str) -> None:
        """The head of the table."""
        self._columns = names

    def row(self, *values: object) -> None:
        """One row; floats are shown with two digits."""
        assert len(values) == len(self._columns), "a row has as many values as the table has columns"
        self._rows.append([f"{value:.2f}" if isinstance(value, float) else value for value in values])

    def note(self, sentence: str) -> None:
        """A sentence below the table."""
        self._notes.append(sentence)

    def text(self) -> str:
        """The table, as it goes into a document."""
        lines = [f"### {self._title}", ""]
        if self._rows:
            table = [self._columns, ["---"] * len(self._columns), *self._rows]
            lines += ["| " + " | ".join(str(value) for value in row) + " |" for row in table]
        return "\n".join([*lines, *([""] if self._notes else []), *self._notes]) + "\n"


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[Figures]:
    """Figures of this test, written when it ends, also where it failed: they say how far it came."""
    found = Figures(request.node.name.removeprefix("test_").replace("_", " "))
    yield found
    FIGURES.mkdir(parents=True, exist_ok=True)
    path = FIGURES / f"{request.node.name.removeprefix('test_').replace('[', '-').rstrip(']')}.md"
    path.write_text(found.text())
    request.config.stash.setdefault(_written, []).append(path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for path in config.stash.get(_written, []):
        terminalreporter.write_line("")
        terminalreporter.write_line(path.read_text())
