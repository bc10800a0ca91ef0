"""The words of discharge planning that its parts share: where a patient goes, what is in the way, what has to be done.

Codes of avoidable days are those of the product's own list (`avoidable_days`), where code and label are explained.
"""

from enum import StrEnum


class CareType(StrEnum):
    """Where a patient goes, or what care or service is asked of a vendor."""

    HOME = "home"  # home without services
    HOME_HEALTH = "home_health"  # home, with a home health agency
    SNF = "snf"  # skilled nursing facility
    NF = "nf"  # nursing facility, custodial care
    IRF = "irf"  # inpatient rehabilitation facility
    LTCH = "ltch"  # long-term care hospital
    HOSPICE_HOME = "hospice_home"  # hospice at home
    HOSPICE_FACILITY = "hospice_facility"  # hospice in a facility
    DME = "dme"  # durable medical equipment and oxygen
    INFUSION = "infusion"  # infusion at home
    DIALYSIS = "dialysis"  # a chair of outpatient dialysis
    TRANSPORT = "transport"  # medical transport
    PSYCHIATRIC = "psychiatric"  # psychiatric or detoxification bed
    ASSISTED_LIVING = "assisted_living"  # assisted living or a group home
    SHELTER = "shelter"  # shelter or recuperative care
    ACUTE = "acute"  # another acute-care hospital
    OTHER = "other"  # something else, said in words

    @property
    def label(self) -> str:
        """As a list, a chip and a form show it."""
        return _CARE_TYPES.get(self, self.value.replace("_", " ").capitalize())

    @property
    def short(self) -> str:
        """As a narrow column shows it."""
        return _SHORT.get(self, self.label)


DESTINATIONS = (
    CareType.HOME, CareType.HOME_HEALTH, CareType.SNF, CareType.NF, CareType.IRF, CareType.LTCH, CareType.HOSPICE_HOME,
    CareType.HOSPICE_FACILITY, CareType.PSYCHIATRIC, CareType.ASSISTED_LIVING, CareType.SHELTER, CareType.ACUTE,
    CareType.OTHER,
)  # fmt: skip
"""Types of care that are a place to go to: what a disposition may be. The others are services that go with it."""

WITHOUT_PROVIDER = frozenset({CareType.HOME, CareType.SHELTER})
"""Destinations where nobody has to accept the patient."""


class BarrierKind(StrEnum):
    """What keeps a patient from leaving."""

    ORDER = "order"  # discharge order, prescriptions or parameters are not written
    CONSULT = "consult"  # a consultant has not answered
    IMAGING = "imaging"  # imaging was not performed or read
    PROCEDURE = "procedure"  # a procedure waits for its slot
    THERAPY = "therapy"  # evaluation or clearance by therapy
    MEDICINE = "medicine"  # a medicine is not to be had, or its teaching is open
    TRANSITION = "transition"  # intravenous to oral, wean, line or drain: the decision is open
    TEACHING = "teaching"  # nursing care or teaching is not complete
    PAYER = "payer"  # a payer has not decided on care after the hospital
    NETWORK = "network"  # the payer has no provider or bed in its network
    COVERAGE = "coverage"  # benefits are used up, unclear or lapsed
    CHOICE = "choice"  # the patient or family has not chosen
    CAREGIVER = "caregiver"  # no caregiver, or one who is not trained
    CAPACITY = "capacity"  # who decides for the patient is unresolved
    GOALS = "goals"  # a family meeting or consensus on goals is awaited
    HOME = "home"  # the home is not ready
    RIDE = "ride"  # no ride, clothing or keys
    DOCUMENTS = "documents"  # the family owes documents for an application
    FACILITY_BED = "facility_bed"  # no bed in a nursing facility
    FACILITY_DECLINES = "facility_declines"  # nursing facilities decline for clinical complexity
    REHABILITATION = "rehabilitation"  # inpatient rehabilitation review or bed
    LONG_TERM_CARE = "long_term_care"  # long-term care hospital review or bed
    HOME_HEALTH = "home_health"  # no home health agency accepts, or starts too late
    EQUIPMENT = "equipment"  # equipment, oxygen or home infusion is not delivered
    HOSPICE = "hospice"  # hospice bed or admission
    TRANSPORT = "transport"  # the transport vendor
    PSYCHIATRIC = "psychiatric"  # psychiatric or detoxification bed
    DIALYSIS = "dialysis"  # a chair of outpatient dialysis
    GROUP_HOME = "group_home"  # return to assisted living or a group home
    ACUTE = "acute"  # acceptance by another hospital
    GUARDIAN = "guardian"  # guardianship or conservatorship
    PROTECTION = "protection"  # a protective investigation
    PASRR = "pasrr"  # the state's level II evaluation
    MEDICAID = "medicaid"  # eligibility for Medicaid is awaited
    HOUSING = "housing"  # no safe housing or shelter bed
    COURT = "court"  # custody, court order or involuntary hold
    ISOLATION = "isolation"  # an outbreak or isolation keeps the next place closed
    OTHER = "other"  # something else, said in words

    @property
    def label(self) -> str:
        """As a form and a table show it."""
        return _BARRIERS[self][0]

    @property
    def code(self) -> str:
        """The avoidable-day code that days lost to it bear."""
        return _BARRIERS[self][1]

    @property
    def usual_owner(self) -> "Discipline":
        """Who usually clears it; a default that a person changes."""
        return _BARRIERS[self][2]


class Discipline(StrEnum):
    """A group of staff that owns tasks and barriers."""

    PHYSICIAN = "physician"  # attending, consultants and their teams
    NURSING = "nursing"  # bedside nursing
    THERAPY = "therapy"  # physical, occupational and speech therapy
    PHARMACY = "pharmacy"  # hospital pharmacy
    SOCIAL_WORK = "social_work"  # psychosocial needs, family, legal matters
    CASE_MANAGEMENT = "case_management"  # plan, referrals, payers

    @property
    def label(self) -> str:
        """As a form and a table show it."""
        return self.value.replace("_", " ").capitalize()


class MilestoneKind(StrEnum):
    """A step of care that has to be behind a patient before departure."""

    THERAPY_EVALUATION = "therapy_evaluation"  # therapy says what function allows
    CONSULT = "consult"  # a consultant signs off
    LAST_INTRAVENOUS_DOSE = "last_intravenous_dose"  # the last dose that needs the hospital, or the change to oral
    WEAN = "wean"  # off oxygen or the ventilator, or down to what the next place can give
    IMAGING = "imaging"  # imaging on which the departure depends
    PROCEDURE = "procedure"  # a procedure on which the departure depends
    LABORATORY = "laboratory"  # a result or a level on which it depends
    LINES_OUT = "lines_out"  # lines, drains and catheters are out, or the next place takes them
    MEDICINES = "medicines"  # medicines are reconciled and at hand
    TEACHING = "teaching"  # patient and caregiver can do what they have to
    FAMILY_MEETING = "family_meeting"  # family and team agree
    EQUIPMENT = "equipment"  # equipment is where it is needed
    TRANSPORT = "transport"  # the ride is fixed
    SUMMARY = "summary"  # discharge summary and papers for the next place
    OTHER = "other"  # something else, said in words

    @property
    def label(self) -> str:
        """As a form and a table show it."""
        return self.value.replace("_", " ").capitalize()


class LightName(StrEnum):
    """What a readiness light is about."""

    MEDICAL = "medical"  # a physician says that hospital care is not needed any more
    THERAPY = "therapy"  # function allows the next place
    MEDICINES = "medicines"  # medicines are settled
    FAMILY = "family"  # patient, family and caregiver agree and are able
    PAYER = "payer"  # who pays for what comes next has agreed
    DESTINATION = "destination"  # there is a place that takes the patient
    TRANSPORT = "transport"  # there is a way to get there
    PAPERWORK = "paperwork"  # order, summary, notices

    @property
    def label(self) -> str:
        """As a board shows it."""
        return self.value.capitalize()


class Light(StrEnum):
    """State of a readiness light. From worst to best: red, amber, green; gray says nothing."""

    GREEN = "green"  # done
    AMBER = "amber"  # under way
    RED = "red"  # blocked, or overdue
    GRAY = "gray"  # not needed, or nothing is known

    @property
    def label(self) -> str:
        """The word that goes with the shape, so that colour never says it alone."""
        return {"green": "ready", "amber": "partly", "red": "blocked", "gray": "nothing known"}[self.value]

    @property
    def shape(self) -> str:
        """The class of the shape on a page."""
        return {"green": "ok", "amber": "part", "red": "no", "gray": "na"}[self.value]


_CARE_TYPES = {
    CareType.SNF: "Skilled nursing (SNF)",
    CareType.NF: "Nursing facility",
    CareType.IRF: "Rehabilitation (IRF)",
    CareType.LTCH: "Long-term care hospital",
    CareType.HOSPICE_HOME: "Hospice at home",
    CareType.HOSPICE_FACILITY: "Hospice facility",
    CareType.DME: "Equipment (DME)",
    CareType.INFUSION: "Home infusion",
    CareType.DIALYSIS: "Outpatient dialysis",
    CareType.PSYCHIATRIC: "Psychiatric facility",
    CareType.ACUTE: "Another hospital",
}
_SHORT = {
    CareType.SNF: "SNF",
    CareType.NF: "Nursing home",
    CareType.IRF: "IRF",
    CareType.LTCH: "LTCH",
    CareType.HOSPICE_HOME: "Home hospice",
    CareType.HOSPICE_FACILITY: "Hospice",
    CareType.PSYCHIATRIC: "Psychiatric",
    CareType.ACUTE: "Other hospital",
}
_D = Discipline
_BARRIERS = {
    BarrierKind.ORDER: ("Discharge order or prescriptions", "PH-01", _D.PHYSICIAN),
    BarrierKind.CONSULT: ("Consult answer", "PH-03", _D.PHYSICIAN),
    BarrierKind.IMAGING: ("Imaging", "HS-02", _D.PHYSICIAN),
    BarrierKind.PROCEDURE: ("Procedure slot", "HS-05", _D.PHYSICIAN),
    BarrierKind.THERAPY: ("Therapy evaluation or clearance", "HS-07", _D.THERAPY),
    BarrierKind.MEDICINE: ("Medicine access", "HS-08", _D.PHARMACY),
    BarrierKind.TRANSITION: ("Change of therapy, wean or line", "PH-08", _D.PHYSICIAN),
    BarrierKind.TEACHING: ("Nursing care or teaching", "HS-09", _D.NURSING),
    BarrierKind.PAYER: ("Payer decision on care after the hospital", "PY-02", _D.CASE_MANAGEMENT),
    BarrierKind.NETWORK: ("No provider in the network", "PY-04", _D.CASE_MANAGEMENT),
    BarrierKind.COVERAGE: ("Coverage used up or unclear", "PY-06", _D.CASE_MANAGEMENT),
    BarrierKind.CHOICE: ("Patient choice", "PF-01", _D.CASE_MANAGEMENT),
    BarrierKind.CAREGIVER: ("Caregiver", "PF-03", _D.SOCIAL_WORK),
    BarrierKind.CAPACITY: ("Decision-maker or capacity", "PF-04", _D.SOCIAL_WORK),
    BarrierKind.GOALS: ("Goals-of-care decision", "PF-05", _D.PHYSICIAN),
    BarrierKind.HOME: ("Home not ready", "PF-06", _D.SOCIAL_WORK),
    BarrierKind.RIDE: ("Ride, clothing or keys", "PF-07", _D.CASE_MANAGEMENT),
    BarrierKind.DOCUMENTS: ("Documents from the family", "PF-08", _D.SOCIAL_WORK),
    BarrierKind.FACILITY_BED: ("Nursing facility bed", "PA-01", _D.CASE_MANAGEMENT),
    BarrierKind.FACILITY_DECLINES: ("Nursing facilities decline", "PA-02", _D.CASE_MANAGEMENT),
    BarrierKind.REHABILITATION: ("Rehabilitation review or bed", "PA-04", _D.CASE_MANAGEMENT),
    BarrierKind.LONG_TERM_CARE: ("Long-term care hospital review or bed", "PA-05", _D.CASE_MANAGEMENT),
    BarrierKind.HOME_HEALTH: ("Home health capacity", "PA-06", _D.CASE_MANAGEMENT),
    BarrierKind.EQUIPMENT: ("Equipment, oxygen or infusion", "PA-07", _D.CASE_MANAGEMENT),
    BarrierKind.HOSPICE: ("Hospice bed or admission", "PA-08", _D.CASE_MANAGEMENT),
    BarrierKind.TRANSPORT: ("Medical transport", "PA-09", _D.CASE_MANAGEMENT),
    BarrierKind.PSYCHIATRIC: ("Psychiatric bed", "PA-10", _D.SOCIAL_WORK),
    BarrierKind.DIALYSIS: ("Outpatient dialysis chair", "PA-11", _D.CASE_MANAGEMENT),
    BarrierKind.GROUP_HOME: ("Assisted living or group home return", "PA-12", _D.SOCIAL_WORK),
    BarrierKind.ACUTE: ("Acceptance by another hospital", "PA-13", _D.PHYSICIAN),
    BarrierKind.GUARDIAN: ("Guardianship", "SL-01", _D.SOCIAL_WORK),
    BarrierKind.PROTECTION: ("Protective investigation", "SL-02", _D.SOCIAL_WORK),
    BarrierKind.PASRR: ("PASRR level II", "SL-03", _D.SOCIAL_WORK),
    BarrierKind.MEDICAID: ("Medicaid eligibility", "SL-04", _D.SOCIAL_WORK),
    BarrierKind.HOUSING: ("Safe housing", "SL-05", _D.SOCIAL_WORK),
    BarrierKind.COURT: ("Court order or hold", "SL-08", _D.SOCIAL_WORK),
    BarrierKind.ISOLATION: ("Isolation or outbreak", "EN-02", _D.NURSING),
    BarrierKind.OTHER: ("Other", "OT-98", _D.CASE_MANAGEMENT),
}
