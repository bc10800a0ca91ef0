"""The words of eligibility: what a condition comes to, and what somebody has to record to know it."""

from enum import StrEnum


class Verdict(StrEnum):
    """Whether a condition of care after the hospital is met."""

    MET = "met"  # the facts show it
    NOT_MET = "not_met"  # the facts show that it is not
    NOT_KNOWN = "not_known"  # something has to be recorded first
    NOT_NEEDED = "not_needed"  # it does not apply to this patient

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"not_met": "not met", "not_known": "not known yet", "not_needed": "does not apply"}.get(
            self.value, self.value
        )


class Question(StrEnum):
    """A condition that only a person can answer."""

    SNF_WAIVER = "snf_waiver"  # which waiver of the three-day stay holds, with the program's number
    SNF_STARS = "snf_stars"  # overall stars of the chosen nursing facility
    SNF_SKILLED = "snf_skilled"  # daily skilled nursing or therapy that only a facility can give
    SNF_EXCEPTION = "snf_exception"  # care was not appropriate within 30 days of discharge, medically predictable
    PASRR_LEVEL_ONE = "pasrr_level_one"  # screen for mental illness and intellectual disability
    PASRR_LEVEL_TWO = "pasrr_level_two"  # determination of the state's authority, asked for on its day
    PASRR_EXEMPTED = "pasrr_exempted"  # the attending certifies a need of fewer than 30 days
    IRF_CONDITION = "irf_condition"  # one of the 13 conditions of the facility's test
    IRF_THERAPIES = "irf_therapies"  # two therapy disciplines, one of them physical or occupational
    IRF_INTENSITY = "irf_intensity"  # 3 hours on 5 days, or 15 hours in 7 days
    IRF_SUPERVISION = "irf_supervision"  # a rehabilitation physician has to supervise
    IRF_SCREEN = "irf_screen"  # preadmission screen, on its day and hour
    IRF_CONCURRENCE = "irf_concurrence"  # the rehabilitation physician concurs
    LTCH_VENTILATOR = "ltch_ventilator"  # at least 96 hours on a ventilator are expected there
    LTCH_EXCLUDED = "ltch_excluded"  # principal diagnosis outside psychiatry and rehabilitation
    HH_HOMEBOUND = "hh_homebound"  # both criteria of being confined to the home
    HH_SKILLED = "hh_skilled"  # intermittent skilled nursing or therapy
    HH_FACE_TO_FACE = "hh_face_to_face"  # visit about the primary reason, on its day
    HH_START = "hh_start"  # ordered start of care
    HOSPICE_PROGNOSIS = "hospice_prognosis"  # certified prognosis of six months or less
    HOSPICE_ELECTION = "hospice_election"  # day on which the benefit is elected
    DME_FACE_TO_FACE = "dme_face_to_face"  # visit about the equipment, on its day
    DME_ORDER = "dme_order"  # written order with its six elements, on its day
    TRANSFER_DRG = "transfer_drg"  # the DRG is on the list of post-acute transfers
    EMTALA_CERTIFICATE = "emtala_certificate"  # a physician certified that benefits outweigh the risks
    EMTALA_ACCEPTED = "emtala_accepted"  # the other hospital has space and staff and agreed
    EMTALA_RECORDS = "emtala_records"  # records go with the patient
    EMTALA_TRANSPORT = "emtala_transport"  # qualified staff and equipment on the way


class AnswerKind(StrEnum):
    """How a question is answered."""

    YES_NO = "yes_no"  # yes or no
    DAY = "day"  # a day
    WAIVER = "waiver"  # one of the waivers, or none
    STARS = "stars"  # one to five
    LEVEL_ONE = "level_one"  # outcome of the screen
    LEVEL_TWO = "level_two"  # outcome of the evaluation
    CONDITION = "condition"  # one of the conditions, or none


class Waiver(StrEnum):
    """A waiver of the three-day stay before a nursing facility."""

    NONE = "none"  # no waiver
    PLAN = "plan"  # a Medicare Advantage plan waives it
    ACO = "aco"  # an accountable care organization with a waiver of the program
    TEAM = "team"  # the TEAM episode model, to facilities of three stars or more

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"none": "No waiver", "plan": "Medicare Advantage plan", "aco": "ACO program", "team": "TEAM model"}[
            self.value
        ]


class LevelOne(StrEnum):
    """What the screen of PASRR Level I found."""

    NEGATIVE = "negative"  # no sign of mental illness, intellectual disability or a related condition
    POSITIVE = "positive"  # a sign: Level II has to follow
    NOT_NEEDED = "not_needed"  # back to the same nursing facility, or one without Medicaid certification

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {
            "negative": "Negative", "positive": "Positive",
            "not_needed": "Not needed: readmission, or facility without Medicaid",
        }[self.value]  # fmt: skip


class LevelTwo(StrEnum):
    """What the state's authority said in Level II."""

    ASKED = "asked"  # asked for; no determination yet
    APPROVED = "approved"  # a nursing facility is right
    REFUSED = "refused"  # a nursing facility is not right

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"asked": "Asked for", "approved": "Nursing facility approved", "refused": "Nursing facility refused"}[
            self.value
        ]


class IrfCondition(StrEnum):
    """The conditions of 42 CFR 412.29(b)(2): evidence for the facility's own test, no condition of a patient."""

    NO = "none"  # none of them
    STROKE = "stroke"  # stroke
    SPINAL_CORD = "spinal_cord"  # spinal cord injury
    CONGENITAL = "congenital"  # congenital deformity
    AMPUTATION = "amputation"  # amputation
    TRAUMA = "trauma"  # major multiple trauma
    HIP_FRACTURE = "hip_fracture"  # fracture of the femur
    BRAIN_INJURY = "brain_injury"  # brain injury
    NEUROLOGICAL = "neurological"  # such as multiple sclerosis, polyneuropathy, muscular dystrophy, Parkinson's
    BURNS = "burns"  # burns
    ARTHRITIS = "arthritis"  # active polyarticular inflammatory arthritis, after outpatient therapy failed
    VASCULITIS = "vasculitis"  # systemic vasculitis with joint inflammation, after outpatient therapy failed
    OSTEOARTHRITIS = "osteoarthritis"  # severe, of two or more weight-bearing joints, after outpatient therapy failed
    REPLACEMENT = "replacement"  # hip or knee replacement: both sides, or BMI of 50, or age of 85

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _CONDITIONS.get(self, self.value.replace("_", " ").capitalize())


_CONDITIONS = {
    IrfCondition.NO: "None of the 13",
    IrfCondition.SPINAL_CORD: "Spinal cord injury",
    IrfCondition.CONGENITAL: "Congenital deformity",
    IrfCondition.TRAUMA: "Major multiple trauma",
    IrfCondition.HIP_FRACTURE: "Fracture of the femur",
    IrfCondition.NEUROLOGICAL: "Neurological disorder",
    IrfCondition.ARTHRITIS: "Active polyarticular arthritis",
    IrfCondition.VASCULITIS: "Systemic vasculitis with joints",
    IrfCondition.OSTEOARTHRITIS: "Severe osteoarthritis, two joints or more",
    IrfCondition.REPLACEMENT: "Hip or knee replacement (both, BMI 50, or age 85)",
}
