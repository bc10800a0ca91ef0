"""`/avoidable-days`: Pareto and trend of a facility; `/avoidable-days/list`: what a figure counts; files."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.params import FromQuery
from litestar.response import Response

from app.avoidable_days.reports import files, listing, showing
from app.avoidable_days.reports.actions.queries import marks
from app.avoidable_days.reports.asking import PAGE, AskReport, Choice, Figure, chosen
from app.avoidable_days.reports.queries import Study, study
from app.clocks.settings.line_pages import place_of
from app.kernel.days import local_day
from app.platform.work import Reading, reading
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.forms import FormFields, FormState, read_form
from app.web.paper.csv_files import plain
from app.web.paper.taking_out import taken_out
from app.web.render import NO_PHI, page, the_viewer

Asked = Request[Any, Any, Any]
STUDY = Permission.AVOIDABLE_DAY_STUDY


class Asking:
    """What an address asks of the facility that is worked in, on the day of asking."""

    def __init__(self, request: Asked, db: Reading) -> None:
        self.place: Place = place_of(the_viewer(request), STUDY)
        self.today: date = local_day(db.now, ZoneInfo(self.place.timezone))
        ask, self.form = read_form(AskReport, FormFields(list(request.query_params.multi_items())))
        self.ask = ask or AskReport()
        self.choice, wrong = chosen(self.ask, self.today)
        if wrong:
            self.form.errors["first"] = wrong

    @property
    def status(self) -> int:
        """422 where something of the address was not understood."""
        return 422 if self.form.errors else 200

    def study(self, db: Reading) -> Study:
        """The frames of the choice."""
        return study(db, self.place.id, self.choice)


@get(PAGE, permission=STUDY, sync_to_thread=True)
def show_overview(request: Asked) -> Response[bytes]:
    """Figures, Pareto and trend of a choice; no patient is named."""
    with reading(the_viewer(request)) as db:
        asked = Asking(request, db)
        found = asked.study(db)
        done = marks(db, asked.place.id, asked.choice.code)
    return page(
        request, "avoidable_days/reports/overview.html", discloses=NO_PHI, title="Avoidable days",
        status=asked.status, facility=asked.place.name, links=showing.links(PAGE),
        **_overview(found, done, asked.today), form=_shown(asked.form),
    )  # fmt: skip


def _overview(found: Study, done: list[tuple[date, str]], today: date) -> dict[str, Any]:
    return {
        "period": showing.period_text(found.choice, today), "tiles": showing.tiles(found, today),
        "phases": showing.phases(found, today), "pareto": showing.pareto_card(found),
        "trend": showing.trend_card(found, done, today), "choices": showing.filters(found),
        "caveat": showing.caveat(found), "csv": found.choice.address(f"{PAGE}/figures.csv"),
        "xlsx": found.choice.address(f"{PAGE}/figures.xlsx"), "by": found.choice.by.label,
        "phase_label": found.choice.phase.label.lower(), "all_reasons": found.choice.address(code=""),
        "contributing": {"count": found.figure(Figure.CONTRIBUTING).height,
                         "href": found.choice.list_of(Figure.CONTRIBUTING)},
    }  # fmt: skip


def _shown(form: FormState) -> FormState:
    form.id = "q"
    return form


@get(f"{PAGE}/list", permission=STUDY, sync_to_thread=True)
def show_list(request: Asked, part: FromQuery[int] = 1) -> Response[bytes]:
    """What one figure counts, each with the way to its stay."""
    number = max(1, part)
    with reading(the_viewer(request)) as db:
        asked = Asking(request, db)
        found = asked.study(db)
        shown = listing.listed(db, found, asked.ask, (number, asked.today))
    figure = asked.ask.figure or Figure.DAYS
    heading = listing.heading(asked.ask, found)
    return page(
        request, "avoidable_days/reports/list.html", discloses=shown.patients or NO_PHI, title=heading,
        status=asked.status, heading=heading, shown=shown, tabs=listing.tabs(found, figure),
        period=showing.period_text(asked.choice, asked.today), back=asked.choice.address(),
        entries=figure is Figure.DAYS, phase=_phase(figure, asked.choice), pager=_pager(asked, shown, number),
    )  # fmt: skip


def _phase(figure: Figure, choice: Choice) -> str:
    counted = (Figure.DAYS, Figure.CONTRIBUTING, Figure.DRAFTS)
    return choice.phase.label.lower() if figure in counted else "before and after medically ready"


def _pager(asked: Asking, shown: listing.Listed, number: int) -> dict[str, str]:
    first = (number - 1) * listing.MOST + 1
    ask = asked.ask
    last = first + len(shown.rows) - 1

    def at(there: int) -> str:
        return asked.choice.list_of(
            ask.figure or Figure.DAYS, key=ask.key, since=ask.since, until=ask.until, part=there
        )

    return {
        "from": str(min(first, shown.count)), "to": str(max(last, 0)), "total": str(shown.count),
        "what": "stays" if shown.by_stay else "rows", "previous": at(number - 1) if number > 1 else "",
        "next": at(number + 1) if last < shown.count and shown.rows else "",
    }  # fmt: skip


@get(f"{PAGE}/figures.csv", permission=STUDY, sync_to_thread=True)
def take_csv(request: Asked) -> Response[bytes]:
    """The figures of the page as a file for programs; no patient is in it."""
    return _file(request, "csv")


@get(f"{PAGE}/figures.xlsx", permission=STUDY, sync_to_thread=True)
def take_xlsx(request: Asked) -> Response[bytes]:
    """The same as a workbook."""
    return _file(request, "xlsx")


def _file(request: Asked, form: str) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        asked = Asking(request, db)
        sheets = files.sheets(asked.study(db), asked.place.name)
    by, moment, _ = taken_out(request, f"avoidable-days.{form}", sum(len(one.lines) for one in sheets))
    sheets[0].lines.extend([["exported_by", plain(by)], ["exported_at", moment]])
    body = files.as_csv(sheets) if form == "csv" else files.as_workbook(sheets)
    headers = {
        "Content-Disposition": f'attachment; filename="avoidable-days.{form}"', "Cache-Control": "no-store"
    }  # fmt: skip
    return Response(body, media_type=files.MEDIA[form], headers=headers)


ROUTES = [show_overview, show_list, take_csv, take_xlsx]
