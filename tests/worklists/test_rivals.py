"""Two people, or two clicks of one, at the same moment: one deed is done, the other is refused in a sentence."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.worklists.assignment.commands import AssignStay, assign
from app.worklists.views.commands import SaveView, save_view
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.waiters import wait_for_a_waiter
from tests.support.world import World

BrowserFor = Callable[..., Browser]


def test_a_stay_that_a_form_names_twice_is_covered_once(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world, StaySpec())
    with begin(world.viewer("lee")) as work:
        held = assign(work, stay, AssignStay(to=world.user["dana"])).id
    lee, today = browser_for("lee"), now().date()
    days = {"first_day": str(today - timedelta(days=1)), "last_day": str(today + timedelta(days=1))}
    where = lee.post("/absences", {"user_id": str(world.user["dana"]), **days}).headers["location"]
    both = [f"{stay} {held} {world.user[name]}" for name in ("uma", "sol")]

    assert lee.post(f"{where}/cover", {"cover": both}).status_code == 409
    assert lee.post("/distribution/balance", {"move": both}).status_code == 409
    with reading(everywhere("test")) as db:
        assert db.values("select user_id from assignment where ended_at is null") == [world.user["dana"]]


def test_what_somebody_did_at_the_same_moment_is_refused_in_a_sentence(world: World, browser_for: BrowserFor) -> None:
    """The rival has written and not committed yet: the request waits for them, and then is too late."""
    lee, answers = browser_for("lee"), []
    with ThreadPoolExecutor(1) as pool:
        with begin(world.viewer("lee")) as work:
            save_view(work, world.facility["NORTH"], "inpatient", SaveView(name="Mine", kept="unit=4W"))
            late = pool.submit(lambda: answers.append(lee.client.post(
                "/worklists/inpatient/views", data={"_csrf_token": lee.csrf, "name": "mine", "kept": "unit=ICU"},
                follow_redirects=False)))  # fmt: skip
            wait_for_a_waiter(world.addresses)
        late.result(20)
    (answer,) = answers
    assert answer.status_code == 409 and "at the same moment" in answer.text and "mine" not in answer.text
    with reading(everywhere("test")) as db:
        assert db.values("select kept from saved_view") == ["unit=4W"]
