"""What features lend each other and hand to the web: routes, tabs, facts, cards. One table each."""

from litestar.handlers import BaseRouteHandler

from app.accounts import pages_account, pages_facilities, pages_glass, pages_people, pages_signing
from app.accounts.audit import out_pages as trail_out_pages
from app.accounts.audit import pages as audit_pages
from app.accounts.configuration import pages as configuration_pages
from app.accounts.disclosures import paper as disclosure_paper
from app.accounts.disclosures import stay_pages as disclosed_pages
from app.accounts.factors import pages as factor_pages
from app.accounts.factors import proofs
from app.accounts.identity import entry as identity
from app.accounts.watching.openings import pages as opening_pages
from app.accounts.watching.unusual import pages as unusual_pages
from app.accounts.watching.unusual import rule_pages as unusual_rule_pages
from app.advisor import packet as advisor_packet
from app.advisor import queries as advisor
from app.advisor.cards import loans as advisor_loans
from app.advisor.cards import pages as decision_pages
from app.advisor.ladder import pages as ladder_pages
from app.advisor.messages import link_pages as attending_link_pages
from app.advisor.messages import pages as attending_pages
from app.advisor.stay import pages as question_pages
from app.advisor.stay.changes import opinions_since
from app.advisor.talks import pages as talk_pages
from app.avoidable_days import pages as avoidable_pages
from app.avoidable_days.drafts import blind as avoidable_blind
from app.avoidable_days.drafts import pages as avoidable_draft_pages
from app.avoidable_days.reasons import pages as avoidable_reason_pages
from app.avoidable_days.reports import pages as avoidable_report_pages
from app.avoidable_days.reports.actions import pages as avoidable_action_pages
from app.avoidable_days.reports.precision import pages as avoidable_precision_pages
from app.census import leaving
from app.census.drg import pages as drg_pages
from app.census.stay import find_pages
from app.census.stay import packet as stay_packet
from app.census.stay import pages as stay_pages
from app.census.stay.head import stay_head
from app.clocks import deadline_pages
from app.clocks.owed import pages as owed_pages
from app.clocks.owed import panel as owed
from app.clocks.settings import line_pages, policy_pages
from app.discharge.after import queries as after_discharge
from app.discharge.after.calls import issue_pages as follow_up_issue_pages
from app.discharge.after.calls import pages as follow_up_call_pages
from app.discharge.after.programs import pages as program_pages
from app.discharge.after.readmitted import pages as readmission_pages
from app.discharge.after.readmitted import showing as readmissions
from app.discharge.after.stay import lent as follow_up
from app.discharge.assessment import pages as assessment_pages
from app.discharge.assessment.writing import pages as assessment_writing_pages
from app.discharge.booking.stay import deeds as booking_deeds
from app.discharge.booking.stay import ledger_pages as purchase_pages
from app.discharge.booking.stay import lent as booking_lent
from app.discharge.booking.stay import pages as booking_pages
from app.discharge.choice import pages as choice_pages
from app.discharge.choice.family import pages as choice_link_pages
from app.discharge.choice.paper import packet as choice_packet
from app.discharge.choice.paper import pages as choice_paper_pages
from app.discharge.departure import lights as departure_lights
from app.discharge.departure import pages as departure_pages
from app.discharge.departure import queries as departures
from app.discharge.departure import showing as departure_showing
from app.discharge.departure.papers import pages as handoff_pages
from app.discharge.illness.lent import showing as illness_lent
from app.discharge.illness.measures import pages as illness_measure_pages
from app.discharge.illness.stay import pages as illness_pages
from app.discharge.plan import queries as plans
from app.discharge.plan.barriers import pages as barrier_pages
from app.discharge.plan.items import pages as plan_item_pages
from app.discharge.plan.lights import queries as plan_lights
from app.discharge.plan.stay import lent as plan_lent
from app.discharge.plan.stay import packet as plan_packet
from app.discharge.plan.stay import pages as plan_pages
from app.discharge.plan.stay import ready_pages
from app.discharge.ready import queries as readiness
from app.discharge.referrals import queries as referrals
from app.discharge.referrals.portal import pages as referral_link_pages
from app.discharge.referrals.stay import consent_pages as referral_consent_pages
from app.discharge.referrals.stay import lent as referral_lent
from app.discharge.referrals.stay import pages as referral_pages
from app.discharge.referrals.stay import sending_pages as referral_sending_pages
from app.discharge.rounds.board import pages as board_pages
from app.discharge.rounds.meetings import pages as meeting_pages
from app.discharge.rounds.stay import pages as conference_pages
from app.discharge.rounds.stay import showing as conferences
from app.discharge.scorecards import pages as scorecard_pages
from app.discharge.teaching import packet as teaching_packet
from app.discharge.teaching import pages as teaching_pages
from app.discharge.vendors import file_pages as vendor_file_pages
from app.discharge.vendors import pages as vendor_pages
from app.interop.census_file import pages as census_file_pages
from app.interop.monitor import pages as monitor_pages
from app.interop.monitor.pulse import pulse
from app.interop.payer_files import pages as payer_file_pages
from app.interop.payer_files.pages.lending import sent_files
from app.ledger import grid_pages as ledger_grid_pages
from app.ledger import pages as ledger_pages
from app.ledger.showing import overview_card as ledger_card
from app.ledger.utilization import pages as utilization_pages
from app.ltac import lent as long_term_lent
from app.ltac import loans as long_term
from app.metrics.control import pages as control_pages
from app.metrics.reports import routes as report_pages
from app.metrics.study import pages as study_pages
from app.metrics.value_sets.queue import pages as code_pages
from app.notices import packet as notice_packet
from app.notices import pages as notice_pages
from app.notices import paper_pages as notice_paper_pages
from app.notices import queries as notices
from app.notices.appeals import pages as appeal_pages
from app.notices.appeals.showing import appeal_fact
from app.notices.forms import pages as notice_form_pages
from app.payers import packet as payer_packet
from app.payers import sending as payer_sending
from app.payers import tab as payer_tab
from app.payers.authorizations import pages as authorization_pages
from app.payers.authorizations.showing import banner_fact as authorization_fact
from app.payers.contacts import items as payer_items
from app.payers.contacts import lent as payer_words
from app.payers.contacts import pages as contact_pages
from app.payers.denials import items as denial_items
from app.payers.denials import source as denial_source
from app.payers.denials.appeals import pages as denial_appeal_pages
from app.payers.denials.paper import pages as denial_packet_pages
from app.payers.denials.paper import section as denial_packet
from app.payers.denials.results import pages as denial_result_pages
from app.payers.denials.stay import pages as denial_pages
from app.payers.denials.stay import tab as denial_tab
from app.payers.directory import pages as payer_pages
from app.payers.since import payer_changes
from app.reviews import brief as review_brief
from app.reviews import packet as review_packet
from app.reviews import queries as reviews
from app.reviews import source as review_source
from app.reviews.certificates import pages as certificate_pages
from app.reviews.exemptions import pages as exemption_pages
from app.reviews.licensed import pages as licensed_pages
from app.reviews.sampling import pages as sampling_pages
from app.reviews.sampling import reading_pages as second_reading_pages
from app.reviews.sampling.blind import kept_blind
from app.reviews.sets import pages as criteria_pages
from app.reviews.writing import pages as review_pages
from app.reviews.writing import signed_pages as signed_review_pages
from app.reviews.writing.changes import census_changes
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.status import packet as status_packet
from app.status.committee import pages as committee_pages
from app.status.tab import drawing as status_drawing
from app.status.tab import pages as status_pages
from app.web import changes, following, packets, stay
from app.web.frame import LiveState
from app.web.live import PostgresChannels
from app.web.operation.astray import no_page
from app.web.operation.health import healthz, readyz
from app.web.operation.metrics import metrics
from app.web.past import choosing as past_pages
from app.worklists import pages as worklist_pages
from app.worklists.assignment import pages as assignment_pages
from app.worklists.assignment.cover import brief
from app.worklists.assignment.cover import pages as cover_pages
from app.worklists.assignment.cover import pages_stay as takeover_pages
from app.worklists.assignment.lead import overview as distribution_pages
from app.worklists.assignment.rulebook import pages as rule_pages
from app.worklists.days import pages as day_pages
from app.worklists.notes import pages as note_pages
from app.worklists.out import pages as out_pages
from app.worklists.snoozes import pages as snooze_pages
from app.worklists.stay_facts import note_count, owner_fact
from app.worklists.views import following as view_following
from app.worklists.views import pages as view_pages

ROUTES: list[type | BaseRouteHandler] = [
    healthz, readyz, metrics, no_page, *worklist_pages.ROUTES, *assignment_pages.ROUTES, *note_pages.ROUTES,
    *stay_pages.ROUTES, *find_pages.ROUTES, *monitor_pages.ROUTES, *pages_glass.ROUTES,
]  # fmt: skip
ROUTES += [*pages_signing.ROUTES, *pages_account.ROUTES, *pages_people.ROUTES, *pages_facilities.ROUTES]
ROUTES += [*factor_pages.ROUTES, *audit_pages.ROUTES, *trail_out_pages.ROUTES, *opening_pages.ROUTES]
ROUTES += [*unusual_pages.ROUTES, *unusual_rule_pages.ROUTES, *identity.ROUTES]
ROUTES += [*disclosure_paper.ROUTES, *disclosed_pages.ROUTES]
ROUTES += [*control_pages.ROUTES, *study_pages.ROUTES, *report_pages.ROUTES, *code_pages.ROUTES]
ROUTES += [*deadline_pages.ROUTES, *line_pages.ROUTES, *policy_pages.ROUTES, *owed_pages.ROUTES]
ROUTES += [*census_file_pages.ROUTES, *payer_file_pages.ROUTES, *drg_pages.ROUTES, *configuration_pages.ROUTES]
ROUTES += [*out_pages.ROUTES, *past_pages.ROUTES, *view_pages.ROUTES, *snooze_pages.ROUTES, *day_pages.ROUTES]
ROUTES += [*distribution_pages.ROUTES, *rule_pages.ROUTES, *cover_pages.ROUTES, *takeover_pages.ROUTES]
ROUTES += [*notice_pages.ROUTES, *appeal_pages.ROUTES, *notice_paper_pages.ROUTES, *notice_form_pages.ROUTES]
ROUTES += [*criteria_pages.ROUTES, *licensed_pages.ROUTES]
ROUTES += [*review_pages.ROUTES, *signed_review_pages.ROUTES, *certificate_pages.ROUTES, *exemption_pages.ROUTES]
ROUTES += [*sampling_pages.ROUTES, *second_reading_pages.ROUTES]
ROUTES += [*decision_pages.ROUTES, *question_pages.ROUTES, *talk_pages.ROUTES, *attending_pages.ROUTES]
ROUTES += [*attending_link_pages.ROUTES, *ladder_pages.ROUTES]
ROUTES += [*payer_tab.ROUTES, *authorization_pages.ROUTES, *contact_pages.ROUTES, *payer_pages.ROUTES]
ROUTES += [*status_pages.ROUTES, *committee_pages.ROUTES]
ROUTES += [*denial_result_pages.ROUTES, *denial_tab.ROUTES, *denial_pages.ROUTES, *denial_appeal_pages.ROUTES]
ROUTES += [*denial_packet_pages.ROUTES, *vendor_pages.ROUTES, *vendor_file_pages.ROUTES]
ROUTES += [*choice_pages.ROUTES, *choice_paper_pages.ROUTES, *choice_link_pages.ROUTES]
ROUTES += [*ledger_pages.ROUTES, *ledger_grid_pages.ROUTES, *utilization_pages.ROUTES]
ROUTES += [*avoidable_pages.ROUTES, *avoidable_draft_pages.ROUTES, *avoidable_reason_pages.ROUTES]
ROUTES += [*avoidable_report_pages.ROUTES, *avoidable_action_pages.ROUTES, *avoidable_precision_pages.ROUTES]
ROUTES += referral_link_pages.ROUTES
ROUTES += [*referral_sending_pages.ROUTES, *referral_pages.ROUTES, *referral_consent_pages.ROUTES]
ROUTES += [*booking_pages.ROUTES, *booking_deeds.ROUTES, *purchase_pages.ROUTES, *scorecard_pages.ROUTES]
ROUTES += [*departure_pages.ROUTES, *handoff_pages.ROUTES, *teaching_pages.ROUTES, *conference_pages.ROUTES]
ROUTES += [*board_pages.ROUTES, *meeting_pages.ROUTES]
ROUTES += [*plan_pages.ROUTES, *ready_pages.ROUTES, *barrier_pages.ROUTES, *plan_item_pages.ROUTES]
ROUTES += [*assessment_pages.ROUTES, *assessment_writing_pages.ROUTES, *illness_pages.ROUTES]
ROUTES += [*illness_measure_pages.ROUTES, *follow_up_call_pages.ROUTES, *follow_up_issue_pages.ROUTES]
ROUTES += [*readmission_pages.ROUTES, *program_pages.ROUTES, *long_term.ROUTES]
TABS = [
    stay.Tab("overview", "Overview", "", looks_back=True),
    stay.Tab("obligations", "Obligations", "/obligations", count=owed.open_count, looks_back=True),
    stay.Tab("timeline", "Timeline", "/timeline", looks_back=True),
    stay.Tab("reviews", "Reviews", "/reviews", count=reviews.open_count, looks_back=True, group="utilization"),
    stay.Tab("status", "Status", "/status", looks_back=True, group="utilization"),
    stay.Tab(
        "escalations", "Escalations", "/escalations", count=advisor.open_count, looks_back=True, group="utilization"
    ),
    stay.Tab("payer", "Payer", "/payer", looks_back=True, group="utilization"),
    stay.Tab("denials", "Denials", "/denials", count=denial_tab.open_count, looks_back=True, group="utilization"),
    stay.Tab("days", "Days", "/days", looks_back=True, group="utilization"),
    *long_term.TABS,
    stay.Tab("plan", "Plan", "/plan", looks_back=True, group="discharge"),
    stay.Tab("assessment", "Assessment", "/assessment", looks_back=True, group="discharge"),
    stay.Tab("referrals", "Referrals", "/referrals", count=referrals.open_count, looks_back=True, group="discharge"),
    stay.Tab("departure", "Departure", "/departure", count=departures.open_count, looks_back=True, group="discharge"),
    stay.Tab(
        "follow-up", "Follow-up", "/follow-up", count=after_discharge.open_count, looks_back=True, group="discharge"
    ),
    stay.Tab("notices", "Notices", "/notices", count=notices.open_count, looks_back=True, group="record"),
    stay.Tab("notes", "Notes", "/notes", count=note_count, looks_back=True, group="record"),
    stay.Tab("places", "Place", "/places", looks_back=True, group="record"),
    stay.Tab("disclosures", "Disclosures", "/disclosures", looks_back=True, group="record"),
    stay.Tab("history", "History", "/history", looks_back=True, group="record"),
]
# Sections that features add to the hand-off of a stay.
BRIEF: list[stay.BriefSection] = [stay.BriefSection("Owed", owed.brief_lines)]
BRIEF += [
    stay.BriefSection("Plan", plan_lent.brief_lines),
    stay.BriefSection("Departure", departure_showing.brief_lines),
    stay.BriefSection("Conferences", conferences.brief_lines),
]
BRIEF += [stay.BriefSection("Needs and risk", illness_lent.brief_lines)]
BRIEF += [stay.BriefSection("After discharge", follow_up.brief_lines)]
BRIEF += long_term.BRIEF
brief.install(BRIEF)
avoidable_blind.install(kept_blind)
FACTS: list[stay.Facts] = [plan_lent.banner_facts, booking_lent.going, authorization_fact, appeal_fact, owner_fact]
CARDS = [stay.OverviewCard("clocks/_overview.html", owed.shortly)]
CARDS += [stay.OverviewCard("ledger/_overview.html", ledger_card)]
CARDS += [stay.OverviewCard("discharge/departure/_card.html", departure_showing.card_context)]
CARDS += [stay.OverviewCard("discharge/plan/_overview.html", plan_lent.shortly)]
CARDS += [stay.OverviewCard("discharge/illness/_card.html", illness_lent.card)]
CARDS += [stay.OverviewCard("discharge/after/_card.html", readmissions.card)]
stay.install(stay_head, TABS, FACTS, CARDS)
long_term_lent.install(readiness.ready_since, plans.destinations)
# Deeds that one key opens on every part of a stay.
STAY_KEYS = [
    stay.StayKey("r", "Review", "/reviews/new", Permission.REVIEW_WRITE),
    stay.StayKey("u", "Refer to a physician", "/escalations/new", Permission.ESCALATE),
    stay.StayKey("c", "Payer contact", "/payer-contacts/new", Permission.AUTHORIZATION_WRITE),
    stay.StayKey("e", "Expected date", "/expected-date/new", Permission.PLAN_WRITE),
    stay.StayKey("b", "Barrier", "/barriers/new", Permission.PLAN_WRITE),
    stay.StayKey("d", "Avoidable day", "/avoidable-days/new", Permission.AVOIDABLE_DAY_RECORD),
]
STAY_KEYS += [stay.StayKey("s", "Assess", "/assessment", Permission.PLAN_WRITE)]
STAY_KEYS += [stay.StayKey("f", "Referral", "/referrals/new", Permission.REFERRAL_WRITE)]
STAY_KEYS += [stay.StayKey("p", "Call", "/calls/new", Permission.FOLLOW_UP_WRITE)]
stay.install_keys(STAY_KEYS)
# Parts of the packets about a stay.
PACKETS: list[packets.SectionSource] = [
    stay_packet.sections,
    plan_packet.sections,
    notice_packet.sections,
    denial_packet.sections,
    review_packet.sections,
    status_packet.sections,
    advisor_packet.sections,
    payer_packet.sections,
    choice_packet.sections,
]
PACKETS += [departure_showing.sections, teaching_packet.sections, conferences.sections]
PACKETS += [illness_lent.sections]
PACKETS += [referral_lent.sections]
PACKETS += [booking_lent.sections]
PACKETS += [follow_up.sections]
PACKETS += long_term.PACKETS
packets.install(PACKETS, referral_lent.leaving)
# Where the record that closes a rule is made, under the address of the stay.
DEEDS: dict[str, owed.Deed] = {}
DEEDS |= {
    rule: owed.Deed("Deliver", f"/notices/new?kind={kind.value}&copy={copy or ''}", Permission.NOTICE_DELIVER)
    for rule, (kind, copy) in notices.OF_RULE.items()
}
DEEDS |= {rule: owed.Deed("Review", "/reviews/new", Permission.REVIEW_WRITE) for rule in review_source.REVIEW_DEEDS}
DEEDS |= {
    rule: owed.Deed("Certify", "/reviews#cert-t", Permission.REVIEW_WRITE) for rule in review_source.CERTIFICATE_DEEDS
}
DEEDS |= {
    rule: owed.Deed("Refer", "/escalations/new", Permission.ESCALATE)
    for rule in ("UR-2ND", "ST-OBS-REVIEW", "MCD-ADM", "PY-P2P")
}
DEEDS |= {
    "ES-ANSWER": owed.Deed("Answer", "/escalations", Permission.DECIDE),
    "ES-P2P": owed.Deed("Record the talk", "/escalations", Permission.DECIDE),
    "ES-ATTENDING": owed.Deed("Record the answer", "/escalations", Permission.ESCALATE),
}
DEEDS |= {
    "PY-NOTIFY": owed.Deed("Ask the payer", "/authorizations/new", Permission.AUTHORIZATION_WRITE),
    "PY-EXTEND": owed.Deed("Ask for days", "/authorizations/new?of=last", Permission.AUTHORIZATION_WRITE),
    "PY-FOLLOW": owed.Deed("Record a contact", "/payer-contacts/new", Permission.AUTHORIZATION_WRITE),
}
DEEDS |= {
    rule: owed.Deed("Record the answer", "/payer-answers/new", Permission.AUTHORIZATION_WRITE)
    for rule in ("PY-72", "PY-7", "PY-ERISA-CC")
}
DEEDS |= {
    "UR-NOTICE": owed.Deed("Record a notice", "/status#case-t", Permission.STATUS_WORK),
    "ST-SELFDENY": owed.Deed("Record the filing", "/status#work-t", Permission.STATUS_WORK),
}
DEEDS |= {
    rule: owed.Deed("Appeal", "/denials", Permission.DENIAL_WRITE) for rule in denial_source.FILING_RULES
}  # fmt: skip
DEEDS |= {"PY-VERIFY": owed.Deed("Verify", "/denials", Permission.DENIAL_WRITE)}
DEEDS |= {
    "DP-ACTION": owed.Deed("Finish", "/conferences#actions", Permission.PLAN_WRITE),
    "DP-CASE": owed.Deed("Review", "/conferences#case", Permission.PLAN_WRITE),
}
DEEDS |= {
    "DP-EDD": owed.Deed("Set the date", "/expected-date/new", Permission.PLAN_WRITE),
    "DP-BARRIER": owed.Deed("Resolve", "/plan#barriers", Permission.PLAN_WRITE),
    "DP-REEVAL": owed.Deed("Look at the plan", "/plan#look-t", Permission.PLAN_WRITE),
}
DEEDS |= {
    "DP-SCREEN": owed.Deed("Screen", "/assessment#screen-t", Permission.PLAN_WRITE),
    "DP-EVAL": owed.Deed("Evaluate", "/assessments/new", Permission.PLAN_WRITE),
    "SI-ANSWER": owed.Deed("Answer", "/illness#signs-t", Permission.PLAN_WRITE),
    "SI-CONSULT": owed.Deed("Record the visit", "/illness#signs-t", Permission.PLAN_WRITE),
    "SI-MEETING": owed.Deed("Record the meeting", "/illness#meet-t", Permission.PLAN_WRITE),
}
DEEDS |= {
    "PA-AUTH": owed.Deed("Record the answer", "/bookings#payer-asked", Permission.REFERRAL_WRITE),
    "PA-HHF2F": owed.Deed("Record the visit", "/bookings?care=home_health", Permission.REFERRAL_WRITE),
    "PA-DME6M": owed.Deed("Record the visit", "/bookings?care=dme", Permission.REFERRAL_WRITE),
    "RF-ANSWER": owed.Deed("Follow up", "/referrals", Permission.REFERRAL_WRITE),
    "RF-CHOICE": owed.Deed("Record the choice", "/choice", Permission.REFERRAL_WRITE),
}
DEEDS |= {
    rule: owed.Deed("Call", "/calls/new", Permission.FOLLOW_UP_WRITE) for rule in ("TC-CALL", "TC-AGAIN", "TCM-2BD")
}
DEEDS |= {
    "TC-INTERVIEW": owed.Deed("Interview", "/follow-up#readmission", Permission.FOLLOW_UP_WRITE),
    "TC-PROGRAM": owed.Deed("Record", "/follow-up#programs", Permission.FOLLOW_UP_WRITE),
}
DEEDS |= {"TC-ISSUE": owed.Deed("Settle", "/follow-up#issues", Permission.FOLLOW_UP_WRITE)}
DEEDS |= long_term.DEEDS
owed.install(DEEDS)
payer_sending.install([sent_files])
leaving.install(plan_lent.planned_day)
# What a card for a physician borrows.
advisor_loans.install(
    advisor_loans.Loans(
        midnights=status_drawing.lent,
        reviews=review_brief.briefs,
        payers=payer_words.last_words,
        talk_effects=payer_words.talk_effects,
    )
)
# What is open with a payer, for whoever has it on the telephone.
PAYER_ITEMS: list[payer_items.PayerItems] = [
    payer_items.open_authorizations,
    payer_items.follow_ups,
    denial_items.open_denials,
]
payer_items.install(PAYER_ITEMS)
# What features know to have changed on a stay, for whoever reviews it again.
CHANGES: list[changes.ChangeSource] = [census_changes, opinions_since, payer_changes]
CHANGES += [plan_lent.plan_changes]
CHANGES += [referral_lent.replies_since]
CHANGES += [follow_up.follow_up_changes]
changes.install(CHANGES)
# What features know of the readiness of a stay.
LIGHTS: list[plan_lights.LightSource] = [referral_lent.destination, booking_lent.lights]
LIGHTS += [departure_lights.said]
plan_lights.install(LIGHTS)
following.install(view_following.following)


def on_start(backend: PostgresChannels) -> None:
    """Called once when the web application opens."""
    pulse.start(backend.last_message)
    proofs.install(identity.fresh_proof)


def live_state(viewer: Viewer) -> LiveState | None:
    """When the feed of the viewer's facility last said something, from what this process has heard."""
    return pulse.state(viewer)
