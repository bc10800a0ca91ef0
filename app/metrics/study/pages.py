"""`/measures`: all of them; `/measures/{measure}`: one with its definition and charts; `.../cases`: whom it counts."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Response

from app.clocks.settings.line_pages import place_of
from app.kernel.days import local_day
from app.kernel.refusal import NotFound
from app.metrics.definitions import DEFINITIONS
from app.metrics.store import listing as stored
from app.metrics.store.queries import figures
from app.metrics.study import charting, families, listing, quality, showing
from app.metrics.study.asked import known, study
from app.metrics.study.asking import AskMeasure, Choice, Span, chosen, named
from app.metrics.study.wording import interval_text, of_text, period_text
from app.metrics.terms import Kind, MeasureId
from app.platform.work import Reading, reading
from app.security.permissions import Permission
from app.security.viewer import Place, Viewer
from app.web.forms import FormFields, read_form
from app.web.render import NO_PHI, page, the_viewer

Asked = Request[Any, Any, Any]
SEE = Permission.MEASURE_SEE
NAMES = Permission.AVOIDABLE_DAY_STUDY
"""Figures of single physicians are shown to whom avoidable days of single physicians are shown."""


class Asking:
    """What an address asks of a measure, on the day of asking."""

    def __init__(self, request: Asked, db: Reading, name: str) -> None:
        measure = known(name)
        if measure is None:
            raise NotFound("There is no measure of this name.")
        self.viewer: Viewer = the_viewer(request)
        self.place: Place = place_of(self.viewer, SEE)
        self.today: date = local_day(db.now, ZoneInfo(self.place.timezone))
        self.measure: MeasureId = measure
        given = FormFields(list(request.query_params.multi_items()))
        ask, self.form = read_form(AskMeasure, given)
        ask = ask or AskMeasure()
        own = next((one for one in self.places if one.code == ask.facility), self.place)
        self.choice: Choice
        self.choice, wrong = chosen(measure, ask, self.today, (own.code, own.id))
        if wrong:
            self.form.errors["first"] = wrong
        self.form.id = "q"
        self.page: int = ask.page

    @property
    def places(self) -> list[Place]:
        """The facilities whose measures the reader may see."""
        mine = self.viewer.facilities_with(SEE)
        return [one for one in self.viewer.places if one.id in mine]

    @property
    def status(self) -> int:
        """422 where something of the address was not understood."""
        return 422 if self.form.errors else 200

    @property
    def typed(self) -> dict[str, str]:
        """The days as they were typed, where they could not be understood or shown; else nothing."""
        days = ("first", "last", "other_first", "other_last")
        return {name: self.form.given.get(name, "") for name in days} if self.form.errors else {}

    @property
    def scope(self) -> str:
        """Whose figures these are, in words."""
        names = [one.name for one in self.places if one.code == self.choice.facility]
        return names[0] if names else "all hospitals"


@get("/measures", permission=SEE, sync_to_thread=True)
def show_measures(request: Asked) -> Response[bytes]:
    """Every measure with its figure of twelve months; no patient is named."""
    place = place_of(the_viewer(request), SEE)
    with reading(the_viewer(request), still=True) as db:
        today = local_day(db.now, ZoneInfo(place.timezone))
        period = named(Span.YEAR, today)
        shown = families.cards(db, place.id, period)
    return page(
        request, "metrics/study/measures.html", discloses=NO_PHI, title="Measures", facility=place.name,
        period=period_text(period, today), families=shown,
    )  # fmt: skip


@get("/measures/{measure:str}", permission=SEE, sync_to_thread=True)
def show_measure(request: Asked, measure: FromPath[str]) -> Response[bytes]:
    """One measure: figure, definition, tables, charts; no patient is named."""
    with reading(the_viewer(request), still=True) as db:
        asked = Asking(request, db, measure)
        found = study(db, asked.choice, several=len(asked.places) > 1)
    one, names = found.definition, asked.viewer.may(NAMES)
    codes = [(place.code, place.name) for place in asked.places]
    finding = showing.finding(found)
    return page(
        request, "metrics/study/measure.html", discloses=NO_PHI, title=finding, status=asked.status, form=asked.form,
        heading=finding, scope=asked.scope, period=period_text(asked.choice.period, asked.today),
        interval=interval_text(one, found.whole), of=of_text(one, found.whole), figures=showing.figures(found),
        cautions=showing.cautions(found, asked.today), definition=showing.definition_rows(found),
        choices=showing.filters(found, codes, asked.today) | asked.typed,
        comparison=showing.comparison(found, asked.today),
        tables=showing.split_tables(found, names=names, places=codes), months=showing.months_table(found),
        trend=showing.trend(found, asked.today), funnel=showing.funnel(found, names=names),
        spread=charting.values(one, found.values), exclusions=showing.exclusions(found),
        quality=quality.facts(found), mark=quality.mark(found), cases=asked.choice.cases(),
        files=listing.files(asked.choice, "/figures"),
    )  # fmt: skip


@get("/measures/{measure:str}/cases", permission=SEE, sync_to_thread=True)
def show_cases(request: Asked, measure: FromPath[str]) -> Response[bytes]:
    """The cases behind one figure, each with the way to its stay."""
    with reading(the_viewer(request), still=True) as db:
        asked = Asking(request, db, measure)
        choice = asked.choice
        which = stored.Which(choice.where, choice.among, choice.reason)
        found = stored.cases(db, asked.measure, choice.period, which, asked.page)
        whole = figures(db, asked.measure, choice.period, where=choice.where)[0]
    one = DEFINITIONS[asked.measure]
    reasons = dict(one.exclusions)
    heading = listing.heading(choice, one, reasons)
    return page(
        request, "metrics/study/cases.html", discloses=list({case.patient_id for case in found.rows}) or NO_PHI,
        title=heading, status=asked.status, heading=heading, scope=asked.scope,
        period=period_text(choice.period, asked.today), narrowed=_narrowed(choice), tabs=listing.tabs(choice, one),
        rows=listing.rows(found, one, reasons, asked.today), total=f"{found.total:,}", hidden=found.hidden,
        together=listing.together(choice, one, whole),
        pager=listing.pager(choice, found), pages=found.pages, back=choice.address(),
        vendors="vendor" in one.dimensions, share=one.kind is Kind.SHARE,
        files=listing.files(choice, "/cases") if asked.viewer.may(Permission.LIST_EXPORT) else [],
    )  # fmt: skip


def _narrowed(choice: Choice) -> str:
    return ", ".join(
        f"{showing.LABELS[name].lower()} {member or 'not known'}" for name, member in choice.where.of_cases().items()
    )


ROUTES = [show_measures, show_measure, show_cases]
