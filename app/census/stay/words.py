"""What the codes of a stay mean in words.

Discharge dispositions: UB-04 form locator 17 (patient discharge status). Diagnosis kinds: HL7 table 0052. Sex: HL7
table 0001. Pure.
"""

from app.census.stay.figure import class_word
from app.census.terms import EncounterStatus, ExceptionKind, Sensitivity

DISPOSITIONS = {
    "01": "home", "02": "another acute hospital", "03": "skilled nursing facility", "04": "intermediate care facility",
    "05": "cancer center or children's hospital", "06": "home with home health", "07": "left against medical advice",
    "09": "admitted here as inpatient", "20": "died", "21": "court or law enforcement", "30": "still a patient",
    "40": "died at home in hospice care", "41": "died in a facility in hospice care", "42": "died in hospice care",
    "43": "federal hospital", "50": "hospice at home", "51": "hospice in a facility", "61": "swing bed",
    "62": "inpatient rehabilitation", "63": "long-term care hospital", "64": "Medicaid nursing facility",
    "65": "psychiatric hospital", "66": "critical access hospital", "69": "alternate care site",
    "70": "another institution",
}  # fmt: skip
# UB-04 form locator 15, point of origin.
ADMIT_SOURCES = {
    "1": "not from a health facility", "2": "clinic or physician's office", "4": "another hospital",
    "5": "nursing or assisted living facility", "6": "another health facility", "7": "emergency department",
    "8": "court or law enforcement", "9": "not known", "D": "another unit of this hospital",
    "E": "ambulatory surgery center", "F": "hospice", "G": "designated alternate care site",
}  # fmt: skip
# UB-04 form locator 14, priority of the admission, and the letters of HL7 table 0007.
ADMIT_TYPES = {
    "1": "emergency", "2": "urgent", "3": "elective", "4": "newborn", "5": "trauma", "9": "not known",
    "A": "accident", "C": "elective", "E": "emergency", "L": "labor and delivery", "N": "newborn", "R": "routine",
    "U": "urgent",
}  # fmt: skip
# ISO 639 codes as feeds send them, two or three letters.
LANGUAGES = {
    "en": "English", "eng": "English", "es": "Spanish", "spa": "Spanish", "vi": "Vietnamese", "vie": "Vietnamese",
    "zh": "Chinese", "zho": "Chinese", "chi": "Chinese", "ko": "Korean", "kor": "Korean", "tl": "Tagalog",
    "tgl": "Tagalog", "fil": "Filipino", "ar": "Arabic", "ara": "Arabic", "ru": "Russian", "rus": "Russian",
    "fr": "French", "fra": "French", "fre": "French", "pt": "Portuguese", "por": "Portuguese", "ht": "Haitian Creole",
    "hat": "Haitian Creole", "pl": "Polish", "pol": "Polish", "de": "German", "deu": "German", "ger": "German",
    "so": "Somali", "som": "Somali", "hi": "Hindi", "hin": "Hindi", "hmn": "Hmong", "ase": "American Sign Language",
    "sgn": "sign language",
}  # fmt: skip
DIAGNOSIS_KINDS = {"A": "admitting", "W": "working", "F": "final"}
SEXES = {"M": "M", "F": "F", "O": "other", "U": "", "A": "ambiguous", "N": "not applicable", "X": "X"}
SENSITIVITIES = {
    Sensitivity.NONE: "Not protected",
    Sensitivity.VIP: "VIP",
    Sensitivity.EMPLOYEE: "Employee",
    Sensitivity.PART2: "Treatment of addiction (42 CFR Part 2)",
    Sensitivity.PSYCHIATRIC: "Psychiatric treatment",
}
STATUSES = {
    EncounterStatus.PREADMIT: "expected, not here yet",
    EncounterStatus.REGISTERED: "registered",
    EncounterStatus.ADMITTED: "in the house",
    EncounterStatus.ON_LEAVE: "on leave",
    EncounterStatus.DISCHARGED: "discharged",
    EncounterStatus.CANCELLED: "cancelled",
}

EXCEPTIONS: dict[str, tuple[str, str]] = {
    ExceptionKind.UNPARSEABLE: (
        "The message could not be read.", "Ask the sender to correct the message and to send it again."),
    ExceptionKind.NO_CONTROL_ID: (
        "The message has no control id (MSH-10), so it could not be stored for good.",
        "Ask the sender to fill MSH-10 and to send the message again."),
    ExceptionKind.UNSUPPORTED_TYPE: (
        "The message is not an ADT message.", "Ask the sender to route only ADT messages to this port."),
    ExceptionKind.PROCESSING_ID: (
        "The message is marked as training or test (MSH-11), which this feed does not take.",
        "Check whether a test system sends to this port."),
    ExceptionKind.UNSUPPORTED_EVENT: (
        "The event of the message has no effect on the census.", "Nothing, unless stays are missing."),
    ExceptionKind.UNKNOWN_FACILITY: (
        "The message names a facility (MSH-4) that is not set up.",
        "Add the facility or an alias to its feed; the message is then applied by itself."),
    ExceptionKind.NO_PATIENT_ID: (
        "The message names no patient (PID-3).", "Ask the sender to fill PID-3 and to send the message again."),
    ExceptionKind.NO_VISIT: (
        "The message names no visit, and the patient does not have exactly one open stay.",
        "Find the visit in the hospital's system and ask for the message again with PV1-19."),
    ExceptionKind.CONTROL_ID_REUSE: (
        "Two different messages came under one control id; both were applied.",
        "Tell the sender. Some systems restart their numbers every night."),
    ExceptionKind.ORPHAN_CANCEL: (
        "A cancellation came without the event that it takes back.",
        "Wait for the late message; if none comes, check the stay in the hospital's system."),
    ExceptionKind.A12_LOCATION_MISMATCH: (
        "A cancelled transfer names another bed than the one the patient came from; the bed of the message was taken.",
        "Check the bed on the unit."),
    ExceptionKind.MOVE_AFTER_DISCHARGE: (
        "A movement is dated after the discharge; it waits.",
        "Check whether the patient left. A cancelled discharge brings the movement in by itself."),
    ExceptionKind.REOPEN_WITHOUT_A13: (
        "A discharged stay was admitted again without a cancelled discharge; it is open again.",
        "Check whether the discharge was a mistake or whether this is a new stay."),
    ExceptionKind.DISCHARGE_DT_ON_A08: (
        "An update carries a time of discharge, and no discharge was received; the stay stays open.",
        "Check whether the patient left; if so, ask for the discharge message."),
    ExceptionKind.IMPLIED_CLASS_CHANGE: (
        "The class changed in an update, without an order to change it.",
        "Utilization review: check the order and its time."),
    ExceptionKind.VISIT_PATIENT_MISMATCH: (
        "A message names this visit under another patient; the stay was left with the first one.",
        "Patient safety: find out in the hospital's system whose visit it is."),
    ExceptionKind.MERGE_WITHOUT_MRG: (
        "A merge does not say which number is retired; nothing was merged.",
        "Ask the sender for the merge with its MRG segment."),
    ExceptionKind.BED_CONFLICT: (
        "Two patients lie in one bed according to the feed; both are shown.",
        "Check the bed on the unit. The next transfer message clears this."),
    ExceptionKind.MULTIPLE_OPEN_IP: (
        "One patient has two open inpatient stays; usually a discharge was not sent.",
        "Ask for the discharge of the older stay."),
    ExceptionKind.ABSENT_FROM_CENSUS: (
        "The last census files do not name this stay.",
        "Find out whether the patient left; compare the file with the census and repair what differs."),
}  # fmt: skip


def disposition_text(code: str) -> str:
    """`home (01)`; a code that is not on the form is shown alone."""
    word = DISPOSITIONS.get(code)
    return f"{word} ({code})" if word else code


def exception_text(kind: str) -> tuple[str, str]:
    """What an exception means and what to do about it."""
    return EXCEPTIONS.get(kind, (f"{kind}.", "Look at the message."))


__all__ = ["DIAGNOSIS_KINDS", "SENSITIVITIES", "SEXES", "STATUSES", "class_word", "disposition_text", "exception_text"]
