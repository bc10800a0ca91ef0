"""The registry of rules: what each is called, who acts, what a missed one does, and where its number comes from.

Numbers with their dates and citations are entries of `regulations/data`; a rule whose mark there is policy or recalled
with less than high confidence is a setting: a facility or a payer's contract may put its own term in its place, and it
never blocks. Rules that ask for an order of steps instead of a time (a determination needs a consult before it) belong
to the life cycles of the features and are not clocks.
"""

from dataclasses import dataclass

from app.clocks.terms import Actor, Severity
from app.regulations import Confidence

SETTINGS = frozenset({Confidence.POLICY, Confidence.RECALLED_MEDIUM, Confidence.RECALLED_LOW})
"""Marks of rules that are defaults."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `title` is the deed in the words of the person who does it."""

    id: str
    title: str
    actor: Actor
    severity: Severity


_B, _W, _C = Severity.BLOCK, Severity.WARN, Severity.COMPUTE
_A = Actor

RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule("UR-ADM-SCREEN", "Review the admission", _A.UR_NURSE, _W),
        Rule("UR-2ND", "Decide after a review that did not meet criteria", _A.PHYSICIAN_ADVISOR, _W),
        Rule("UR-NOTICE", "Give the three notices of the determination", _A.UR_COMMITTEE, _B),
        Rule("UR-CONSULT", "Time to present views before a determination", _A.PHYSICIAN, _C),
        Rule("UR-GRACE", "Last day that Part A pays after the notice", _A.BILLING, _C),
        Rule("UR-CSR", "Review the continued stay", _A.UR_NURSE, _W),
        Rule("UR-EXT", "Review the extended stay", _A.UR_COMMITTEE, _W),
        Rule("UR-EXT-DAY", "First day of extended-stay review by the plan", _A.UR_COMMITTEE, _C),
        Rule("UR-EXT-EVERY", "Days between extended-stay reviews by the plan", _A.UR_COMMITTEE, _C),
        Rule("UR-CERT20", "Certify the long stay", _A.PHYSICIAN, _W),
        Rule("MCD-ADM", "Decide on the Medicaid admission and give notice", _A.UR_COMMITTEE, _W),
        Rule("MCD-CSR", "Decide on the Medicaid continued stay and give notice", _A.UR_COMMITTEE, _W),
        Rule("CAH-96", "Certify that the stay is expected to end within 96 hours", _A.PHYSICIAN, _W),
        Rule("ST-OBS-REVIEW", "Decide status before the second midnight", _A.PHYSICIAN_ADVISOR, _W),
        Rule("ST-SELFDENY", "File the claim after a self-denial", _A.BILLING, _W),
        Rule("N-IM1", "Give the Important Message (IM)", _A.CASE_MANAGER, _B),
        Rule("N-IM2", "Give the IM follow-up copy", _A.CASE_MANAGER, _B),
        Rule("N-DND", "Give the Detailed Notice of Discharge", _A.CASE_MANAGER, _B),
        Rule("N-QIO-REC", "Send records to the QIO", _A.CASE_MANAGER, _B),
        Rule("N-QIO-DEC", "QIO decides on the discharge", _A.QIO, _C),
        Rule("N-LIAB", "Hold charges until noon after the QIO's decision", _A.BILLING, _B),
        Rule("N-MOON", "Give the MOON and explain it", _A.CASE_MANAGER, _B),
        Rule("N-MCSN", "Give the Medicare Change of Status Notice", _A.CASE_MANAGER, _B),
        Rule("N-MCSN-REC", "Send records to the QIO on the change of status", _A.CASE_MANAGER, _B),
        Rule("N-NOMNC", "Give the Notice of Medicare Non-Coverage", _A.CASE_MANAGER, _B),
        Rule("DP-SCREEN", "Screen for discharge planning", _A.CASE_MANAGER, _W),
        Rule("DP-EVAL", "Evaluate discharge needs and discuss them", _A.CASE_MANAGER, _W),
        Rule("DP-REEVAL", "Look at the discharge plan again", _A.CASE_MANAGER, _W),
        Rule("DP-EDD", "Set a new expected date", _A.CASE_MANAGER, _W),
        Rule("DP-BARRIER", "Resolve the barrier", _A.CASE_MANAGER, _W),
        Rule("DP-ACTION", "Finish the action of the conference", _A.CASE_MANAGER, _W),
        Rule("DP-CASE", "Review the complex case", _A.CASE_MANAGER, _W),
        Rule("RF-ANSWER", "Follow up the unanswered referral", _A.CASE_MANAGER, _W),
        Rule("RF-CHOICE", "Record the patient's choice", _A.CASE_MANAGER, _W),
        Rule("SI-ANSWER", "Answer the serious-illness trigger", _A.CASE_MANAGER, _W),
        Rule("SI-CONSULT", "Palliative consult is seen", _A.PHYSICIAN, _W),
        Rule("SI-MEETING", "Hold the family meeting", _A.CASE_MANAGER, _W),
        Rule("PY-NOTIFY", "Tell the payer of the admission", _A.UR_NURSE, _W),
        Rule("PY-EXTEND", "Ask the payer for further days", _A.UR_NURSE, _W),
        Rule("PY-FOLLOW", "Follow up with the payer", _A.UR_NURSE, _W),
        Rule("PY-72", "Plan decides the expedited request", _A.PAYER, _C),
        Rule("PY-7", "Plan decides the standard request", _A.PAYER, _C),
        Rule("PY-P2P", "Hold the peer-to-peer", _A.PHYSICIAN_ADVISOR, _W),
        Rule("PY-APPEAL", "File the appeal", _A.APPEALS, _W),
        Rule("PY-VERIFY", "Verify that the appeal arrived", _A.APPEALS, _W),
        Rule("PY-RECON", "Ask the plan to reconsider", _A.APPEALS, _W),
        Rule("PY-L1", "File the redetermination (level 1)", _A.APPEALS, _W),
        Rule("PY-L2", "File the reconsideration (level 2)", _A.APPEALS, _W),
        Rule("PY-L3", "Ask for a hearing (level 3)", _A.APPEALS, _W),
        Rule("PY-L4", "Go to the Appeals Council (level 4)", _A.APPEALS, _W),
        Rule("PY-L5", "Go to federal court (level 5)", _A.APPEALS, _W),
        Rule("PY-ERISA-CC", "Plan decides the urgent extension", _A.PAYER, _C),
        Rule("ES-ANSWER", "Answer the escalation", _A.PHYSICIAN_ADVISOR, _W),
        Rule("ES-ATTENDING", "Answer the message about the stay", _A.PHYSICIAN, _W),
        Rule("ES-P2P", "Take the peer-to-peer call", _A.PHYSICIAN_ADVISOR, _W),
        Rule("PA-AUTH", "Payer decides on post-acute care", _A.PAYER, _C),
        Rule("PA-SNF3", "Three qualifying inpatient days before the nursing facility", _A.CASE_MANAGER, _B),
        Rule("PA-SNF30", "Last day to enter the nursing facility on this stay", _A.CASE_MANAGER, _C),
        Rule("PA-PASRR40", "Resident review after an exempted discharge", _A.OUTSIDE, _C),
        Rule("PA-IRF48", "Preadmission screen of the rehabilitation facility", _A.OUTSIDE, _C),
        Rule("PA-IRF36", "First therapy in the rehabilitation facility", _A.OUTSIDE, _C),
        Rule("PA-LTCH48", "Validate the admission to the long-term care hospital", _A.UR_NURSE, _B),
        Rule("LT-ANSWER", "Answer the referral to the long-term hospital", _A.CASE_MANAGER, _W),
        Rule("LT-CONFERENCE", "Hold the weekly team conference", _A.CASE_MANAGER, _W),
        Rule("LT-ORIENT", "Orient the family", _A.CASE_MANAGER, _W),
        Rule("PA-LTCH-INT", "Last day on which a return is the same stay", _A.BILLING, _C),
        Rule("PA-HHF2F", "Face-to-face visit for home health", _A.PHYSICIAN, _B),
        Rule("PA-HH48", "First home health visit", _A.OUTSIDE, _C),
        Rule("PA-HOSP", "Certify the hospice period", _A.OUTSIDE, _C),
        Rule("PA-DME6M", "Face-to-face visit for the equipment", _A.PHYSICIAN, _B),
        Rule("BN-60", "Benefit period ends", _A.BILLING, _C),
        Rule("TC-CALL", "Call the patient after discharge", _A.CASE_MANAGER, _W),
        Rule("TC-AGAIN", "Call the patient again", _A.CASE_MANAGER, _W),
        Rule("TC-ISSUE", "Close the issue of the call", _A.CASE_MANAGER, _W),
        Rule("TC-INTERVIEW", "Interview the readmitted patient", _A.CASE_MANAGER, _W),
        Rule("TC-PROGRAM", "Tell the community program", _A.CASE_MANAGER, _W),
        Rule("TCM-2BD", "Speak with the patient after discharge", _A.OUTSIDE, _C),
        Rule("TCM-VISIT", "Visit after discharge", _A.OUTSIDE, _C),
        Rule("TRC-ADM", "Tell the primary care practitioner of the admission", _A.CASE_MANAGER, _C),
        Rule("TRC-DIS", "Tell the primary care practitioner of the discharge", _A.CASE_MANAGER, _C),
        Rule("TRC-MRP", "Reconcile medicines after discharge", _A.OUTSIDE, _C),
    )
}

PART_OF = {
    "UR-CONSULT": "UR-NOTICE", "UR-EXT-DAY": "UR-EXT", "UR-EXT-EVERY": "UR-EXT",
    "LT-ANSWER": "LT-ANSWER",  # of a referral, which is no stay yet
}  # fmt: skip
"""Settings that only give a number, mostly to another rule; nothing is owed by a stay under them themselves."""

UNSET = frozenset({"UR-EXT-DAY", "DP-BARRIER"})
"""Settings whose default is only what is usual: nothing is asked until a facility, or a person, sets one."""
