"""A list on paper: the columns of its page, in a PDF that is marked on every sheet."""

from typing import Any

from app.kernel.refusal import Refused
from app.web.lists import Column
from app.web.paper.pdf import pdf
from app.worklists.out.taking import PROTECTED, Taken, paper_lines

MOST_STAYS_ON_PAPER = 2_000
"""About a hundred sheets. Nobody reads more; a file serves better."""
_WIDTHS = {"": 10, "pt": 7, "pay": 6, "due": 5, "edd": 4, "own": 5, "class": 5, "day": 4}


def pdf_file(taken: Taken) -> bytes:
    """The list as a PDF. Refused for more stays than paper is good for."""
    stays = len(taken.rows) + taken.restricted
    if stays > MOST_STAYS_ON_PAPER:
        raise Refused(
            f"A PDF holds up to {MOST_STAYS_ON_PAPER:,} stays, here are {stays:,}."
            " Narrow the list first, or take it out as XLSX."
        )
    return pdf("worklists/out/list.typ", paper(taken))


def paper(taken: Taken) -> dict[str, Any]:
    """What the template of the list reads."""
    columns = [one for one in taken.built.columns if one.fields]
    spec = taken.built.spec
    protected = [_cell(one, (PROTECTED if _names(one) else "", "")) for one in columns]
    return {
        "title": spec.label,
        "facility": taken.mark.facility,
        "words": taken.words,
        "mark": taken.mark.text,
        "watermark": taken.mark.short,
        "empty": spec.empty,
        "columns": [{"label": one.label, "width": _WIDTHS.get(one.kind, 5)} for one in columns],
        "rows": [[_cell(one, paper_lines(one, row)) for one in columns] for row in taken.rows]
        + [protected] * taken.restricted,
    }


def _names(column: Column) -> bool:
    return "name" in column.paper


def _cell(column: Column, lines: tuple[str, str]) -> dict[str, Any]:
    return {"first": lines[0], "others": lines[1], "strong": _names(column)}
