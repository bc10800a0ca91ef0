"""Permissions and roles, for the auditor: everything that a route can ask for, and who holds it."""

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What a route may ask for. A route without one stops the program from starting."""

    PUBLIC = "public"  # no sign-in: the sign-in page itself, static files, health
    ACCOUNT_OWN = "account.own"  # one's own account: any signed-in person
    STAY_LIST = "stay.list"  # see worklists of one's facilities
    STAY_SEE = "stay.see"  # open a stay, search for a patient
    STAY_ASSIGN = "stay.assign"  # give stays to colleagues
    STAY_TAKE = "stay.take"  # take a stay oneself, or give it back
    NOTE_WRITE = "note.write"  # write, amend and strike out notes
    SENSITIVE_SEE = "sensitive.see"  # see VIP, employee, psychiatric, 42 CFR Part 2 stays without a reason given
    SENSITIVE_MARK = "sensitive.mark"  # mark a stay as sensitive, or take the mark away
    GLASS_BREAK = "glass.break"  # open a sensitive stay with a reason, reported to privacy
    INTERFACE_SEE = "interface.see"  # the interface monitor: feeds, refused messages, exceptions
    CENSUS_REPAIR = "census.repair"  # take census files, and make the census agree with them
    INTERFACE_REPLAY = "interface.replay"  # replay a message after a repair
    MESSAGE_READ = "message.read"  # read the text of an inbound message
    USER_MANAGE = "user.manage"  # people, roles, sign-out of others
    FACILITY_MANAGE = "facility.manage"  # facilities, units, feed settings
    CONFIGURATION_SEE = "configuration.see"  # settings of the installation and what runs in it
    AUDIT_SEE = "audit.see"  # who saw whom, who did what
    VIEW_SHARE = "view.share"  # show one's saved views to everybody in the facility
    LIST_EXPORT = "list.export"  # take lists out as files
    POLICY_SEE = "policy.see"  # terms of the facility and of payers' contracts for deadlines
    POLICY_SET = "policy.set"  # set such terms
    PAYER_LINE_SET = "payer_line.set"  # say which line of business a payer belongs to
    NOTICE_DELIVER = "notice.deliver"  # record deliveries of notices and steps of appeals
    NOTICE_STRIKE = "notice.strike"  # strike deliveries and steps of appeals out, or declare them void
    NOTICE_FORM = "notice.form"  # put official forms in use
    REVIEW_WRITE = "review.write"  # write, sign, amend and strike out reviews; refer them to a physician
    REVIEW_SAMPLE = "review.sample"  # draw samples of signed reviews for a second reading, see agreement
    CRITERIA_SET = "criteria.set"  # criteria sets of the hospital, licensed products in use
    STATUS_WORK = "status.work"  # prepare changes of status: consultations, deliveries of determinations
    DETERMINE = "status.determine"  # give an opinion as a member of the utilization-review committee
    COMMITTEE_SET = "committee.set"  # who is a member of the committee, and whose interests conflict
    PAYER_SET = "payer.set"  # contacts, calendars and rule cards of payers
    AUTHORIZATION_WRITE = "authorization.write"  # requests, decisions of payers, contacts with payers
    PAYER_SEND = "payer.send"  # send reviews and requests to payers as files
    EXCHANGE_SET = "exchange.set"  # settings of the exchange with payers, answers that match nothing
    ESCALATE = "escalation.write"  # ask the next step of the ladder, and the attending
    DECIDE = "escalation.decide"  # decide escalations, hold peer-to-peer talks
    ATTENDING_ANSWER = "attending.answer"  # answer messages about one's own patients
    DENIAL_WRITE = "denial.write"  # denials, appeals, packets, outcomes
    AVOIDABLE_DAY_RECORD = "avoidable_day.record"  # record avoidable days and delays, confirm and reject drafts
    AVOIDABLE_DAY_SET = "avoidable_day.set"  # reasons, cost of a day, precision of the rules that propose
    AVOIDABLE_DAY_STUDY = "avoidable_day.study"  # reports on avoidable days, and what was done about them
    PLAN_WRITE = "plan.write"  # assessments, plans, barriers, rounds, teaching, departure
    READY_SET = "ready.set"  # say as a physician that a patient no longer needs this level of care, or again does
    VENDOR_SET = "vendor.set"  # registry of post-acute vendors, contracts, published files
    REFERRAL_WRITE = "referral.write"  # referrals, choice of the patient, bookings
    REFERRAL_STUDY = "referral.study"  # how vendors answer: scorecards
    FOLLOW_UP_WRITE = "follow_up.write"  # calls after discharge, their issues, hand-off to programs
    READMISSION_JUDGE = "readmission.judge"  # judge whether a readmission could have been prevented
    LTAC_SCREEN = "ltac.screen"  # referrals to a long-term hospital: screening, payer, decision
    LTAC_CHART = "ltac.chart"  # weaning, wounds, therapy, conferences, days away of long-term stays
    LTAC_SEE = "ltac.see"  # the page of a long-term hospital: average stay, shares, what a pending discharge changes
    LTAC_STUDY = "ltac.study"  # figures of a long-term hospital, discharges around payment thresholds
    MEASURE_SEE = "measure.see"  # Control and measures with the stays behind their figures
    MEASURE_SET = "measure.set"  # value sets, reports that are sent, settings of measures
    GLASS_REVIEW = "glass.review"  # judge openings of restricted stays, and what looks unusual
    DISCLOSURE_WRITE = "disclosure.write"  # record that records went to somebody outside treatment and payment
    DISCLOSURE_ACCOUNT = "disclosure.account"  # make the accounting of disclosures for a patient
    IDENTITY_SET = "identity.set"  # the identity provider, and which of its groups hold which role


class Role(StrEnum):
    """A named bundle of permissions, granted for one facility or for all."""

    CASE_MANAGER = "case_manager"
    UR_NURSE = "ur_nurse"
    SOCIAL_WORKER = "social_worker"
    PHYSICIAN_ADVISOR = "physician_advisor"
    ATTENDING = "attending"
    CHIEF_MEDICAL_OFFICER = "chief_medical_officer"
    LEAD = "lead"
    DIRECTOR = "director"
    ADMINISTRATOR = "administrator"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class RoleText:
    """A role as people read it: its name, a sentence, and what it may do.

    `own_patients` limits every view to stays of the attending physician who holds the role.
    """

    label: str
    sentence: str
    permissions: frozenset[Permission]
    own_patients: bool = False


P = Permission
_STAFF = frozenset({P.ACCOUNT_OWN, P.STAY_LIST, P.STAY_SEE, P.STAY_TAKE, P.NOTE_WRITE, P.GLASS_BREAK, P.LIST_EXPORT,
                    P.DISCLOSURE_WRITE})  # fmt: skip
_NOTICES = frozenset({P.NOTICE_DELIVER, P.NOTICE_STRIKE})
_REVIEWS = frozenset({P.REVIEW_WRITE, P.STATUS_WORK, P.AUTHORIZATION_WRITE, P.PAYER_SEND, P.ESCALATE, P.DENIAL_WRITE})
_ADVICE = frozenset({P.STATUS_WORK, P.DETERMINE, P.ESCALATE, P.DECIDE, P.DENIAL_WRITE, P.REVIEW_WRITE})
_DAYS = frozenset({P.AVOIDABLE_DAY_RECORD})
_PLANS = frozenset({P.PLAN_WRITE, P.REFERRAL_WRITE, P.FOLLOW_UP_WRITE, P.READMISSION_JUDGE, P.REFERRAL_STUDY})
_STUDIES = frozenset({P.AVOIDABLE_DAY_STUDY, P.AVOIDABLE_DAY_SET, P.REFERRAL_STUDY, P.VENDOR_SET})
_LONG_TERM = frozenset({P.LTAC_SCREEN, P.LTAC_CHART, P.LTAC_SEE})
_MEASURES = frozenset({P.MEASURE_SEE, P.MEASURE_SET, P.LTAC_STUDY})
_READ = frozenset({P.ACCOUNT_OWN, P.STAY_LIST, P.STAY_SEE})

ROLES: dict[Role, RoleText] = {
    Role.CASE_MANAGER: RoleText(
        "Case manager",
        "Plans care and discharge for the stays of a unit; takes stays and writes notes.",
        _STAFF | _NOTICES | _REVIEWS | _DAYS | _PLANS | _LONG_TERM,
    ),
    Role.UR_NURSE: RoleText(
        "Utilization-review nurse",
        "Reviews medical necessity and keeps payers informed.",
        _STAFF | _NOTICES | _REVIEWS | _DAYS | _LONG_TERM | {P.POLICY_SEE},
    ),
    Role.SOCIAL_WORKER: RoleText(
        "Social worker",
        "Works on social needs and placement together with the case manager.",
        _STAFF | _NOTICES | _DAYS | _PLANS | _LONG_TERM | {P.ESCALATE, P.AUTHORIZATION_WRITE},
    ),
    Role.PHYSICIAN_ADVISOR: RoleText(
        "Physician advisor",
        "Answers status questions and speaks with payers' physicians.",
        _STAFF | _ADVICE | _DAYS | {P.READY_SET, P.READMISSION_JUDGE},
    ),
    Role.ATTENDING: RoleText(
        "Attending physician",
        "Sees the stays of own patients and answers messages about them.",
        frozenset({P.ACCOUNT_OWN, P.STAY_LIST, P.STAY_SEE, P.NOTE_WRITE, P.ATTENDING_ANSWER, P.READY_SET}),
        own_patients=True,
    ),
    Role.CHIEF_MEDICAL_OFFICER: RoleText(
        "Chief medical officer",
        "Last step of the escalation ladder; sees all stays.",
        _STAFF
        | _ADVICE
        | _DAYS
        | {P.SENSITIVE_SEE, P.COMMITTEE_SET, P.READY_SET, P.READMISSION_JUDGE, P.AVOIDABLE_DAY_STUDY}
        | {P.MEASURE_SEE, P.LTAC_SEE, P.LTAC_STUDY},
    ),
    Role.LEAD: RoleText(
        "Lead",
        "Distributes the stays among colleagues and covers for absences.",
        _STAFF
        | _NOTICES
        | _REVIEWS
        | _DAYS
        | _PLANS
        | _STUDIES
        | _LONG_TERM
        | _MEASURES
        | {P.REVIEW_SAMPLE, P.CRITERIA_SET, P.PAYER_SET, P.EXCHANGE_SET}
        | {P.POLICY_SEE, P.PAYER_LINE_SET}
        | {P.NOTICE_FORM, P.VIEW_SHARE, P.STAY_ASSIGN, P.SENSITIVE_MARK, P.INTERFACE_SEE, P.CENSUS_REPAIR},
    ),
    Role.DIRECTOR: RoleText(
        "Director",
        "Runs the department: lists, figures, assignments, the interface monitor.",
        _STAFF
        | _NOTICES
        | _REVIEWS
        | _DAYS
        | _PLANS
        | _STUDIES
        | _LONG_TERM
        | _MEASURES
        | {P.REVIEW_SAMPLE, P.CRITERIA_SET, P.COMMITTEE_SET, P.PAYER_SET, P.EXCHANGE_SET}
        | {P.POLICY_SEE, P.POLICY_SET, P.PAYER_LINE_SET}
        | {P.NOTICE_FORM, P.VIEW_SHARE, P.STAY_ASSIGN, P.SENSITIVE_MARK, P.INTERFACE_SEE, P.CENSUS_REPAIR},
    ),
    Role.ADMINISTRATOR: RoleText(
        "Administrator",
        "Manages people, facilities and interfaces; does not see patients' stays.",
        frozenset(
            {
                P.ACCOUNT_OWN,
                P.USER_MANAGE,
                P.FACILITY_MANAGE,
                P.PAYER_LINE_SET,
                P.PAYER_SET,
                P.VENDOR_SET,
                P.AVOIDABLE_DAY_SET,
                P.EXCHANGE_SET,
                P.NOTICE_FORM,
                P.CONFIGURATION_SEE,
                P.IDENTITY_SET,
                P.INTERFACE_SEE,
                P.INTERFACE_REPLAY,
                P.MESSAGE_READ,
            }
        ),
    ),
    Role.PRIVACY_OFFICER: RoleText(
        "Privacy officer",
        "Sees who saw whom, reviews broken glass and marks sensitive stays.",
        _READ
        | {P.SENSITIVE_SEE, P.SENSITIVE_MARK, P.AUDIT_SEE, P.GLASS_REVIEW}
        | {P.DISCLOSURE_WRITE, P.DISCLOSURE_ACCOUNT},
    ),
    Role.AUDITOR: RoleText(
        "Auditor",
        "Reads everything but sensitive stays, changes nothing.",
        _READ | {P.AUDIT_SEE, P.INTERFACE_SEE},
    ),
}
