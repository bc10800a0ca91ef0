"""Pages that somebody visits, by the part of the product to which they belong."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from app.advisor.messages.commands import make_link
from app.metrics.value_sets.maps import published_maps
from app.metrics.value_sets.queue.commands import PlaceCode, place_code
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from tests.accounts.disclosures.support import standing as disclosed
from tests.accounts.watching.support import watched
from tests.browser.conftest import Site
from tests.browser.journeys import stay_of
from tests.discharge.after.support import followed
from tests.discharge.assessing import one_of_each
from tests.discharge.booking.support import arranged
from tests.discharge.departure.support import leaving
from tests.discharge.plan.support import planned
from tests.ltac.screening.support import accepted, long_term, referred, screened
from tests.support.avoidable import lost_days
from tests.support.long_term import charted, long_term_stay
from tests.support.payment_days import payment_days
from tests.support.reports import sent

FILES_OF_MEASURES = {
    "/reports/{report_id:uuid}/report.pdf",
    *(f"/measures/{{measure:str}}/figures.{form}" for form in ("csv", "xlsx", "parquet")),
    *(f"/measures/{{measure:str}}/cases.{form}" for form in ("csv", "xlsx", "parquet")),
    *(f"/reports/{{report_id:uuid}}/figures.{form}" for form in ("csv", "xlsx", "parquet")),
}


@dataclass(frozen=True)
class Visit:
    """A page as somebody opens it: the pattern of its route, who, and the address."""

    route: str
    who: str
    path: str


def of_rounds(stay: uuid.UUID) -> list[Visit]:
    """Board, conference, complex cases, teaching, departure with a packet."""
    keys = leaving(everywhere("test"), stay, "as agreed on rounds")
    encounter = "/encounters/{stay_id:uuid}"
    return [
        Visit("/rounds", "dana", "/rounds?choose="),
        Visit("/rounds/{unit:str}", "dana", "/rounds/4W"),
        Visit("/rounds/{unit:str}", "paul", "/rounds/OBS?names=initials"),
        Visit("/rounds/{unit:str}/conferences", "dana", "/rounds/4W/conferences"),
        Visit("/conferences/{conference_id:uuid}", "dana", f"/conferences/{keys['conference_id']}"),
        Visit("/complex-cases", "dana", "/complex-cases"),
        Visit(f"{encounter}/conferences", "dana", f"/encounters/{stay}/conferences"),
        Visit(f"{encounter}/teaching", "dana", f"/encounters/{stay}/teaching"),
        Visit("/teaching/{teaching_id:uuid}/correction", "dana", f"/teaching/{keys['teaching_id']}/correction"),
        Visit(f"{encounter}/departure", "dana", f"/encounters/{stay}/departure"),
        Visit(f"{encounter}/handoffs/new", "dana", f"/encounters/{stay}/handoffs/new"),
        Visit(f"{encounter}/disclosures", "dana", f"/encounters/{stay}/disclosures"),
        Visit(
            "/disclosure-records/{disclosure_id:uuid}/amendment",
            "dana",
            f"/disclosure-records/{disclosed(stay)}/amendment",
        ),
    ]


def of_an_assessment(stay: uuid.UUID) -> list[Visit]:
    """Needs, risk and serious illness with one of everything, the form of an assessment, the measures."""
    query = "select assessment_id from assessment where encounter_id = %s and signed_at is not null"
    with reading(everywhere("test")) as view:
        made = view.value(query, (stay,))
    key = made or one_of_each(everywhere("test"), stay, "with her sister")["assessment_id"]
    other = stay_of("V6")
    return [
        Visit("/encounters/{stay_id:uuid}/assessment", "dana", f"/encounters/{stay}/assessment"),
        Visit("/encounters/{stay_id:uuid}/assessment", "dana", f"/encounters/{other}/assessment"),
        Visit("/encounters/{stay_id:uuid}/assessment", "paul", f"/encounters/{stay}/assessment"),
        Visit("/encounters/{stay_id:uuid}/assessments/new", "dana", f"/encounters/{stay}/assessments/new"),
        Visit("/assessments/{assessment_id:uuid}", "dana", f"/assessments/{key}"),
        Visit("/encounters/{stay_id:uuid}/illness", "dana", f"/encounters/{stay}/illness"),
        Visit("/encounters/{stay_id:uuid}/illness", "dana", f"/encounters/{other}/illness"),
        Visit("/serious-illness/measures", "dora", "/serious-illness/measures?of=consult"),
    ]


def of_a_plan(stay: uuid.UUID) -> list[Visit]:
    """The plan with one of everything, and its forms."""
    barrier = planned(everywhere("test"), stay, "as agreed on rounds")["barrier_id"]
    return [
        *of_an_assessment(stay),
        Visit("/encounters/{stay_id:uuid}/plan", "dana", f"/encounters/{stay}/plan"),
        Visit("/encounters/{stay_id:uuid}/plan", "paul", f"/encounters/{stay}/plan"),
        Visit("/encounters/{stay_id:uuid}/plan", "dana", f"/encounters/{stay_of('V6')}/plan"),
        Visit("/encounters/{stay_id:uuid}/expected-date/new", "dana", f"/encounters/{stay}/expected-date/new"),
        Visit("/encounters/{stay_id:uuid}/barriers/new", "dana", f"/encounters/{stay}/barriers/new"),
        Visit("/plan-barriers/{barrier_id:uuid}/amendment", "dana", f"/plan-barriers/{barrier}/amendment"),
        Visit("/worklists/{name:str}", "dana", "/worklists/discharges"),
    ]


def of_follow_up(site: Site) -> list[Visit]:
    """The days after a discharge on the stay that followed it and on the one before; the queue; how raters agree."""
    stay = stay_of("V3")
    with reading(everywhere("test")) as view:
        held = view.rows(lambda *row: row, "select call_id, encounter_id from follow_up_call limit 1")
    if held:
        [(call, earlier)] = held
    else:
        keys = followed(site.world, stay, "with her sister")
        call, earlier = keys["call_id"], keys["earlier_id"]
    encounter = "/encounters/{stay_id:uuid}"
    return [
        Visit(f"{encounter}/follow-up", "dana", f"/encounters/{stay}/follow-up"),
        Visit(f"{encounter}/follow-up", "dana", f"/encounters/{earlier}/follow-up"),
        Visit(f"{encounter}/follow-up", "paul", f"/encounters/{stay}/follow-up"),
        Visit(f"{encounter}/calls/new", "dana", f"/encounters/{earlier}/calls/new"),
        Visit("/follow-up-calls/{call_id:uuid}/amendment", "dana", f"/follow-up-calls/{call}/amendment"),
        Visit("/worklists/{name:str}", "dana", "/worklists/post-discharge-calls"),
        Visit("/readmissions/agreement", "lee", "/readmissions/agreement?of=waiting"),
    ]


def of_lost_days(site: Site) -> list[Visit]:
    """A stay with lost days that are recorded and that wait, the dictionary of reasons, what a day costs."""
    stay = stay_of("V3")
    keys = lost_days(site.world, stay, now(), "Maple Terrace")
    encounter = "/encounters/{stay_id:uuid}"
    return [
        Visit(f"{encounter}/avoidable-days", "dana", f"/encounters/{stay}/avoidable-days"),
        Visit(f"{encounter}/avoidable-days/new", "dana", f"/encounters/{stay}/avoidable-days/new"),
        Visit(f"{encounter}/avoidable-delays/new", "dana", f"/encounters/{stay}/avoidable-delays/new"),
        Visit("/avoidable-days/entries/{entry_id:uuid}/amendment", "dana",
              f"/avoidable-days/entries/{keys['entry_id']}/amendment"),
        Visit("/avoidable-days/drafts", "dana", "/avoidable-days/drafts"),
        Visit("/avoidable-days/reasons", "dora", "/avoidable-days/reasons"),
        Visit("/avoidable-days/reasons/new", "dora", "/avoidable-days/reasons/new"),
        Visit("/avoidable-days/reasons/{reason_code:str}", "dora", "/avoidable-days/reasons/PA-01"),
        Visit("/avoidable-days/costs", "dora", "/avoidable-days/costs"),
        Visit("/avoidable-days", "dora", "/avoidable-days"),
        Visit("/avoidable-days/list", "dora", "/avoidable-days/list?figure=days"),
        Visit("/avoidable-days/actions", "dora", "/avoidable-days/actions"),
        Visit("/avoidable-days/actions/new", "dora", "/avoidable-days/actions/new"),
        Visit("/avoidable-days/actions/{action_id:uuid}", "dora", f"/avoidable-days/actions/{keys['action_id']}"),
        Visit("/avoidable-days/precision", "dora", "/avoidable-days/precision"),
        Visit("/avoidable-days/precision/list", "dora", "/avoidable-days/precision/list?rule=AD-READY"),
        Visit("/avoidable-days/utilization", "dora", "/avoidable-days/utilization"),
        Visit("/avoidable-days/utilization/list", "dora", "/avoidable-days/utilization/list?figure=returns"),
    ]  # fmt: skip


def of_codes() -> list[Visit]:
    """Codes that were placed, the form for another, and the way back."""
    ask = PlaceCode(system="dx", code="U071", ccs=122, reason="coded as viral pneumonia was")
    with begin(everywhere("test")) as work:
        key = work.value("select id from code_category where ended_at is null")
        key = key or place_code(work, ask, published_maps()).id
    return [
        Visit("/measures/codes", "dora", "/measures/codes"),
        Visit("/measures/codes/new", "dora", "/measures/codes/new?system=px&code=XW033E5"),
        Visit("/measures/codes/{placing_id:uuid}/end", "dora", f"/measures/codes/{key}/end"),
    ]


def of_measures(site: Site) -> list[Visit]:
    """Control with a house and the lists behind its tiles; measures with the stays behind their figures."""
    return [
        Visit("/control", "dora", "/control"),
        *of_codes(),
        Visit("/measures", "dora", "/measures"),
        Visit("/measures/{measure:str}", "dora", "/measures/readmission?against=before"),
        Visit("/measures/{measure:str}", "dora", "/measures/observation_hours"),
        Visit("/measures/{measure:str}/cases", "dora", "/measures/review_timeliness/cases?among=all"),
        Visit("/worklists/{name:str}", "dora", "/worklists/due-in-a-day"),
        *of_reports(site),
    ]


def of_reports(site: Site) -> list[Visit]:
    """Saved reports, one with its figures, its form, its mails, and the page before it is sent."""
    at = f"/reports/{sent(site.world)['report_id']}"
    pattern = "/reports/{report_id:uuid}"
    return [
        Visit("/reports", "dora", "/reports"),
        Visit("/reports/new", "dora", "/reports/new"),
        Visit(pattern, "carla", at),
        Visit(f"{pattern}/edit", "dora", f"{at}/edit"),
        Visit(f"{pattern}/delivery", "dora", f"{at}/delivery"),
        Visit(f"{pattern}/sending", "dora", f"{at}/sending"),
    ]


def of_long_term(site: Site) -> list[Visit]:
    """The course of a stay of a long-term hospital with one of everything, the correction of a record, the round."""
    stay = long_term_stay(site.world)
    keys = charted(everywhere("test"), stay, "as agreed on rounds")
    payment_days(everywhere("test"), stay, "as the check says")
    address = f"/encounters/{stay}/long-term"
    return [
        Visit("/encounters/{stay_id:uuid}/payment-days", "stan", f"/encounters/{stay}/payment-days"),
        Visit("/encounters/{stay_id:uuid}/long-term", "stan", address),
        Visit("/encounters/{stay_id:uuid}/long-term", "stan", f"{address}?day={now() - timedelta(days=3):%Y-%m-%d}"),
        Visit("/long-term-records/{course_id:uuid}/correction", "stan",
              f"/long-term-records/{keys['course_id']}/correction"),
        Visit("/ltac/weaning", "stan", "/ltac/weaning"),
        Visit("/ltac/weaning", "dana", "/ltac/weaning"),
        Visit("/worklists/{name:str}", "stan", "/worklists/ltac"),
        Visit("/ltac", "stan", "/ltac?off=no_advantage"),
        Visit("/ltac", "dora", "/ltac"),
        Visit("/ltac/card", "stan", "/ltac/card"),
        Visit("/ltac/stays", "stan", "/ltac/stays?figure=average"),
        Visit("/ltac/threshold-days", "dora", "/ltac/threshold-days"),
    ]  # fmt: skip


def of_referrals_in(site: Site) -> list[Visit]:
    """Referrals to a long-term hospital: the list, one that waits and one that is accepted, figures of sources."""
    long_term(site.world)
    waits = referred(site.world, now(), family="Amsel", record_number="")
    screened(waits, now(), intensive_first=None, intensive_last=None, intensive="none")
    taken = accepted(site.world, now() - timedelta(hours=2))
    sheet = "/ltac/referrals/{candidate_id:uuid}"
    return [
        Visit("/ltac/referrals", "lena", "/ltac/referrals"),
        Visit("/ltac/referrals", "lena", "/ltac/referrals?figure=accepted&source=hollis-point"),
        Visit("/ltac/referrals", "dana", "/ltac/referrals"),
        Visit("/ltac/referrals/new", "lena", "/ltac/referrals/new"),
        Visit(sheet, "lena", f"/ltac/referrals/{waits}"),
        Visit(sheet, "lena", f"/ltac/referrals/{taken}"),
        Visit(f"{sheet}/amendment", "lena", f"/ltac/referrals/{waits}/amendment"),
        Visit("/ltac/sources", "lena", "/ltac/sources"),
    ]


def of_questions(stay: uuid.UUID) -> list[Visit]:
    """Questions for physicians, with the page that a link to one message reaches."""
    with begin(everywhere("test")) as work:
        _, key = make_link(work, work.value("select id from attending_message"))
    return [
        Visit("/decisions", "paul", "/decisions"),
        Visit("/decisions/outcomes", "paul", "/decisions/outcomes"),
        Visit("/worklists/{name:str}", "paul", "/worklists/decisions"),
        Visit("/escalation-ladder", "dora", "/escalation-ladder"),
        Visit("/encounters/{stay_id:uuid}/status", "paul", f"/encounters/{stay}/status"),
        Visit("/encounters/{stay_id:uuid}/status", "uma", f"/encounters/{stay_of('V6')}/status"),
        Visit("/committee", "carla", "/committee"),
        Visit("/encounters/{stay_id:uuid}/escalations", "paul", f"/encounters/{stay}/escalations"),
        Visit("/encounters/{stay_id:uuid}/escalations", "dana", f"/encounters/{stay}/escalations"),
        Visit("/encounters/{stay_id:uuid}/escalations/new", "dana", f"/encounters/{stay}/escalations/new"),
        Visit("/answer/{link_key:str}", "", f"/answer/{key}"),
    ]


def of_bookings(site: Site, stay: uuid.UUID) -> list[Visit]:
    """What is booked, asked, answered and bought for a stay."""
    arranged(site.world, stay, "", now())
    return [
        Visit("/encounters/{stay_id:uuid}/bookings", "dana", f"/encounters/{stay}/bookings?care=home_health"),
        Visit("/encounters/{stay_id:uuid}/bookings", "uma", f"/encounters/{stay}/bookings"),
        Visit("/vendors/scorecards", "lee", "/vendors/scorecards"),
        Visit("/purchased-services", "lee", "/purchased-services"),
        Visit("/vendors/scorecards/list", "lee", "/vendors/scorecards/list?figure=sent"),
    ]


def of_the_house(site: Site, patient: uuid.UUID) -> list[Visit]:
    """People, facilities, configuration, the audit."""
    return [
        Visit("/people", "adam", "/people"),
        Visit("/people/new", "adam", "/people/new"),
        Visit("/people/{user_id:uuid}", "adam", f"/people/{site.world.user['dana']}"),
        Visit("/facilities", "adam", "/facilities"),
        Visit("/facilities/new", "adam", "/facilities/new"),
        Visit("/facilities/{code:str}", "adam", "/facilities/NORTH"),
        Visit("/facilities/{code:str}/units/{unit:str}", "adam", "/facilities/NORTH/units/4W"),
        Visit("/configuration", "adam", "/configuration"),
        Visit("/identity", "adam", "/identity"),
        Visit("/sign-in/provider/code", "", "/sign-in/provider/code"),
        Visit("/configuration/drg-tables", "adam", "/configuration/drg-tables"),
        Visit("/audit", "priya", "/audit"),
        Visit("/audit/glass", "priya", "/audit/glass"),
        Visit("/audit/glass", "priya", "/audit/glass?days=30"),
        *of_watching(site),
        Visit("/audit/patients/{patient_id:uuid}", "priya", f"/audit/patients/{patient}"),
        Visit("/audit/people/{user_id:uuid}", "priya", f"/audit/people/{site.world.user['dana']}"),
        Visit("/disclosures", "priya", "/disclosures"),
        Visit("/disclosures/patients/{patient_id:uuid}", "priya", f"/disclosures/patients/{patient}"),
    ]


def of_watching(site: Site) -> list[Visit]:
    """Openings of restricted stays, and accesses that look unusual."""
    known = site.world.owner.execute("select id, access_id::text from glass_review").fetchone()
    if known is None:
        keys = watched(site.world, "Talked with the lead of the unit.")
    else:
        finding = site.world.owner.execute("select id::text from unusual_access").fetchone()
        keys = {"access_id": known[1], "finding_id": finding[0] if finding else ""}
    return [
        Visit("/audit/glass/{access_id:uuid}", "priya", f"/audit/glass/{keys['access_id']}"),
        Visit("/audit/unusual", "priya", "/audit/unusual"),
        Visit("/audit/unusual/{finding_id:uuid}", "priya", f"/audit/unusual/{keys['finding_id']}"),
        Visit("/audit/unusual/rules/{rule:str}", "priya", "/audit/unusual/rules/many"),
    ]


def of_long_term_care(site: Site) -> list[Visit]:
    """Referrals to a long-term hospital, and the stays there."""
    return [*of_referrals_in(site), *of_long_term(site)]
