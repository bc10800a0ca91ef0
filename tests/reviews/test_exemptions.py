"""The list of policies of a facility: the shipped ones until it is changed; what was named stays readable."""

from collections.abc import Callable

import pytest

from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.reviews.exemptions.commands import AddPolicy, add_policy, end_policy
from app.reviews.exemptions.queries import SHIPPED, label_of, policies
from app.security.permissions import Permission
from tests.reviews.support import ADMISSION, ADMITTED, NOT_MET, sign, tell
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]
HOSPICE = AddPolicy(label="Hospice bed awaited", explanation="Agreed with the medical staff on 2 March.")


def codes(facility: int) -> list[str]:
    with reading(everywhere("test")) as view:
        return sorted(one.code for one in policies(view, facility))


def test_the_shipped_ones_hold_until_the_list_is_changed(world: World):
    north, south = world.facility["NORTH"], world.facility["SOUTH"]
    shipped = sorted(one.code for one in SHIPPED)
    assert codes(north) == shipped

    with begin(world.viewer("lee").acting(Permission.CRITERIA_SET)) as work:
        add_policy(work, north, HOSPICE)
        end_policy(work, north, "benefit_exhausted")

    assert codes(north) == sorted({*shipped, "hospice_bed_awaited"} - {"benefit_exhausted"})
    assert codes(south) == shipped
    with reading(everywhere("test")) as view:
        assert label_of(view, north, "benefit_exhausted") == "Nobody pays for the day"


def test_a_name_is_taken_once_and_what_is_not_there_cannot_be_ended(world: World):
    with begin(world.viewer("lee").acting(Permission.CRITERIA_SET)) as work:
        add_policy(work, world.facility["NORTH"], HOSPICE)
    with pytest.raises(Refused, match="already"), begin(world.viewer("lee").acting(Permission.CRITERIA_SET)) as work:
        add_policy(work, world.facility["NORTH"], HOSPICE)
    with pytest.raises(NotFound), begin(world.viewer("lee").acting(Permission.CRITERIA_SET)) as work:
        end_policy(work, world.facility["NORTH"], "nothing")


def test_a_policy_off_the_list_exempts_no_more(world: World):
    stay = tell(world, ADMITTED)
    with begin(world.viewer("lee").acting(Permission.CRITERIA_SET)) as work:
        end_policy(work, world.facility["NORTH"], "awaiting_placement")

    with pytest.raises(Refused, match="not on the list"):
        sign(world, stay, ADMISSION, NOT_MET, {"exemption": "awaiting_placement"})


def test_leads_change_the_list_and_reviewers_read_it(browser_for: BrowserFor):
    lee, uma = browser_for("lee"), browser_for("uma")
    assert lee.post("/review-exemptions", {"label": "Ho", "explanation": ""}).status_code == 422

    assert lee.post("/review-exemptions", HOSPICE.model_dump()).status_code == 303
    assert lee.post("/review-exemptions/inpatient_only/end", {}).status_code == 303

    text = uma.get("/review-exemptions").text
    assert "Hospice bed awaited" in text and "Take off the list" not in text
    assert "kept for the reviews that named them: Inpatient-only procedure" in text
    assert uma.post("/review-exemptions", HOSPICE.model_dump()).status_code == 403
