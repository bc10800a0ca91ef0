"""The room in which paper is set: a template and data in, a tagged PDF (PDF/UA-1) out.

A template is typst, named like those of pages (`feature/x.typ`). It begins where `pdf/house.typ` ends, which gives it
`data`, the page with its foot, and the type. Data arrives as JSON and stays text, whatever it holds. The room has no
window: it reads the fonts of its own folder, no other file and nothing from a network.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from app.web.render import APP

FONTS = Path(__file__).parent / "fonts"
MISSING = "\N{REPLACEMENT CHARACTER}"
_UNDRAWN = "could not be displayed"
_LATIN_ENDS = 0x24F


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """The document. `data` needs a `title` and a `mark` (who took it out, when), which stands at the foot of each page.

    A character that no font has is drawn as � and the template finds `missing` true: the law of accessible paper
    forbids holes.
    """
    text = f"{_source('web/pdf/house.typ')}\n{_source(template)}"
    given = {**data, "missing": False}
    try:
        return _set(text, given)
    except typst.TypstError as error:
        if _UNDRAWN not in str(error):
            raise
    drawable = _with_drawn_characters_only(given)
    return _set(text, {**drawable, "missing": True})


def _source(template: str) -> str:
    feature, _, rest = template.partition("/")
    return (APP / feature / "templates" / rest).read_text()


def _set(text: str, data: Mapping[str, Any]) -> bytes:
    # The library's own types want text, template and root to be of one type.
    made: bytes = typst.compile(  # type: ignore[call-overload]
        text.encode(),
        root=FONTS,
        font_paths=_fonts(),
        package_path=FONTS,
        package_cache_path=FONTS,
        format="pdf",
        pdf_standards=["ua-1"],
        sys_inputs={"data": json.dumps(data)},
    )
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Ours, and those that the library brings for letters that Inter lacks; never the machine's."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS])


def _with_drawn_characters_only(value: Any) -> Any:
    match value:
        case str():
            return "".join(one if _plain(one) or _drawn(one) else MISSING for one in value)
        case Mapping():
            return {name: _with_drawn_characters_only(one) for name, one in value.items()}
        case list() | tuple():
            return [_with_drawn_characters_only(one) for one in value]
    return value


def _plain(character: str) -> bool:
    """A Latin letter or sign, which Inter has: not worth asking."""
    return ord(character) <= _LATIN_ENDS and (unicodedata.category(character) != "Cc" or character in "\n\t")


@lru_cache(maxsize=20_000)
def _drawn(character: str) -> bool:
    """Whether one of the fonts has it: asked by setting it alone, about 3 ms, once in a process."""
    try:
        _set('#set document(title: "x")\n#set text(font: "Inter")\n#json(bytes(sys.inputs.data)).x', {"x": character})
    except typst.TypstError:
        return False
    return True


def templates() -> Iterator[Path]:
    """All templates of paper, for the tests that look at every one."""
    yield from sorted(APP.rglob("*.typ"))
