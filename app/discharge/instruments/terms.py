"""The words of risk instruments: what they are called, their parts, where an answer came from, what a total means."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

import msgspec


class Instrument(StrEnum):
    """A published instrument, or our own points of complexity."""

    LACE = "lace"  # length of stay, acuity, comorbidity, emergency visits: van Walraven 2010
    HOSPITAL = "hospital"  # seven items known at discharge: Donzé 2013, international version 2016
    SIMPLIFIED_HOSPITAL = "simplified_hospital"  # the same without procedures: Aubert 2017
    SURPRISE = "surprise"  # the surprise question
    ECOG = "ecog"  # performance status, 0 to 5: Oken 1982
    BRASS = "brass"  # Blaylock risk screen; only its score is kept
    PPS = "pps"  # Palliative Performance Scale; only its score is kept
    CFS = "cfs"  # Clinical Frailty Scale; only its score is kept
    BRADEN = "braden"  # pressure injury risk; only its score is kept
    AMPAC_MOBILITY = "ampac_mobility"  # AM-PAC basic mobility, raw score; only its score is kept
    AMPAC_ACTIVITY = "ampac_activity"  # AM-PAC daily activity, raw score; only its score is kept
    PRAPARE = "prapare"  # tally of social risks; only its score is kept
    COMPLEXITY = "complexity"  # our own points for dividing work; not published, not a prediction

    @property
    def label(self) -> str:
        """As a page shows it."""
        return _LABELS.get(self, self.value.upper())


class Input(StrEnum):
    """Something an instrument asks. What the feed does not tell is asked of a person."""

    LENGTH_OF_STAY = "length_of_stay"  # days so far, or of the whole stay
    EMERGENT = "emergent"  # whether the admission was an emergency or urgent
    ED_VISITS = "ed_visits"  # visits to an emergency department in the six months before, this one left out
    ADMISSIONS = "admissions"  # hospital admissions in the twelve months before
    COMORBIDITY = "comorbidity"  # points of the diagnoses
    ONCOLOGY = "oncology"  # on a cancer service, or with cancer where the simplified score asks that
    HEMOGLOBIN = "hemoglobin"  # last value before discharge, g/dL
    SODIUM = "sodium"  # last value before discharge, mmol/L
    PROCEDURE = "procedure"  # any coded procedure in this stay
    RANKIN = "rankin"  # disability on the modified Rankin scale, 0 to 5; kept, not scored
    WALKING = "walking"  # limited in walking, as the patient says; kept, not scored
    LIVES_ALONE = "lives_alone"  # lived alone before the stay; kept, not scored
    POST_ACUTE_DENIED = "post_acute_denied"  # a payer or every vendor refused care after the hospital
    VENTILATOR = "ventilator"  # ventilator or tracheostomy

    @property
    def label(self) -> str:
        """As a form and a table show it."""
        return _INPUTS.get(self, self.value.replace("_", " ").capitalize())


class Source(StrEnum):
    """Where an answer came from."""

    AUTO = "auto"  # from what the feed told, or was recorded here before
    MANUAL = "manual"  # somebody said it
    MISSING = "missing"  # nobody knows it; it is never taken to be nothing


class Answer(msgspec.Struct, frozen=True):
    """What somebody said to one question: the text as it was given, who said it, and when it was so."""

    text: str
    by: str = ""
    at: datetime | None = None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a stay as instruments read it. None is not known, never zero.

    `departed_on` is the day of discharge; without it days are those so far. `diagnoses` are ICD-10-CM codes.
    `intensive` says whether the patient was in intensive care at all; `intensive_days` are whole days of 24 hours.
    """

    arrived_on: date | None = None
    departed_on: date | None = None
    today: date
    admit_type: str = ""
    ed_visits: int | None = None
    admissions: int | None = None
    diagnoses: tuple[str, ...] = ()
    age: int | None = None
    oncology: bool | None = None
    intensive: bool = False
    intensive_days: int = 0
    gmlos: float | None = None
    has_payer: bool | None = None
    points: frozenset[str] = frozenset()  # what the last assessment found, by the codes of its points
    answers: dict[str, Answer] = {}


class Part(msgspec.Struct, frozen=True):
    """One part of a score: what was asked, what is known, how many points; no points where it is not known."""

    code: str
    label: str
    value: str
    points: int | None
    source: Source
    by: str = ""
    at: datetime | None = None


class Score(msgspec.Struct, frozen=True):
    """A score with its parts. `total` is None while a part is missing; `at_least` is what the known parts come to.

    `kind` says whether days are still being counted. `meaning` is of the published group, not of this patient.
    """

    instrument: Instrument
    version: str
    parts: Sequence[Part]
    at_least: int
    total: int | None
    band: str
    meaning: str
    citation: str
    kind: str = ""

    @property
    def complete(self) -> bool:
        """Whether every part is known."""
        return self.total is not None

    @property
    def missing(self) -> list[str]:
        """What is not known, by its label."""
        return [part.label for part in self.parts if part.points is None]


_LABELS = {
    Instrument.SIMPLIFIED_HOSPITAL: "Simplified HOSPITAL",
    Instrument.SURPRISE: "Surprise question",
    Instrument.BRADEN: "Braden",
    Instrument.AMPAC_MOBILITY: "AM-PAC mobility",
    Instrument.AMPAC_ACTIVITY: "AM-PAC activity",
    Instrument.COMPLEXITY: "Complexity",
}
_INPUTS = {
    Input.LENGTH_OF_STAY: "Length of stay",
    Input.EMERGENT: "Emergency or urgent admission",
    Input.ED_VISITS: "Emergency visits, prior 6 months",
    Input.ADMISSIONS: "Admissions, prior 12 months",
    Input.COMORBIDITY: "Comorbidity",
    Input.ONCOLOGY: "Oncology",
    Input.HEMOGLOBIN: "Hemoglobin, g/dL",
    Input.SODIUM: "Sodium, mmol/L",
    Input.PROCEDURE: "Procedure in this stay",
    Input.RANKIN: "Disability, modified Rankin",
    Input.WALKING: "Limited in walking",
    Input.LIVES_ALONE: "Lived alone",
    Input.POST_ACUTE_DENIED: "Post-acute care denied",
    Input.VENTILATOR: "Ventilator or tracheostomy",
}
