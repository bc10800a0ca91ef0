"""The words of the clocks: what can happen to a stay that starts or stops one, and what an obligation is."""

from datetime import datetime
from enum import StrEnum

import msgspec

from app.kernel.deadlines import Standing
from app.regulations import Confidence


class Line(StrEnum):
    """Line of business of a payer: which law its clocks come from."""

    MEDICARE_FFS = "medicare_ffs"  # original Medicare, paid by a Medicare administrative contractor
    MEDICARE_ADVANTAGE = "medicare_advantage"  # Medicare through a plan (Part C)
    MEDICAID_FFS = "medicaid_ffs"  # Medicaid paid by the state itself
    MEDICAID_MCO = "medicaid_mco"  # Medicaid through a managed-care organization
    COMMERCIAL = "commercial"  # employer or marketplace insurance
    SELF_PAY = "self_pay"  # nobody pays but the patient
    OTHER = "other"  # workers' compensation, veterans, and payers whose line nobody has said yet


class EventKind(StrEnum):
    """Something that happened to a stay, at one instant, and from which a clock may run."""

    ARRIVAL = "arrival"  # came through the door; starts nothing
    CARE_START = "care_start"  # hospital care began, here or at the sending hospital
    OBSERVATION_START = "observation_start"  # observation services began by order
    OBSERVATION_END = "observation_end"  # observation services ended
    INPATIENT_ORDER = "inpatient_order"  # formally admitted as an inpatient
    INPATIENT_ELSEWHERE = "inpatient_elsewhere"  # inpatient of another hospital, transferred here directly
    STATUS_TO_OBSERVATION = "status_to_observation"  # inpatient made outpatient in observation (condition code 44)
    DISCHARGE_PLANNED = "discharge_planned"  # the departure as planned now; may lie in the future
    DISCHARGE = "discharge"  # the patient departed
    MEDICALLY_READY = "medically_ready"  # no longer needs this level of care
    MEDICALLY_NOT_READY = "medically_not_ready"  # readiness taken back
    SCREEN_NOT_MET = "screen_not_met"  # a first-level review did not meet its criteria
    NEED_SUPPORTED = "need_supported"  # a physician, or a later review, found needed what a review had not; no clock
    UR_DETERMINATION = "ur_determination"  # the committee decided on medical necessity
    UR_NOTICE_RECEIVED = "ur_notice_received"  # the hospital received notice that further stay is not necessary
    EXTENDED_STAY_DAY = "extended_stay_day"  # the day on which the utilization-review plan asks for a review
    CONTINUED_STAY_DATE = "continued_stay_date"  # date assigned for the next continued-stay review (Medicaid)
    MEDICAID_APPLICATION = "medicaid_application"  # the hospital was told of an application for Medicaid
    QIO_NOTIFIED = "qio_notified"  # the quality-improvement organization told the hospital of an appeal
    QIO_STATUS_NOTIFIED = "qio_status_notified"  # the same for an appeal of a change of status
    QIO_RECORDS_COMPLETE = "qio_records_complete"  # the organization has all information
    QIO_DECISION_NOTIFIED = "qio_decision_notified"  # the patient was told of the organization's decision
    LAST_COVERED_DAY = "last_covered_day"  # last day on which skilled services are covered (swing bed)
    NEED_IDENTIFIED = "need_identified"  # a screen was positive, or somebody asked for an evaluation
    PLAN_CHANGED = "plan_changed"  # condition, barrier or expected date changed since the plan was looked at
    PAYER_REQUEST_RECEIVED = "payer_request_received"  # the plan received a request for a decision
    PAYER_EXTENSION_ASKED = "payer_extension_asked"  # urgent care under way: asked to go on, in time (ERISA)
    PLAN_DENIAL_NOTICE = "plan_denial_notice"  # a plan denied, in writing
    INITIAL_DETERMINATION_DENIED = "initial_determination_denied"  # original Medicare denied the claim
    REDETERMINATION_DECIDED = "redetermination_decided"  # first level of appeal decided (contractor)
    RECONSIDERATION_DECIDED = "reconsideration_decided"  # second level decided (independent contractor)
    JUDGE_DECIDED = "judge_decided"  # third level decided (administrative law judge)
    COUNCIL_DECIDED = "council_decided"  # fourth level decided (Medicare Appeals Council)
    NURSING_FACILITY_ADMISSION = "nursing_facility_admission"  # under an exempted hospital discharge
    REHABILITATION_ADMISSION = "rehabilitation_admission"  # admitted to an inpatient rehabilitation facility
    HOME_HEALTH_START = "home_health_start"  # first day of home health care
    HOME_HEALTH_REFERRAL = "home_health_referral"  # referred to an agency, or returned home, whichever is later
    HOSPICE_PERIOD_START = "hospice_period_start"  # a hospice benefit period began
    EQUIPMENT_ORDERED = "equipment_ordered"  # order for an item that needs a face-to-face visit
    LTCH_DISCHARGE = "ltch_discharge"  # left the long-term care hospital
    LTCH_RETURN = "ltch_return"  # came back to the same long-term care hospital
    SELF_DENIAL = "self_denial"  # after discharge the committee found that the admission was not necessary
    NEXT_REVIEW_DAY = "next_review_day"  # a reviewer set the day of the next continued-stay review
    AUTHORIZATION_ENDS = "authorization_ends"  # a payer authorized days up to a last one
    PLAN_EXTENDED = "plan_extended"  # a plan took the extension that the law allows it for its decision
    FOLLOW_UP_SET = "follow_up_set"  # somebody set when to speak with the payer again
    ESCALATED = "escalated"  # a question was handed to a physician advisor
    ATTENDING_ASKED = "attending_asked"  # a message that asks for an answer went to the attending physician
    P2P_SLOT = "p2p_slot"  # a talk between physicians was given a time
    APPEAL_LEVEL_OPEN = "appeal_level_open"  # a level of appeal by contract may be filed from now on
    APPEAL_SENT = "appeal_sent"  # an appeal left the house
    DISCHARGE_ORDERED = "discharge_ordered"  # the physician ordered the discharge
    DISCHARGE_ORDER_WITHDRAWN = "discharge_order_withdrawn"  # the order was taken back
    EXPECTED_DISCHARGE = "expected_discharge"  # the plan expects the patient to leave on a day; until its end
    DEPARTURE_BOOKED = "departure_booked"  # transport or a bed is booked for an instant; until then
    BARRIER_OPEN = "barrier_open"  # something stands in the way of the discharge, since then
    REFERRAL_SENT = "referral_sent"  # a referral went to a provider of post-acute care
    REFERRAL_ACCEPTED = "referral_accepted"  # a provider would take the patient
    POST_ACUTE_REQUESTED = "post_acute_requested"  # a payer was asked to authorize post-acute care
    PASRR_LEVEL_TWO = "pasrr_level_two"  # a Level II evaluation was asked for: 42 CFR 483.128
    BED_BOOKED = "bed_booked"  # a provider holds a bed from a day on
    TRIGGER_FOUND = "trigger_found"  # a sign of serious illness waits for an answer
    CONSULT_ORDERED = "consult_ordered"  # palliative care was asked to see the patient
    MEETING_WANTED = "meeting_wanted"  # a meeting with the family is to be held
    ACTION_SET = "action_set"  # a conference gave somebody something to do
    CASE_REVIEW_SET = "case_review_set"  # a complex case is to be reviewed again
    CALL_AGAIN = "call_again"  # whoever called after discharge set when to call again
    ISSUE_OPEN = "issue_open"  # a call after discharge found something that must be settled
    READMITTED = "readmitted"  # this stay follows an earlier one within thirty days
    PROGRAM_CHOSEN = "program_chosen"  # a program of the community is to take over


class RecordKind(StrEnum):
    """Evidence: a record that somebody made, and that closes an obligation."""

    NOTICE = "notice"  # a notice was delivered, or its refusal witnessed
    REVIEW = "review"  # a review was signed
    AUTHORIZATION = "authorization"  # a payer decided
    ASSESSMENT = "assessment"  # a discharge-planning screen or assessment was saved
    EVALUATION = "evaluation"  # a discharge-planning evaluation was made and discussed
    PLAN = "plan"  # the plan was looked at again
    CONTACT = "contact"  # spoken with the patient after discharge
    VISIT = "visit"  # seen by a practitioner after discharge
    DECISION = "decision"  # a physician advisor or the committee decided
    DETERMINATION_NOTICES = "determination_notices"  # hospital, patient and practitioner were told in writing
    CERTIFICATION = "certification"  # a physician certified
    RECORDS_SENT = "records_sent"  # records were sent to the quality-improvement organization
    APPEAL = "appeal"  # an appeal was filed
    PEER_TO_PEER = "peer_to_peer"  # the physicians spoke
    PAYER_NOTIFICATION = "payer_notification"  # the payer was told of the admission
    EXTENSION_REQUESTED = "extension_requested"  # a payer was asked for further days
    PAYER_CONTACT = "payer_contact"  # spoken or written with a payer
    ATTENDING_ANSWER = "attending_answer"  # the attending physician answered a message
    APPEAL_VERIFIED = "appeal_verified"  # the payer confirmed that an appeal arrived
    CLAIM_FILED = "claim_filed"  # a claim was sent
    BARRIER_RESOLVED = "barrier_resolved"  # nothing stands in the way any more, of this barrier
    REFERRAL_ANSWER = "referral_answer"  # a provider answered a referral
    REFERRAL_CLOSED = "referral_closed"  # a referral is not pursued any more
    CHOICE = "choice"  # the patient chose: 42 CFR 482.43(c); about a referral, or a type of care
    POST_ACUTE_DECISION = "post_acute_decision"  # the payer decided on post-acute care
    PASRR_OUTCOME = "pasrr_outcome"  # the Level II evaluation is determined
    TRIGGER_ANSWER = "trigger_answer"  # somebody said what follows from a sign of serious illness
    CONSULT_SEEN = "consult_seen"  # palliative care has seen the patient
    MEETING_HELD = "meeting_held"  # the family met with those who treat
    ACTION_DONE = "action_done"  # what a conference asked for is done
    CASE_REVIEWED = "case_reviewed"  # a complex case was reviewed
    CALL_ATTEMPT = "call_attempt"  # the patient was called after discharge and not reached
    ISSUE_CLOSED = "issue_closed"  # what a call found is settled
    READMISSION_INTERVIEW = "readmission_interview"  # the readmitted patient was asked why
    PROGRAM_TOLD = "program_told"  # the community program was told
    TEAM_CONFERENCE = "team_conference"  # the disciplines of a long-term hospital met about the patient
    ADMISSION_VALIDATED = "admission_validated"  # criteria of a long-term admission were judged, met or not
    FAMILY_ORIENTED = "family_oriented"  # the family was told how a long-term hospital works, or why not


class NoticeKind(StrEnum):
    """A notice to a beneficiary, by its usual name."""

    IM = "IM"  # Important Message from Medicare, CMS-10065
    DND = "DND"  # Detailed Notice of Discharge, CMS-10066
    MOON = "MOON"  # Medicare Outpatient Observation Notice, CMS-10611
    MCSN = "MCSN"  # Medicare Change of Status Notice, CMS-10868
    CC44 = "CC44"  # written notice of a change from inpatient to outpatient, 42 CFR 482.30(d)
    HINN1 = "HINN1"  # the whole stay is expected not to be covered
    HINN10 = "HINN10"  # the hospital asked the QIO to review
    HINN11 = "HINN11"  # one item during a covered stay is not covered
    HINN12 = "HINN12"  # the continued stay is not covered
    NOMNC = "NOMNC"  # Notice of Medicare Non-Coverage, CMS-10123 (swing bed)
    CHOICE = "CHOICE"  # list of post-acute providers to choose from


class Copy(StrEnum):
    """Which delivery of the Important Message."""

    FIRST = "first"  # at admission
    FOLLOW_UP = "followup"  # before discharge


class Severity(StrEnum):
    """What a missed obligation does."""

    BLOCK = "B"  # stops the step that depends on it, unless somebody who may overrides it with a reason
    WARN = "W"  # warns
    COMPUTE = "C"  # is computed and shown; somebody else acts


class Actor(StrEnum):
    """Whose move it is."""

    CASE_MANAGER = "case manager"  # plans care and discharge; gives the notices
    UR_NURSE = "utilization-review nurse"  # reviews against criteria and keeps payers informed
    PHYSICIAN_ADVISOR = "physician advisor"  # decides on status and speaks with payers
    UR_COMMITTEE = "utilization-review committee"  # determines that care is not necessary, 42 CFR 482.30
    PHYSICIAN = "physician"  # the one who treats: certifies, orders, concurs
    APPEALS = "appeals"  # files appeals against denials
    BILLING = "billing"  # files claims and holds charges
    PAYER = "payer"  # decides on requests; nobody here can act
    QIO = "quality-improvement organization"  # decides on appeals of patients; nobody here can act
    OUTSIDE = "outside provider"  # acts after the patient left; nobody here can act


class Obligation(msgspec.Struct, frozen=True, kw_only=True):
    """Something owed for a stay, as computed from what is known at one instant.

    Attributes:
        rule: id of the registry, such as N-IM1.
        subject: which of several of one rule: the id of the determination, request or denial; "" for the only one.
        start_at: the event from which the allowance runs; None while it is not known.
        earliest_at: evidence before it does not count.
        due_at: the last instant that is in time; None while the start is not known and where nothing is owed.
        closed_at: the true time of the evidence, however late.
        because: why it is owed, with the arithmetic, or why it is not.
        version: first day of the regulation or policy that was applied, ISO.
    """

    rule: str
    title: str
    standing: Standing
    severity: Severity
    actor: Actor
    because: str
    citation: str
    confidence: Confidence
    subject: str = ""
    start_at: datetime | None = None
    earliest_at: datetime | None = None
    due_at: datetime | None = None
    closed_at: datetime | None = None
    version: str = ""

    @property
    def open(self) -> bool:
        """Whether somebody still has to act."""
        return self.standing in (Standing.DUE, Standing.OVERDUE)


class Counters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The five midnight counters of a stay and what is counted beside them; None where a count does not apply.

    They differ in where they start and are never added: see the rule sheet, section 0.3.
    """

    benchmark_midnights: int | None = None  # since hospital care began: 42 CFR 412.3(d)(1)
    presumption_midnights: int | None = None  # since the inpatient order
    snf_qualifying_days: int | None = None  # consecutive inpatient days, discharge day left out: 42 CFR 409.30(a)(1)
    billing_days: int | None = None  # utilization days, at least one
    observation_hours: int | None = None  # whole elapsed hours
    ltch_same_stay: bool | None = None  # came back in time to be one stay: 42 CFR 412.531
