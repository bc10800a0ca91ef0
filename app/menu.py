"""The main navigation and the list of keys: what every signed-in page shows of the features."""

from app.security.permissions import Permission
from app.web.frame import KeyHelp, NavItem

NAV: list[NavItem] = [
    NavItem("Decisions", "/decisions", Permission.DECIDE),
    NavItem("Control", "/control", Permission.MEASURE_SEE),
    NavItem("My day", "/worklists/my-day", Permission.STAY_TAKE, also=("/overnight",)),
    NavItem(
        "Worklists", "/worklists/inpatient", Permission.STAY_LIST, also=("/worklists", "/encounters", "/find", "/as-of")
    ),
    NavItem("LTAC", "/worklists/ltac", Permission.LTAC_CHART, kind="ltch"),
    NavItem("Rounds", "/rounds", Permission.STAY_LIST, ("/conferences", "/complex-cases"), "Days"),
    NavItem(
        "Avoidable days", "/avoidable-days/drafts", Permission.AVOIDABLE_DAY_RECORD,
        ("/avoidable-days/reasons", "/avoidable-days/costs", "/avoidable-days/entries"), "Days",
    ),
    NavItem("Ledger", "/ledger", Permission.STAY_LIST, group="Days"),
]  # fmt: skip
NAV += [
    NavItem("People", "/people", Permission.USER_MANAGE, group="People and places"),
    NavItem("Facilities", "/facilities", Permission.FACILITY_MANAGE, group="People and places"),
]
# What mostly finds no room in the bar, under the headings of its menu.
NAV += [
    NavItem("Measures", "/measures", Permission.MEASURE_SEE, group="Reports"),
    NavItem("Saved reports", "/reports", Permission.MEASURE_SEE, group="Reports"),
    NavItem("Day reports", "/avoidable-days", Permission.AVOIDABLE_DAY_STUDY, group="Reports"),
    NavItem("Serious illness", "/serious-illness/measures", Permission.AVOIDABLE_DAY_STUDY, group="Reports"),
    NavItem("Scorecards", "/vendors/scorecards", Permission.REFERRAL_STUDY, group="Reports"),
    NavItem("Purchased services", "/purchased-services", Permission.REFERRAL_STUDY, group="Reports"),
    NavItem("My results", "/denials/results", Permission.DENIAL_WRITE, group="Reports"),
    NavItem(
        "Referrals to screen", "/ltac/referrals", Permission.LTAC_SCREEN, ("/ltac/sources",), "Long-term care", "ltch"
    ),
    NavItem("Weaning round", "/ltac/weaning", Permission.LTAC_CHART, group="Long-term care", kind="ltch"),
    NavItem("Long-term figures", "/ltac", Permission.LTAC_SEE, group="Long-term care", kind="ltch"),
    NavItem("Distribution", "/distribution", Permission.STAY_ASSIGN, group="Team"),
    NavItem("Calendar", "/calendar", Permission.STAY_LIST, group="Team"),
    NavItem("Absences", "/absences", Permission.STAY_TAKE, group="Team"),
    NavItem("Day sheets", "/day-sheets", Permission.STAY_LIST, group="Team"),
    NavItem("Committee", "/committee", Permission.COMMITTEE_SET, group="Team"),
    NavItem("Second readings", "/second-readings", Permission.REVIEW_WRITE, ("/reviews/agreement",), "Team"),
    NavItem("Vendors", "/vendors", Permission.ACCOUNT_OWN, ("/vendor-files",), "Reference"),
    NavItem("Payers", "/payers", Permission.ACCOUNT_OWN, group="Reference"),
    NavItem(
        "Criteria", "/criteria", Permission.REVIEW_WRITE, ("/licensed-products", "/review-exemptions"), "Reference"
    ),
    NavItem("Codes", "/measures/codes", Permission.MEASURE_SEE, group="Reference"),
    NavItem("Deadlines", "/deadlines", Permission.AUDIT_SEE, group="Reference"),
    NavItem("Policies", "/policies", Permission.POLICY_SEE, group="Reference"),
    NavItem("Referral terms", "/referral-terms", Permission.VENDOR_SET, group="Reference"),
    NavItem("Interfaces", "/interfaces", Permission.INTERFACE_SEE, group="House"),
    NavItem("Payer files", "/payer-files", Permission.EXCHANGE_SET, group="House"),
    NavItem("Census files", "/reconciliation", Permission.CENSUS_REPAIR, group="House"),
    NavItem("Identity provider", "/identity", Permission.IDENTITY_SET, group="House"),
    NavItem("Configuration", "/configuration", Permission.CONFIGURATION_SEE, group="House"),
    NavItem("Audit", "/audit", Permission.AUDIT_SEE, group="House"),
    NavItem("Disclosures", "/disclosures", Permission.DISCLOSURE_ACCOUNT, group="House"),
]
KEYS: list[KeyHelp] = [
    KeyHelp("j k", "next, previous row"), KeyHelp("Enter", "open the stay"), KeyHelp("o", "look in place"),
    KeyHelp("x", "select"), KeyHelp("z", "put aside"), KeyHelp("a", "assign"), KeyHelp("n", "note"),
    KeyHelp("r", "review"), KeyHelp("u", "refer to a physician"), KeyHelp("1 2 3", "answers of a card"),
    KeyHelp("c", "payer contact"), KeyHelp("i", "deliver a notice"), KeyHelp("s", "assess"),
    KeyHelp("e", "expected date (EDD)"), KeyHelp("b", "barrier"), KeyHelp("l", "looked at, on rounds"),
    KeyHelp("f", "referral"), KeyHelp("m", "send to the first vendors"), KeyHelp("p", "call after discharge"),
    KeyHelp("d", "avoidable day"), KeyHelp("y", "confirm the current draft"),
    KeyHelp("h", "team conference"), KeyHelp("q", "weaning of a stay"),
    KeyHelp("v", "saved views"), KeyHelp("w", "save the view"), KeyHelp("t", "look back in time"),
    KeyHelp("g", "back to now"), KeyHelp("/", "find a patient"), KeyHelp("Ctrl Enter", "sign"),
    KeyHelp("?", "this list"), KeyHelp("Esc", "close the innermost thing"),
]  # fmt: skip
