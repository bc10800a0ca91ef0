"""Saved views: kept, renamed, updated, moved, shared, chosen, deleted and brought back; nothing is rewritten."""

import uuid
from collections.abc import Callable
from urllib.parse import parse_qsl

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.worklists.view import PLAIN, Language, Sort, View, days_of, read
from app.worklists.views import commands
from app.worklists.views.commands import RenameView, SaveView
from app.worklists.views.shelf import opened, shelf_of
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stays
from tests.support.world import World

BrowserFor = Callable[..., Browser]
LANGUAGE = Language(("unit", "edd", "owner"), ("unit", "day", "name"), {"edd": {"today", "none"}}, ("edd",))
CODES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
DAYS = st.dates().map(lambda day: day.isoformat())
WINDOWS = st.tuples(DAYS, DAYS).map(lambda pair: "..".join(sorted(pair)))
SORTS = st.lists(
    st.builds(Sort, st.sampled_from(LANGUAGE.sorts), st.booleans()), max_size=3, unique_by=lambda sort: sort.key
)
VIEWS = st.builds(
    View,
    st.just("inpatient"),
    st.fixed_dictionaries(
        {},
        optional={
            "unit": st.lists(CODES, min_size=1, max_size=3, unique=True).map(tuple),
            "edd": st.lists(WINDOWS | st.sampled_from(["today", "none"]), min_size=1, max_size=2, unique=True).map(
                tuple
            ),
        },
    ),
    SORTS.map(tuple),
    saved=st.just("") | st.uuids().map(str),
    as_of=st.sampled_from(["", "2026-11-12T07:00", "2026-11-01T01:30-06:00", "2026-11-01T01:30+10:00"]),
)


@given(VIEWS)
def test_a_view_is_what_its_address_says(view: View) -> None:
    again, said = read("inpatient", parse_qsl(view.query()), LANGUAGE)
    assert (again, said) == (view, [])
    assert read("inpatient", parse_qsl(again.query()), LANGUAGE)[0].address() == again.address()


@given(VIEWS)
def test_forms_without_script_say_the_same_view(view: View) -> None:
    pairs = [(name, value) for name, value in parse_qsl(view.query(), keep_blank_values=True) if name != "sort"]
    windows = [pair for pair in pairs if pair[0] == "edd" and ".." in pair[1]]
    if len(windows) > 1:
        pairs = [pair for pair in pairs if pair not in windows[1:]]
    expected, _ = read("inpatient", [*pairs, ("sort", ",".join(sort.text for sort in view.sorts))], LANGUAGE)
    for name, value in windows[:1]:
        first, _, last = value.partition("..")
        pairs.remove((name, value))
        pairs += [("edd-from", first), ("edd-to", last)]
    pairs += [(f"sort-{place}", sort.text) for place, sort in enumerate(view.sorts, start=1)]
    found, said = read("inpatient", pairs, LANGUAGE)
    assert said == []
    assert found.sorts == expected.sorts
    assert {name: set(values) for name, values in found.filters.items()} == {
        name: set(values) for name, values in expected.filters.items()
    }


@pytest.mark.parametrize("text", ["..", "2026-03-08..2026-03-05", "2026-13-01..", "20260305..", "today", "a..b"])
def test_what_is_no_window_of_days_is_left_out(text: str) -> None:
    assert days_of(text) is None
    _, said = read("inpatient", [("edd", text)], LANGUAGE)
    assert said == ([] if text == "today" else ["The filter edd has no such value; it was left out."])


def test_the_list_without_its_default_is_said_only_where_nothing_else_is() -> None:
    assert View("inpatient", saved=PLAIN).address() == "/worklists/inpatient?view=plain"
    assert View("inpatient", {"unit": ("4W",)}, saved=PLAIN).address() == "/worklists/inpatient?unit=4W"


def keep(world: World, who: str = "dana", name: str = "Fours", kept: str = "unit=4W", title: str = "inpatient"):  # type: ignore[no-untyped-def]
    with begin(acting(world, who)) as work:
        return commands.save_view(work, world.facility["NORTH"], title, SaveView(name=name, kept=kept))


def acting(world: World, who: str):  # type: ignore[no-untyped-def]
    return world.viewer(who).acting(Permission.STAY_LIST)


def shelf(world: World, who: str = "dana", title: str = "inpatient"):  # type: ignore[no-untyped-def]
    viewer = acting(world, who)
    with reading(viewer) as db:
        return shelf_of(db, viewer.place.id, title)


def names(world: World, who: str = "dana") -> list[str]:
    return [one.name for one in shelf(world, who).views]


def test_a_view_is_kept_in_the_order_of_its_making_and_moved(world: World) -> None:
    views = [keep(world, name=name) for name in ("One", "Two", "Three")]
    assert names(world) == ["One", "Two", "Three"]
    with begin(acting(world, "dana")) as work:
        commands.move_view(work, views[2].view_id, up=True)
    assert names(world) == ["One", "Three", "Two"]
    with begin(acting(world, "dana")) as work, pytest.raises(Refused, match="at that end"):
        commands.move_view(work, views[0].view_id, up=True)


def test_two_views_of_one_list_have_two_names(world: World) -> None:
    keep(world, name="Fours")
    with pytest.raises(Refused, match="of this name"):
        keep(world, name="fours")
    keep(world, name="Fours", title="observation")
    keep(world, who="uma", name="Fours")


def test_every_change_ends_a_version_and_can_be_undone(world: World) -> None:
    made = keep(world)
    with begin(acting(world, "dana")) as work:
        first = commands.update_view(work, made.view_id, "unit=ICU")
    with begin(acting(world, "dana")) as work:
        commands.rename_view(work, made.view_id, RenameView(name="Intensive"))
    with begin(acting(world, "dana")) as work:
        commands.end_view(work, made.view_id)
    assert names(world) == []
    with begin(acting(world, "dana")) as work:
        commands.restore_version(work, first.id)
    (back,) = shelf(world).views
    assert (back.id, back.name, back.kept) == (str(made.view_id), "Fours", "unit=4W")
    with psycopg.connect(world.addresses.owner) as owner:
        versions = owner.execute("select name, kept, ended_at is null from saved_view order by made_at, id").fetchall()
    assert versions == [("Fours", "unit=4W", False), ("Fours", "unit=ICU", False), ("Intensive", "unit=ICU", False),
                        ("Fours", "unit=4W", True)]  # fmt: skip


def test_rows_of_views_are_never_rewritten(world: World) -> None:
    keep(world)
    for statement in ("update saved_view set name = 'x'", "delete from saved_view"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), begin(acting(world, "dana")) as work:
            work.connection.execute(statement)


def test_a_view_is_its_owners_until_it_is_shared_and_then_nobody_else_changes_it(world: World) -> None:
    made = keep(world, who="lee")
    assert names(world, "dana") == []
    with begin(acting(world, "lee")) as work:
        commands.share_view(work, made.view_id, shared=True)
    assert names(world, "dana") == ["Fours"]
    assert names(world, "stan") == []
    for deed in (
        lambda work: commands.update_view(work, made.view_id, "unit=ICU"),
        lambda work: commands.rename_view(work, made.view_id, RenameView(name="Mine")),
        lambda work: commands.end_view(work, made.view_id),
        lambda work: commands.restore_version(work, made.id),
    ):
        with begin(acting(world, "dana")) as work, pytest.raises(NotFound):
            deed(work)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), begin(acting(world, "dana")) as work:
        work.connection.execute("update saved_view set ended_at = now()")


def test_who_shares_views_no_more_brings_none_back_as_shared(world: World) -> None:
    made, here = keep(world, who="lee"), world.facility["NORTH"]
    with begin(acting(world, "lee")) as work:
        commands.share_view(work, made.view_id, shared=True)
    with begin(acting(world, "lee")) as work:
        shared = commands.share_view(work, made.view_id, shared=False)

    with begin(acting(world, "lee")) as work:
        assert not commands.restore_version(work, shared.id).shared
    assert names(world, "dana") == []
    with begin(acting(world, "lee")) as work:
        assert commands.restore_version(work, shared.id, [here]).shared
    assert names(world, "dana") == ["Fours"]
    with begin(acting(world, "lee")) as work:
        renamed = commands.rename_view(work, made.view_id, RenameView(name="Other"))
    with begin(acting(world, "lee")) as work:
        assert commands.restore_version(work, renamed.id).shared, "it was shared all the time"


def test_a_shared_view_can_be_hidden_and_taken_as_default(world: World) -> None:
    made = keep(world, who="lee")
    with begin(acting(world, "lee")) as work:
        commands.share_view(work, made.view_id, shared=True)
    with begin(acting(world, "dana")) as work:
        commands.hide_view(work, made.view_id)
    with begin(acting(world, "dana")) as work:
        commands.choose_default(work, world.facility["NORTH"], "inpatient", made.view_id, "")
    assert [one.hidden for one in shelf(world).views] == [True]
    assert [one.hidden for one in shelf(world, "uma").views] == [False]
    assert shelf(world).default("inpatient") == opened("inpatient", "unit=4W", str(made.view_id))
    with begin(acting(world, "lee")) as work:
        commands.update_view(work, made.view_id, "unit=ICU")
    assert shelf(world).default("inpatient").kept() == "unit=ICU"
    with begin(acting(world, "lee")) as work:
        commands.share_view(work, made.view_id, shared=False)
    assert shelf(world).default("inpatient") is None


def test_saving_sharing_and_choosing_work_without_script(world: World, browser_for: BrowserFor) -> None:
    add_stays(world, [StaySpec(family="Four", unit="4W"), StaySpec(family="Care", unit="ICU")])
    dana = browser_for("dana")
    answer = dana.post("/worklists/inpatient/views", {"name": "Fours", "kept": "unit=4W", "default": "yes"})
    where = answer.headers["location"]
    assert answer.status_code == 303 and where.startswith("/worklists/inpatient?unit=4W&view=")
    assert "View <b>Fours</b>" in dana.get(where).text
    bare = dana.get("/worklists/inpatient")
    assert (bare.status_code, bare.headers["location"]) == (303, where)
    changed = dana.get(where.replace("unit=4W", "unit=ICU")).text
    assert "changed since" in changed and "Update the view" in changed
    plain = dana.get("/worklists/inpatient?view=plain").text
    assert "Four, Ann" in plain and "Care, Ann" in plain
    view_id = where.rpartition("view=")[2]
    assert dana.post(f"/views/{view_id}/kept", {"kept": "unit=ICU"}).status_code == 303
    assert dana.get("/worklists/inpatient").headers["location"] == where.replace("unit=4W", "unit=ICU")
    assert dana.post("/worklists/inpatient/default", {"choice": "none", "back": "/worklists"}).status_code == 303
    assert "Four, Ann" in dana.get("/worklists/inpatient").text


def test_a_form_leads_to_the_address_of_its_view(world: World, browser_for: BrowserFor) -> None:
    add_stays(world, [StaySpec(family="Four", unit="4W")])
    form = "/worklists/inpatient?unit=4W&edd-from=&edd-to=2099-01-01&sort-1=unit&sort-2=-day&sort-3="
    wanted = "/worklists/inpatient?unit=4W&edd=..2099-01-01&sort=unit,-day"
    dana = browser_for("dana")
    plain = dana.get(form)
    assert (plain.status_code, plain.headers["location"]) == (303, wanted)
    assert dana.get(form, htmx=True).headers["hx-push-url"] == wanted
    assert "hx-push-url" not in dana.get(wanted, htmx=True).headers


def test_work_begins_with_the_list_that_was_chosen(world: World, browser_for: BrowserFor) -> None:
    dana = browser_for("dana")
    assert dana.post("/worklists/observation/first", {"choice": "this"}).status_code == 303
    assert dana.get("/worklists").headers["location"] == "/worklists/observation"
    assert "Your work begins with this list" in dana.get("/worklists/observation/views").text
    dana.post("/worklists/observation/first", {"choice": "none"})
    assert dana.get("/worklists").headers["location"] != "/worklists/observation"


def test_only_leads_share(world: World, browser_for: BrowserFor) -> None:
    made, of_lead = keep(world), keep(world, who="lee", name="Lead's")
    assert browser_for("dana").post(f"/views/{made.view_id}/sharing", {"shared": "yes"}).status_code == 403
    assert browser_for("lee").post(f"/views/{of_lead.view_id}/sharing", {"shared": "yes"}).status_code == 303
    text = browser_for("dana").get("/worklists/inpatient").text
    assert "Shared in this facility" in text and "Lead&#x27;s" in text and "by Lee Hartono" in text


def test_a_taken_or_empty_name_comes_back_with_its_form(world: World, browser_for: BrowserFor) -> None:
    made, other = keep(world), keep(world, name="Other")
    dana = browser_for("dana")
    for name, sentence in (("Fours", "You have a view of this name"), ("", "Fill in this field")):
        answer = dana.post("/worklists/inpatient/views", {"name": name, "kept": "unit=4W"})
        assert answer.status_code == 422 and sentence in answer.text and "unit=4W" in answer.text
        answer = dana.post(f"/views/{other.view_id}/name", {"name": name})
        assert answer.status_code == 422 and sentence in answer.text
    assert dana.post(f"/views/{made.view_id}/name", {"name": "Newer"}).status_code == 303
    assert names(world) == ["Newer", "Other"]


def test_a_view_whose_filter_is_gone_says_so_and_goes_on(world: World, browser_for: BrowserFor) -> None:
    add_stays(world, [StaySpec(family="Four", unit="4W"), StaySpec(family="Care", unit="ICU")])
    made = keep(world, kept="colour=blue&unit=4W")
    dana = browser_for("dana")
    text = dana.get(f"/worklists/inpatient?colour=blue&unit=4W&view={made.view_id}").text
    assert "no filter of one name" in text and "Four, Ann" in text and "Care, Ann" not in text
    gone = dana.get(f"/worklists/inpatient?unit=4W&view={uuid.uuid4()}").text
    assert "is not there any more" in gone and "Four, Ann" in gone


def test_an_empty_list_that_appears_with_content_has_no_tab_but_an_address(
    world: World, browser_for: BrowserFor
) -> None:
    dana = browser_for("dana")
    assert 'href="&#x2f;worklists&#x2f;ltac"' not in dana.get("/worklists/inpatient").text
    assert "No stay is in a long-term care hospital." in dana.get("/worklists/ltac").text
    add_stays(world, [StaySpec(family="Long")])
    with begin(everywhere("test")) as work:
        work.connection.execute("select set_config('app.actor', 'test', true)")
    with psycopg.connect(world.addresses.owner) as owner:
        owner.execute("select set_config('app.actor', 'test', false), set_config('app.now', now()::text, false)")
        owner.execute("update facility set kind = 'ltch' where code = 'NORTH'")
    assert ">LTAC<b>1</b>" in dana.get("/worklists/inpatient").text


def test_what_nobody_shared_does_not_exist_for_colleagues(world: World) -> None:
    made = keep(world, who="lee")
    for deed in (
        lambda work: commands.choose_default(work, made.facility_id, "inpatient", made.view_id, ""),
        lambda work: commands.hide_view(work, made.view_id),
        lambda work: commands.show_view(work, made.view_id),
    ):
        with pytest.raises(NotFound), begin(acting(world, "dana")) as work:
            deed(work)
    with reading(acting(world, "dana")) as db:
        assert db.value("select count(*) from saved_view") == 0
