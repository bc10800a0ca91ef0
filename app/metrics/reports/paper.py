"""A report on paper: the words and numbers of its page, with its charts, on sheets that say who took them out."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.kernel.wording import full_text
from app.metrics.reports.content import Content
from app.metrics.reports.showing import CRUDE, months_text, narrowed_text, overview, sections
from app.web.paper.pdf import pdf
from app.web.render import render

TEMPLATE = "metrics/reports/report.typ"
_DRAWN = re.compile(r"<svg class=\"ch\"(.*?)</svg>", re.DOTALL)
_INK = """
text { font: 500 11px Inter; fill: #555 } .tx { fill: #111; font-weight: 600 } .end { text-anchor: end }
.mid { text-anchor: middle } .gl { stroke: #ddd } .ax { stroke: #777 }
.ln { fill: none; stroke: #111; stroke-width: 1.6 }
.ln.soon { stroke-dasharray: 4 3 } .pt.soon { stroke-dasharray: 2 1.5 } .hatch { stroke: #ddd; stroke-width: 3 }
.cl { fill: none; stroke: #17694b; stroke-width: 1.4 } .lim { fill: none; stroke: #a3312b; stroke-width: 1.2;
stroke-dasharray: 5 4 } .pt { fill: #fff; stroke: #111; stroke-width: 1.6 } .pt.sig { fill: #a3312b; stroke: #a3312b }
.note { stroke: #6a4a9c; stroke-dasharray: 3 3 } .t-violet { fill: #6a4a9c }
.t-green { fill: #17694b; font-weight: 600 }
"""
"""The inks of paper: those of the printed page, which the library that sets paper reads from the drawing itself."""


@dataclass(frozen=True, slots=True)
class Printed:
    """Who took a report out of the house, and when."""

    by: str
    at: datetime


def report_pdf(found: Content, printed: Printed) -> bytes:
    """The report as a PDF. It has figures and no patient."""
    return pdf(TEMPLATE, paper(found, printed))


def paper(found: Content, printed: Printed) -> dict[str, Any]:
    """What the template of the report reads."""
    zone = ZoneInfo(found.place.timezone)
    at = full_text(printed.at, zone)
    every = sections(found)
    return {
        "title": found.report.name,
        "landscape": False,
        "facility": found.place.name,
        "period": months_text(found.period),
        "beside": months_text(found.beside) if found.beside else "",
        "narrowed": narrowed_text(found.report),
        "mark": f"Taken out by {printed.by} · {found.place.name} · {at} · Figures without patients",
        "watermark": f"{printed.by} · {at}",
        "crude": CRUDE,
        "rows": overview(found),
        "sections": [_section(one) for one in every if not one["empty"]],
        "empty": [{"name": one["name"], "definition": one["definition"]} for one in every if one["empty"]],
    }


def _section(one: dict[str, Any]) -> dict[str, Any]:
    drawing = one["trend"]["drawing"]
    return {
        **{name: one[name] for name in (
            "name", "title", "of", "interval", "provisional", "cautions", "definition", "left_out", "counts", "quality",
            "balancing", "compared",
        )},
        "finding": one["trend"]["finding"], "few": one["trend"]["few"], "grain": one["trend"]["grain"],
        "chart": drawn(drawing) if drawing is not None else "", "described": drawing.desc if drawing else "",
        "months": one["months"], "units": one["units"],
    }  # fmt: skip


def drawn(drawing: Any) -> str:
    """The chart of the page as a picture that stands alone."""
    found = _DRAWN.search(render("metrics/reports/drawn.html", chart=drawing))
    assert found is not None, "the macro of a chart draws one"
    return f'<svg xmlns="http://www.w3.org/2000/svg" class="ch"{_opened(found.group(1))}</svg>'


def _opened(inside: str) -> str:
    head, _, rest = inside.partition(">")
    return f"{head}><style>{_INK}</style>{rest}"
