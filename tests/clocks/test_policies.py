"""Terms of a house and of contracts: from a day on, tried before they are saved, never rewritten, never for law."""

import html
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from app.clocks import commands
from app.clocks.registry import RULES
from app.clocks.settings.policies import (
    OLD_TERM,
    SetTerm,
    draft,
    end_term,
    set_term,
    settings,
    take_back_term,
    terms,
    with_draft,
)
from app.clocks.settings.preview import Change, preview
from app.clocks.upkeep.sweeping import sweep
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.regulations import Confidence, history
from tests.support.client import Browser
from tests.support.feed import Telling
from tests.support.world import NOW, World

ME = everywhere("test")
ADMITTED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins BLUEHMO\n"
RULE = "PY-NOTIFY"


@pytest.fixture(autouse=True)
def every_rule_shown() -> Iterator[None]:
    before = commands.shown_rules()
    commands.show(RULES)
    yield
    commands.show(before)


@pytest.fixture
def north(world: World) -> int:
    Telling(world).tell(ADMITTED)
    return world.facility["NORTH"]


def save(facility_id: int, at: datetime = NOW, **values: object) -> object:
    with begin(ME, at=at) as work:
        return set_term(work, facility_id, RULE, SetTerm.model_validate({"begins": "2026-01-01", **values})).id


def standing(facility_id: int) -> list[tuple[str, date, date | None]]:
    with reading(ME) as view:
        return [(one.allowance, one.begins, one.ends) for one in terms(view, facility_id, RULE)]


def due() -> datetime | None:
    with reading(ME) as view:
        found = view.value("select due_at from obligation where rule = %s and ended_at is null", (RULE,))
    assert found is None or isinstance(found, datetime)
    return found


def test_only_what_is_no_law_is_a_setting(north: int):
    assert {history(rule.id)[-1].confidence for rule in settings()} <= {
        Confidence.POLICY,
        Confidence.RECALLED_MEDIUM,
        Confidence.RECALLED_LOW,
    }
    assert "N-IM1" not in {rule.id for rule in settings()}
    with pytest.raises(NotFound), begin(ME) as work:
        set_term(work, north, "N-IM1", SetTerm(allowance="9 hours", begins=date(2026, 1, 1)))


def test_a_term_holds_for_stays_that_start_in_its_days(north: int):
    assert due() == datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
    save(north, allowance="48 hours", begins="2026-03-05")
    sweep(NOW)
    assert due() == datetime(2026, 3, 5, 15, 0, tzinfo=UTC)

    save(north, allowance="72 hours", payer_code="BLUEHMO", begins="2026-03-01")
    sweep(NOW)

    assert due() == datetime(2026, 3, 7, 15, 0, tzinfo=UTC)


def test_a_new_term_cuts_the_one_before_it_and_takes_the_place_of_later_ones(north: int):
    save(north, allowance="24 hours", begins="2026-01-01")
    save(north, at=NOW + timedelta(minutes=1), allowance="36 hours", begins="2026-06-01")
    third = save(north, at=NOW + timedelta(minutes=2), allowance="48 hours", begins="2026-03-01")
    assert standing(north) == [
        ("24 hours", date(2026, 1, 1), date(2026, 2, 28)),
        ("48 hours", date(2026, 3, 1), None),
    ]

    with begin(ME, at=NOW + timedelta(minutes=3)) as work:
        take_back_term(work, third)

    assert standing(north) == [
        ("24 hours", date(2026, 1, 1), date(2026, 5, 31)),
        ("36 hours", date(2026, 6, 1), None),
    ]
    with pytest.raises(Refused, match=OLD_TERM), begin(ME) as work:
        end_term(work, third)


def test_what_is_not_asked_is_owed_by_nobody_until_the_term_is_ended(north: int):
    made = save(north, asked="false")
    sweep(NOW)
    assert due() is None

    with begin(ME, at=NOW) as work:
        end_term(work, made)
    sweep(NOW)

    assert due() == datetime(2026, 3, 5, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"allowance": "soon"}, "allowance"),
        ({"allowance": "24 hours", "begins": "1066-10-14"}, "begins"),
        ({"allowance": "24 hours", "closed_days": "Good Friday"}, "closed_days"),
        ({"begins": "tomorrow"}, "begins"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field(values: dict[str, str], field: str):
    with pytest.raises(ValidationError) as caught:
        SetTerm.model_validate({"begins": "2026-01-01", **values})
    assert [error["loc"][0] for error in caught.value.errors()] == [field]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "allowance"),
        ({"allowance": "4 hours before"}, "allowance"),
        ({"allowance": "24 hours", "ends": "2025-01-01"}, "ends"),
        ({"allowance": "24 hours", "payer_code": "NOBODY"}, "payer_code"),
    ],
)
def test_what_does_not_fit_is_refused_beside_its_field(north: int, values: dict[str, str], field: str):
    with pytest.raises(Refused) as caught:
        save(north, **values)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("values", "change"),
    [
        ({"allowance": "48 hours"}, Change.IN_TIME),  # due by the default at 15:00 UTC, now it is 15:41
        ({"allowance": "6 hours"}, Change.MOVES),
        ({"asked": "false"}, Change.VANISHES),
        ({"allowance": "24 hours"}, None),
    ],
)
def test_the_preview_says_what_a_term_would_change_and_saves_nothing(
    north: int, values: dict[str, str], change: Change | None
):
    ask = SetTerm.model_validate({"begins": "2026-01-01", **values})
    with reading(ME, at=NOW) as view:
        found = preview(view, north, RULE, with_draft(terms(view, north), draft(RULE, ask)))

    assert found.stays == 1
    assert [one.change for one in found.moved] == ([] if change is None else [change])
    assert standing(north) == []


def test_what_was_not_asked_appears_overdue_in_the_preview(north: int):
    save(north, asked="false")
    ask = SetTerm(allowance="24 hours", begins=date(2026, 3, 1))
    with reading(ME, at=NOW) as view:
        found = preview(view, north, RULE, with_draft(terms(view, north), draft(RULE, ask)))

    assert [one.change for one in found.moved] == [Change.OVERDUE]


def test_the_plan_of_extended_stays_is_asked_where_its_first_day_is_set(
    north: int, browser_for: Callable[[str], Browser]
):
    def owed() -> list[tuple[str, datetime]]:
        with reading(ME) as view:
            return view.rows(
                lambda subject, due_at: (subject, due_at),
                "select subject, due_at from obligation where rule = 'UR-EXT' and ended_at is null",
            )

    director = browser_for("dora")
    assert "Not set: nothing is asked" in director.get("/policies/UR-EXT-DAY").text
    sweep(NOW)
    assert owed() == []
    form = {"payer_code": "", "asked": "true", "allowance": "day 20", "begins": "2026-01-01", "ends": "",
            "closed_days": "", "source": "UR plan 7"}  # fmt: skip

    tried = director.post("/policies/UR-EXT-DAY", form | {"deed": "try"})
    assert Change.APPEARS.value in tried.text
    assert director.post("/policies/UR-EXT-DAY", form | {"deed": "save"}).status_code == 303
    sweep(NOW)

    assert owed() == [("2026-03-23", datetime(2026, 3, 31, 4, 59, 59, tzinfo=UTC))]


@pytest.mark.parametrize("allowance", ["0 calendar days before", "1 business day before", "17:00 same day"])
def test_a_deadline_that_runs_back_takes_what_runs_back(north: int, allowance: str):
    with begin(ME, at=NOW) as work:
        made = set_term(work, north, "PY-EXTEND", SetTerm(allowance=allowance, begins=date(2026, 1, 1)))
    assert made.allowance == allowance


@pytest.mark.parametrize("allowance", ["1 business day", "noon next day", "day 3"])
def test_a_deadline_that_runs_back_takes_nothing_that_runs_forward(north: int, allowance: str):
    with pytest.raises(Refused, match="runs back"), begin(ME, at=NOW) as work:
        set_term(work, north, "PY-EXTEND", SetTerm(allowance=allowance, begins=date(2026, 1, 1)))


def test_a_director_tries_a_term_out_and_saves_it(north: int, browser_for: Callable[[str], Browser]):
    director = browser_for("dora")
    assert "The default holds" in director.get("/policies").text
    form = {"payer_code": "", "asked": "true", "allowance": "7 calendar days", "begins": "2026-01-01", "ends": "",
            "closed_days": "2026-11-27", "source": "UR plan 4.2"}  # fmt: skip

    tried = director.post(f"/policies/{RULE}", form | {"deed": "try"})
    assert tried.status_code == 200 and "nothing is saved yet" in tried.text
    assert standing(north) == []
    saved = director.post(f"/policies/{RULE}", form | {"deed": "save"})

    assert saved.status_code == 303
    assert standing(north) == [("7 calendar days", date(2026, 1, 1), None)]
    shown = html.unescape(director.get(f"/policies/{RULE}").text)
    assert "UR plan 4.2" in shown and "27 Nov" in shown and "Dora Quist" in shown
    assert "7 calendar days" in browser_for("lee").get("/policies").text
    with reading(ME) as view:
        made = view.value("select id from policy_rule where ended_at is null")
    assert director.post(f"/policies/terms/{made}/undo", {}).status_code == 303
    assert standing(north) == []
    assert "History" in director.get(f"/policies/{RULE}").text


def test_mistakes_stand_beside_their_fields(north: int, browser_for: Callable[[str], Browser]):
    answer = browser_for("dora").post(f"/policies/{RULE}", {"allowance": "soon", "begins": "2026-01-01"})

    assert answer.status_code == 422
    assert "is no allowance of time" in html.unescape(answer.text) and 'id="f-allowance-e"' in answer.text


def test_who_may_look_may_not_set(north: int, browser_for: Callable[[str], Browser]):
    form = {"allowance": "24 hours", "begins": "2026-01-01"}
    nurse = browser_for("uma")
    assert nurse.get(f"/policies/{RULE}").status_code == 200
    assert "Save this term" not in nurse.get(f"/policies/{RULE}").text
    assert nurse.post(f"/policies/{RULE}", form).status_code == 403
    assert browser_for("dana").get("/policies").status_code == 403
    assert browser_for("dora").get("/policies/N-IM1").status_code == 404
