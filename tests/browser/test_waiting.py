"""No browser test asserts what happens to stand on a page at one moment: each waits for what it wants (waiting.py)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
READS = {
    "all_inner_texts", "all_text_contents", "bounding_box", "content", "count", "evaluate", "evaluate_all", "focused",
    "get_attribute", "has_ring", "inner_html", "inner_text", "input_value", "is_checked", "is_disabled", "is_enabled",
    "is_hidden", "is_visible", "names", "text_content", "texts", "title", "url",
}  # fmt: skip
PAUSES = {"wait_for_timeout"}


def named(node: ast.AST) -> str:
    """What is called or looked up here."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def read_in(node: ast.AST, names: set[str]) -> set[str]:
    """The plain reads in a piece of a test; what stands in a lambda is read by a helper that waits."""
    if isinstance(node, ast.Lambda):
        return set()
    found = {node.attr} & names & {"url"} if isinstance(node, ast.Attribute) else set()
    if isinstance(node, ast.Call):
        found |= {named(node.func)} & names
    for child in ast.iter_child_nodes(node):
        found |= read_in(child, names)
    return found


def hasty(source: str) -> Iterator[str]:
    """Assertions on a plain read, also by a function of the same file, and pauses of a fixed length."""
    tree = ast.parse(source)
    own = {
        function.name
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        for said in ast.walk(function)
        if isinstance(said, ast.Return) and said.value is not None and read_in(said.value, READS)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and (found := read_in(node.test, READS | own)):
            yield f"line {node.lineno}: asserts {', '.join(sorted(found))} at once"
        if isinstance(node, ast.Call) and named(node.func) in PAUSES:
            yield f"line {node.lineno}: pauses for a fixed time"


def test_no_assertion_reads_at_once() -> None:
    found = {
        path.name: faults
        for path in sorted(HERE.glob("test_*.py"))
        if (faults := list(hasty(path.read_text(encoding="utf-8"))))
    }
    assert found == {}, "use the helpers of tests/browser/waiting.py or expect(...)"


@pytest.mark.parametrize(
    "source",
    [
        "assert names(page) == ['A']",
        "assert page.locator('p').inner_text() == 'A'",
        "assert 'x' in page.url",
        "def order(page):\n    return page.locator('p').all_inner_texts()\nassert order(page) == []",
        "page.wait_for_timeout(300)",
    ],
)
def test_haste_is_seen(source: str) -> None:
    assert list(hasty(source))


@pytest.mark.parametrize("source", ["shows(page, ['A'])", "becomes(page, lambda: names(page), [])", "assert box.width"])
def test_patience_is_let_be(source: str) -> None:
    assert list(hasty(source)) == []
