"""Short names of what is owed, for chips and columns; families of rules; the step that a missed one blocks."""

from app.clocks.registry import RULES, Rule
from app.clocks.terms import Actor, Severity
from app.regulations import Confidence

ELSEWHERE = frozenset({Actor.PAYER, Actor.QIO, Actor.OUTSIDE, Actor.BILLING})
"""Who acts outside the work of a case-management department: shown on the stay, never in its lists of work."""

FAMILIES = {
    "UR": "Utilization review", "MCD": "Medicaid", "CAH": "Critical access hospital", "ST": "Status", "N": "Notices",
    "DP": "Discharge planning", "RF": "Referrals", "SI": "Serious illness", "LT": "Long-term care",
    "PY": "Payers and appeals", "ES": "Escalations", "PA": "Post-acute care",
    "BN": "Benefit days", "TC": "After discharge", "TCM": "Transitional care", "TRC": "Information of practitioners",
}  # fmt: skip

SURE = {
    Confidence.VERIFIED: "read in the statute or regulation",
    Confidence.VERIFIED_AT_SECOND_HAND: "read in a source that quotes it",
    Confidence.RECALLED_HIGH: "professional knowledge, well established",
    Confidence.RECALLED_MEDIUM: "usual, can be changed",
    Confidence.RECALLED_LOW: "uncertain, can be changed",
    Confidence.POLICY: "policy, can be changed",
}
MISSED = {Severity.BLOCK: "blocks", Severity.WARN: "warns", Severity.COMPUTE: "is shown"}
_ICONS = {"UR": "doc", "MCD": "doc", "CAH": "pen", "ST": "hour", "N": "bell", "DP": "home", "PY": "shield", "ES": "ask",
          "PA": "truck", "BN": "clock", "TC": "phone", "TCM": "phone", "TRC": "mail",
          "RF": "arrow", "SI": "heart", "LT": "lung"}  # fmt: skip

SHORT = {
    "UR-ADM-SCREEN": "admission review", "UR-2ND": "second review", "UR-CONSULT": "consultation",
    "UR-NOTICE": "UR notices", "UR-GRACE": "grace day",
    "UR-CSR": "continued review", "UR-EXT": "extended-stay review", "UR-EXT-DAY": "extended day",
    "UR-EXT-EVERY": "extended cycle", "UR-CERT20": "certification", "MCD-ADM": "Medicaid decision",
    "MCD-CSR": "Medicaid review", "CAH-96": "96-hour certificate", "ST-OBS-REVIEW": "status decision",
    "ST-SELFDENY": "self-denial claim", "N-IM1": "IM", "N-IM2": "IM follow-up", "N-DND": "DND",
    "N-QIO-REC": "QIO records", "N-QIO-DEC": "QIO decision", "N-LIAB": "charge hold", "N-MOON": "MOON",
    "N-MCSN": "MCSN", "N-MCSN-REC": "MCSN records", "N-NOMNC": "NOMNC", "DP-SCREEN": "discharge screen",
    "DP-EVAL": "discharge evaluation", "DP-REEVAL": "plan again",
    "DP-EDD": "expected date", "DP-BARRIER": "barrier", "DP-ACTION": "conference action", "DP-CASE": "case review",
    "RF-ANSWER": "referral answer", "RF-CHOICE": "patient choice", "SI-ANSWER": "illness trigger",
    "SI-CONSULT": "palliative consult", "SI-MEETING": "family meeting", "PA-AUTH": "post-acute authorization",
    "TC-CALL": "follow-up call", "TC-AGAIN": "call again", "TC-ISSUE": "call issue",
    "TC-INTERVIEW": "readmission interview", "TC-PROGRAM": "program told",
    "PY-NOTIFY": "payer notice",
    "PY-EXTEND": "more days", "PY-FOLLOW": "payer follow-up", "PY-APPEAL": "appeal", "PY-VERIFY": "appeal receipt",
    "ES-ANSWER": "escalation", "ES-ATTENDING": "attending answer", "ES-P2P": "P2P call",
    "PY-72": "plan decision", "PY-7": "plan decision", "PY-P2P": "P2P", "PY-RECON": "reconsideration",
    "PY-L1": "redetermination", "PY-L2": "reconsideration", "PY-L3": "hearing", "PY-L4": "Appeals Council",
    "PY-L5": "federal court", "PY-ERISA-CC": "plan decision", "PA-SNF3": "SNF days", "PA-SNF30": "SNF entry",
    "PA-PASRR40": "resident review", "PA-IRF48": "IRF screen", "PA-IRF36": "IRF therapy",
    "LT-CONFERENCE": "team conference", "LT-ORIENT": "family orientation", "LT-ANSWER": "referral answer",
    "PA-LTCH48": "LTCH validation", "PA-LTCH-INT": "LTCH return", "PA-HHF2F": "HH face-to-face",
    "PA-HH48": "HH visit", "PA-HOSP": "hospice certificate", "PA-DME6M": "equipment visit", "BN-60": "benefit period",
    "TCM-2BD": "patient call", "TCM-VISIT": "patient visit", "TRC-ADM": "PCP told", "TRC-DIS": "PCP told",
    "TRC-MRP": "medicines reconciled",
}  # fmt: skip
"""At most two words, so that `by Thu` fits into the four of a chip."""

BLOCKS = {
    "UR-NOTICE": "the determination",
    "N-IM1": "the discharge",
    "N-IM2": "the discharge",
    "N-DND": "the discharge",
    "N-QIO-REC": "the discharge",
    "N-LIAB": "charges to the patient",
    "N-MOON": "release from observation",
    "N-MCSN": "the discharge",
    "N-MCSN-REC": "the discharge",
    "N-NOMNC": "the end of covered services",
    "PA-SNF3": "the referral to a nursing facility",
    "PA-LTCH48": "the long-term care claim",
    "PA-HHF2F": "the home health referral",
    "PA-DME6M": "the equipment order",
}
"""The step that waits for what is owed, for rules that block."""


def ours(rule: Rule) -> bool:
    """Whether people of this house act on it."""
    return rule.actor not in ELSEWHERE


def family(rule_id: str) -> str:
    """The part of a rule's id before the first dash."""
    return rule_id.partition("-")[0]


def called(rule_id: str) -> str:
    """The short name; a rule that is not known any more keeps its id."""
    return SHORT.get(rule_id, rule_id)


def icon(rule_id: str) -> str:
    """The picture of the rule's family."""
    return _ICONS.get(family(rule_id), "clock")


def blocks(rule_id: str) -> str:
    """`blocks the discharge`, or empty for rules that do not block."""
    rule = RULES.get(rule_id)
    return f"blocks {BLOCKS[rule_id]}" if rule is not None and rule.severity is Severity.BLOCK else ""
