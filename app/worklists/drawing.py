"""Rows as they are sent. A row that says what it said before is not drawn again: most of a list is the list before.

What is kept is found by all that a row shows, so nothing ever needs to be taken back: a clock that has moved on, or an
owner who is "Me" to this reader, is another row.
"""

from collections.abc import Sequence

import msgspec

from app.web.render import render

MOST = 4000
"""Rows kept by a process, about 2.5 KB each. Beyond it all are forgotten, and the next pages draw theirs anew."""

_kept: dict[tuple[str, str, bytes], bytes] = {}
_shown = msgspec.msgpack.Encoder().encode


def draw(template: str, look: str, rows: Sequence[msgspec.Struct], stay_query: str = "") -> bytes:
    """The closed rows of a list, one after the other; `look` is the address that opens one, without its number.

    `stay_query` is what links to stays carry, the earlier instant; `look` carries it too and tells such rows apart.
    """
    keys = [(template, look, _shown(row)) for row in rows]
    drawn = [_kept.get(key) for key in keys]
    missing = [place for place, one in enumerate(drawn) if one is None]
    if missing:
        fresh = _draw(template, look, [rows[place] for place in missing], stay_query)
        if len(_kept) + len(fresh) > MOST:
            _kept.clear()
        for place, one in zip(missing, fresh, strict=True):
            drawn[place] = _kept[keys[place]] = one
    return b"".join(one for one in drawn if one is not None)


def forget() -> None:
    """Draw every row anew from now on, for measurements and tests."""
    _kept.clear()


def _draw(template: str, look: str, rows: Sequence[msgspec.Struct], stay_query: str) -> list[bytes]:
    """Together, because entering a template costs as much as a row; no text of a row can hold an opening bracket."""
    text = render("worklists/_drawn.html", row_template=template, rows=rows, opened="", look=look,
                  stay_query=stay_query)  # fmt: skip
    return [f"<tbody {row}".encode() for row in text.split("<tbody ")[1:]]
