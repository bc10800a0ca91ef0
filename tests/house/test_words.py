"""Every word of the field is defined where it is declared, and the glossary says what the code says."""

import pytest

from tests.house.sources import ROOT, named
from tools.glossary import GLOSSARY, HEAD, Vocabulary, Word, glossary, vocabularies

REASON = '''
class Reason(StrEnum):
    """What kept the patient a day longer
    than care required."""

    PAYER = "payer"  # waiting for a decision
    # a facility was ordered
    # but no bed was accepted
    PLACEMENT = "placement"
    TEST_RESULT = "test"
    """A result was late."""

    WEEKEND = "weekend"

    def label(self) -> str:
        return self.value


class NoEnum:
    PAYER = "payer"
'''


def undefined(found: Vocabulary) -> list[str]:
    """The enum and its members that nobody has defined."""
    missing = [] if found.definition else [found.name]
    return missing + [
        f"{found.name}.{word.name.upper().replace(' ', '_')}" for word in found.words if not word.definition
    ]


def test_every_word_has_a_definition():
    missing = {
        named(path): [name for found in vocabularies(path.read_text("utf-8")) for name in undefined(found)]
        for path in sorted((ROOT / "app").rglob("terms.py"))
    }
    lines = [f"{path}: {', '.join(names)}" for path, names in missing.items() if names]

    assert not lines, f"Say what the word means in a comment at the end of its line: {'; '.join(lines)}"


def test_glossary_is_not_stale():
    assert GLOSSARY.exists(), "GLOSSARY.md is missing: run `make glossary`."
    assert GLOSSARY.read_text("utf-8") == glossary(ROOT), "GLOSSARY.md is stale: run `make glossary`."


def test_glossary_finds_words_and_definitions():
    [reason] = vocabularies(REASON)

    assert reason.definition.startswith("What kept the patient")
    assert reason.words == [
        Word("payer", "payer", "waiting for a decision"),
        Word("placement", "placement", "a facility was ordered but no bed was accepted"),
        Word("test result", "test", "A result was late."),
        Word("weekend", "weekend", ""),
    ]


def test_a_word_without_definition_is_found():
    [reason] = vocabularies(REASON)

    assert undefined(reason) == ["Reason.WEEKEND"]


@pytest.mark.parametrize("name", ["terms.py", "words.py"])
def test_glossary_is_written_from_terms(tmp_path, name: str):
    folder = tmp_path / "app" / "avoidable_days"
    folder.mkdir(parents=True)
    (folder / name).write_text(REASON, encoding="utf-8")

    text = glossary(tmp_path)

    if name == "terms.py":
        assert "## Avoidable days" in text
        assert "| payer | `payer` | waiting for a decision |" in text
    else:
        assert text == HEAD
