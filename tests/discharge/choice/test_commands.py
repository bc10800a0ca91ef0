"""Lists and answers on PostgreSQL: frozen as shown, disclosure, network as of a day, corrections, links."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.census.events import EncounterUpdated
from app.clocks.gather import Lent
from app.clocks.terms import NoticeKind, RecordKind
from app.discharge.choice import queries, source
from app.discharge.choice.commands import AmendChoice, amend_choice, strike_choice, withdraw_list
from app.discharge.choice.family import links
from app.discharge.choice.family.links import MarkWish
from app.discharge.choice.showing import list_context
from app.discharge.choice.terms import ChoiceState
from app.discharge.terms import CareType
from app.discharge.vendors.commands import SetVendor, set_vendor
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.security.sessions import digest
from app.web.fields import StrikeOut
from tests.discharge.choice.support import answer, furnished, listed, stay_of
from tests.discharge.vendors.support import vendor_named
from tests.support.stays import add_stay
from tests.support.world import NOW, World


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    furnished(world)
    return stay_of(world)


def shown(list_id: uuid.UUID):
    with reading(everywhere("test")) as db:
        return queries.list_of(db, list_id).content


def state(list_id: uuid.UUID) -> ChoiceState:
    with reading(everywhere("test")) as db:
        return queries.state(db, queries.list_of(db, list_id))


def names(list_id: uuid.UUID) -> list[str]:
    return [one.name for one in shown(list_id).vendors]


def test_a_list_names_who_is_near_and_counts_who_is_left_out(world: World, stay: uuid.UUID):
    made = listed(world, stay)

    assert names(made.id) == ["MAPLE TERRACE", "WILLOW BANK CARE", "QUARRY HILL"]
    content = shown(made.id)
    assert content.counts == {"too_far": 1} and content.removed == []
    assert made.data_on.isoformat() == "2026-02-01"


def test_medicare_lists_only_who_takes_part(world: World):
    furnished(world)
    stay = stay_of(world, "MEDICARE")
    with begin(everywhere("test"), at=NOW) as work:
        set_vendor(work, vendor_named("QUARRY HILL"), SetVendor(name="QUARRY HILL", care_type=CareType.SNF,
                                                               ccn="145003", medicare=False))  # fmt: skip
    made = listed(world, stay, within=None)

    assert "QUARRY HILL" not in names(made.id)
    assert shown(made.id).counts == {"not_participating": 1}
    with pytest.raises(Refused, match="Only a plan with a network"):
        listed(world, stay, in_network=True)


def test_a_plan_limits_the_list_to_its_network_and_says_as_of_when(world: World):
    """DP4."""
    furnished(world)
    stay = stay_of(world, "SENIOR CHOICE ADVANTAGE")
    with begin(everywhere("test"), at=NOW) as work:
        work.write("coverage", "update coverage set payer_code = 'PLAN1' where encounter_id = %s", (stay,))
        from app.census.events import EncounterUpdated

        patient = work.value("select patient_id from encounter where id = %s", (stay,))
        work.record(EncounterUpdated(encounter_id=stay, patient_id=patient, facility_id=world.facility["NORTH"],
                                     changed=("payer",)))  # fmt: skip
    made = listed(world, stay, in_network=True)

    assert names(made.id) == ["MAPLE TERRACE"]
    context = list_context(shown(made.id))
    assert "as of 5 Mar 2026" in context["plan"] and "Only providers in network" in context["plan"]
    assert context["counts"] == "1 too far away, 2 not in the plan's network"


def test_a_choice_with_a_financial_interest_needs_the_disclosure(world: World, stay: uuid.UUID):
    """DP3."""
    made, owned = listed(world, stay), vendor_named("WILLOW BANK CARE")

    with pytest.raises(Refused, match="financial interest") as refused:
        answer(world, made.id, first=str(owned))
    assert refused.value.field == "disclosed"
    assert answer(world, made.id, first=str(owned), disclosed=True).affiliated == [owned]


def test_a_list_stays_as_it_was_shown_when_the_registry_changes(world: World, stay: uuid.UUID):
    made, key = listed(world, stay), vendor_named("MAPLE TERRACE")
    before = shown(made.id)
    with begin(everywhere("test"), at=NOW) as work:
        set_vendor(work, key, SetVendor(name="Maple Gardens", care_type=CareType.SNF, ccn="145001"))

    assert shown(made.id) == before


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "first"),
        ({"first": "somebody"}, "first"),
        ({"first": "MAPLE TERRACE", "second": "MAPLE TERRACE"}, "second"),
        ({"first": "MAPLE TERRACE", "outcome": "declined"}, "outcome"),
        ({"first": "MAPLE TERRACE", "given_to": "representative"}, "recipient_name"),
        ({"first": "MAPLE TERRACE", "given_to": "representative", "recipient_name": "Ida"}, "relation"),
        ({"first": "MAPLE TERRACE", "evidence": "verbal"}, "witness_name"),
        ({"first": "MAPLE TERRACE", "evidence": "drawn"}, "drawing"),
        ({"first": "MAPLE TERRACE", "on": "2026-03-05", "at": "11:00"}, "at"),
        ({"first": "MAPLE TERRACE", "on": "2026-03-04", "at": "11:00"}, "at"),
    ],
)
def test_an_answer_that_would_not_stand_is_refused_at_its_field(world: World, stay: uuid.UUID, said: dict, field: str):
    made = listed(world, stay)
    keys = {name: str(vendor_named(value)) if value.isupper() else str(uuid.uuid4())
            for name, value in said.items() if name in ("first", "second")}  # fmt: skip

    with pytest.raises(Refused) as refused:
        answer(world, made.id, **(said | keys))
    assert refused.value.field == field
    assert state(made.id) is ChoiceState.LISTED


def test_an_answer_is_amended_struck_out_and_given_again(world: World, stay: uuid.UUID):
    made, maple, quarry = listed(world, stay), vendor_named("MAPLE TERRACE"), vendor_named("QUARRY HILL")
    first = answer(world, made.id, first=str(maple), now=NOW + timedelta(minutes=1))
    who = world.viewer("dana").acting(Permission.REFERRAL_WRITE)
    with begin(who, at=NOW + timedelta(minutes=2)) as work:
        fix = AmendChoice(first=quarry, because="Wrong line of the list")
        amended = amend_choice(work, first.choice_id, fix)
    assert (amended.choice_id, amended.vendors) == (first.choice_id, [quarry])
    with begin(who, at=NOW + timedelta(minutes=3)) as work:
        strike_choice(work, first.choice_id, StrikeOut(reason="Other patient"))
    assert state(made.id) is ChoiceState.LISTED

    again = answer(world, made.id, first=str(maple), now=NOW + timedelta(minutes=4))
    later = answer(world, made.id, outcome="no_preference", now=NOW + timedelta(minutes=5))
    assert state(made.id) is ChoiceState.NO_PREFERENCE
    with reading(everywhere("test")) as db:
        found = [(one.choice_id, one.ended_because) for one in queries.versions(db, [stay])]
        chosen = queries.chosen(db, [stay])[stay]
    assert found == [(later.choice_id, ""), (again.choice_id, "later"), (first.choice_id, "struck_out"),
                     (first.choice_id, "amended")]  # fmt: skip
    assert [(one.care_type, one.outcome) for one in chosen] == [("snf", "no_preference")]


def test_another_list_takes_the_place_of_one_that_nobody_answered(world: World, stay: uuid.UUID):
    first = listed(world, stay)
    second = listed(world, stay, within=5)
    assert (state(first.id), state(second.id)) == (ChoiceState.WITHDRAWN, ChoiceState.LISTED)

    answer(world, second.id, first=str(vendor_named("MAPLE TERRACE")))
    third = listed(world, stay)
    assert (state(second.id), state(third.id)) == (ChoiceState.CHOSEN, ChoiceState.LISTED)


def test_a_list_that_was_answered_is_not_struck_out(world: World, stay: uuid.UUID):
    made = listed(world, stay)
    answer(world, made.id, first=str(vendor_named("MAPLE TERRACE")))

    with pytest.raises(Refused, match="This list is chosen"), begin(everywhere("test"), at=NOW) as work:
        withdraw_list(work, made.id, StrikeOut(reason="A mistake"))


def test_the_wish_of_the_patient_takes_a_vendor_off_and_is_counted(world: World, stay: uuid.UUID):
    made = listed(world, stay, without=[str(vendor_named("QUARRY HILL"))])

    assert "QUARRY HILL" not in names(made.id)
    assert shown(made.id).counts == {"too_far": 1, "wish": 1}


def test_the_clocks_learn_of_the_list_and_of_the_decision(world: World, stay: uuid.UUID):
    made = listed(world, stay)

    def told() -> list[tuple[RecordKind, str]]:
        with reading(everywhere("test")) as db:
            lent: list[Lent] = list(source.facts(db, [stay]))
        return [(one.kind, one.subject) for each in lent for one in each.records]

    assert told() == []
    answer(world, made.id, outcome="asked_again")
    assert told() == [(RecordKind.NOTICE, "snf")]
    answer(world, made.id, first=str(vendor_named("MAPLE TERRACE")), now=NOW + timedelta(minutes=1))
    assert told() == [(RecordKind.NOTICE, "snf"), (RecordKind.CHOICE, "snf")]
    assert NoticeKind.CHOICE.value == "CHOICE"


def test_a_link_reaches_its_list_until_it_is_closed_or_past_its_time(world: World, stay: uuid.UUID):
    made = listed(world, stay)
    with begin(world.viewer("dana"), at=NOW) as work:
        row, key = links.make_link(work, made.id)
    with reading(links.WHO, at=NOW) as db:
        assert links.linked(db, key).list_id == made.id
        for wrong in (key[:-1] + ("A" if key[-1] != "A" else "B"), ""):
            with pytest.raises(NotFound):
                links.linked(db, wrong)
    with reading(links.WHO, at=row.expires_at + timedelta(seconds=1)) as db, pytest.raises(NotFound):
        links.linked(db, key)
    with begin(world.viewer("dana"), at=NOW) as work:
        assert links.revoke_links(work, made.id) == 1
    with reading(links.WHO, at=NOW) as db, pytest.raises(NotFound):
        links.linked(db, key)
    kept = world.owner.execute("select new::text from row_change where table_name = 'choice_link'").fetchall()
    assert key not in str(kept) and "digest" not in str(kept)


def test_a_wish_is_kept_and_is_no_choice(world: World, stay: uuid.UUID):
    made = listed(world, stay)
    with begin(world.viewer("dana"), at=NOW) as work:
        _row, key = links.make_link(work, made.id)
    maple, quarry = vendor_named("MAPLE TERRACE"), vendor_named("QUARRY HILL")
    for wished in ([maple, quarry], [quarry]):
        with begin(links.WHO, at=NOW) as work:
            ask = MarkWish.model_validate({"first": wished[0], "second": wished[1] if wished[1:] else None,
                                           "marked_by": "Ida"})  # fmt: skip
            links.mark(work, links.linked(work, key), ask)
    with reading(everywhere("test")) as db:
        found = queries.marks(db, [stay])
    assert [(one.vendors, one.marked_by) for one in found] == [([quarry], "Ida")]
    assert state(made.id) is ChoiceState.LISTED
    with begin(links.WHO, at=NOW) as work, pytest.raises(Refused, match="Choose providers of this list"):
        links.mark(work, links.linked(work, key), MarkWish(first=uuid.uuid4(), marked_by="Ida"))


def test_an_address_that_opens_too_often_waits(world: World):
    assert not any(links.too_often("203.0.113.9", at=NOW) for _ in range(links.MOST_VISITS))
    assert links.too_often("203.0.113.9", at=NOW)
    assert not links.too_often("203.0.113.10", at=NOW)
    assert not links.too_often("203.0.113.9", at=NOW + links.WINDOW)


def test_a_count_does_not_wait_for_another_address(world: World):
    """Two that come back after an hour clear old counts at once; neither waits for the row of the other."""
    for address in ("203.0.113.9", "203.0.113.10"):
        links.too_often(address, at=NOW)
    later = NOW + 7 * links.WINDOW
    with ThreadPoolExecutor(1) as pool, begin(everywhere("test"), at=later) as work:
        work.connection.execute("update choice_visit set visits = visits where address = %s",
                                (digest("203.0.113.9").hex(),))  # fmt: skip
        assert pool.submit(links.too_often, "203.0.113.10", links.WHO, later).result(timeout=20) is False


def test_a_wish_through_a_link_that_was_closed_meanwhile_is_not_kept(world: World, stay: uuid.UUID):
    made = listed(world, stay)
    with begin(world.viewer("dana"), at=NOW) as work:
        _row, key = links.make_link(work, made.id)
    with reading(links.WHO, at=NOW) as db:
        entered = links.linked(db, key)
    with begin(world.viewer("dana"), at=NOW) as work:
        links.revoke_links(work, made.id)
    with begin(links.WHO, at=NOW) as work, pytest.raises(NotFound, match="closed or past its time"):
        links.mark(work, entered, MarkWish(first=vendor_named("MAPLE TERRACE"), marked_by="Ida"))


def test_a_link_goes_on_when_its_stay_becomes_part_of_another(world: World, stay: uuid.UUID):
    made, whole = listed(world, stay), add_stay(world)
    with begin(world.viewer("dana"), at=NOW) as work:
        _row, key = links.make_link(work, made.id)
    with begin(everywhere("test"), at=NOW) as work:
        work.write("encounter", "update encounter set status = 'cancelled', gone_at = %s, united_into_id = %s"
                   " where id = %s", (NOW, whole, stay))  # fmt: skip
        work.record(EncounterUpdated(encounter_id=whole, facility_id=world.facility["NORTH"], changed=()))
    with reading(links.WHO, at=NOW) as db:
        assert links.linked(db, key).list_id == made.id
