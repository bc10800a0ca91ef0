"""Writes GLOSSARY.md from the words where they are declared: `make glossary`.

A word is a member of an enum in a `terms.py`; its definition is the comment at the end of its line, or in the lines
above it, or the string below it. The glossary is never edited by hand: a test fails when it is stale.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "GLOSSARY.md"
ENUM_BASES = {"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"}
HEAD = """# Glossary

The words of Daybook as its code declares them, by the part of the hospital's work that they belong to.
Written by `make glossary` from the definitions in `app/**/terms.py`; change them there.
"""


@dataclass(frozen=True, slots=True)
class Word:
    """One member of an enum: how it is spoken, how it is stored, what it means ("" when nobody has said)."""

    name: str
    stored: str
    definition: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One enum: a question that has a few possible answers."""

    name: str
    definition: str
    words: list[Word] = field(default_factory=list)


def vocabularies(source: str) -> Iterator[Vocabulary]:
    """The enums of a module, in their order."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and any(_last_name(base) in ENUM_BASES for base in node.bases):
            yield Vocabulary(node.name, ast.get_docstring(node) or "", list(_words(node, lines)))


def parts(root: Path) -> dict[str, list[Vocabulary]]:
    """All vocabularies by part of the program, parts without any left out."""
    found = {}
    for path in sorted((root / "app").rglob("terms.py")):
        words = list(vocabularies(path.read_text("utf-8")))
        if words:
            found[" / ".join(path.relative_to(root / "app").parent.parts).replace("_", " ").capitalize()] = words
    return found


def glossary(root: Path) -> str:
    """The whole text of GLOSSARY.md."""
    text = [HEAD]
    for part, found in parts(root).items():
        text.append(f"\n## {part}\n")
        for vocabulary in found:
            text.append(f"\n### {vocabulary.name}\n\n{' '.join(vocabulary.definition.split())}\n\n")
            text.append("| word | stored as | meaning |\n|---|---|---|\n")
            text += [f"| {word.name} | `{word.stored}` | {_cell(word.definition)} |\n" for word in vocabulary.words]
    return "".join(text)


def _words(node: ast.ClassDef, lines: list[str]) -> Iterator[Word]:
    for place, statement in enumerate(node.body):
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            member = statement.targets[0].id
            if not member.startswith("_"):
                below = node.body[place + 1] if place + 1 < len(node.body) else None
                definition = _string(below) or _comment(statement, lines)
                yield Word(member.lower().replace("_", " "), _stored(statement.value), definition)


def _comment(statement: ast.Assign, lines: list[str]) -> str:
    """The comment at the end of the member's last line, else the unbroken block of comments above its first."""
    end = lines[(statement.end_lineno or statement.lineno) - 1].encode()[statement.end_col_offset or 0 :].decode()
    if "#" in end:
        return end.partition("#")[2].strip()
    block: list[str] = []
    for line in reversed(lines[: statement.lineno - 1]):
        if not line.strip().startswith("#"):
            break
        block.insert(0, line.strip().removeprefix("#").strip())
    return " ".join(block)


def _string(statement: ast.stmt | None) -> str:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        value = statement.value.value
        return " ".join(value.split()) if isinstance(value, str) else ""
    return ""


def _stored(value: ast.expr) -> str:
    """What the database holds: the value, or the first of several that a member carries."""
    if isinstance(value, ast.Tuple) and value.elts:
        return _stored(value.elts[0])
    return str(value.value) if isinstance(value, ast.Constant) else ast.unparse(value)


def _last_name(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    GLOSSARY.write_text(glossary(ROOT), encoding="utf-8")
