"""LACE, HOSPITAL and simplified HOSPITAL: parts, points and bands as published.

LACE: van Walraven and others, CMAJ 2010;182:551. HOSPITAL: Donzé and others 2013 and 2016. Simplified HOSPITAL: Aubert
and others 2017. The figures of a band belong to the published group; they say nothing certain of one patient.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from app.discharge.instruments.comorbidity import groups_of, lace_points, sum_of
from app.discharge.instruments.terms import Answer, Input, Instrument, Known, Part, Score, Source

EMERGENT_TYPES = frozenset({"E", "U", "A", "1", "2", "5", "EM", "UR"})
ELECTIVE_TYPES = frozenset({"C", "L", "R", "N", "3", "4", "EL"})
"""HL7 table 0007 and the type codes of the institutional claim."""


class DayCount(StrEnum):
    """How the days of LACE are counted."""

    DIFFERENCE = "difference"  # days from admission to discharge; the same day is none
    BOTH_DAYS = "both_days"  # the day of admission and that of discharge both count


class HospitalVersion(StrEnum):
    """Which published version of HOSPITAL; they differ in the points for earlier admissions."""

    Y2013 = "2013"  # none, 1 to 5, 6 and more
    Y2016 = "2016"  # none or 1, 2 to 5, 6 and more


_LACE_BANDS = ((10, "high"), (5, "moderate"), (0, "low"))
_LACE_EXPECTED = (2.0, 2.5, 3.0, 3.5, 4.3, 5.1, 6.1, 7.3, 8.7, 10.3, 12.2, 14.3, 17.0, 19.8, 23.0, 26.6, 30.4, 34.6,
                  39.1, 43.7)  # fmt: skip
_HOSPITAL_BANDS = ((7, "high", "22.8 %"), (5, "intermediate", "11.9 %"), (0, "low", "5.8 %"))
SIMPLIFIED_CUT = 5
YES, NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


def length_points(days: int) -> int:
    """Points of LACE for the length of stay."""
    if days < 4:
        return max(0, days)
    return 4 if days < 7 else 5 if days < 14 else 7


def days_of(known: Known, count: DayCount = DayCount.DIFFERENCE) -> int | None:
    """Days of the stay, so far or in all; None where the arrival is not known."""
    if known.arrived_on is None:
        return None
    until = known.departed_on or known.today
    return max(0, (until - known.arrived_on).days) + (count is DayCount.BOTH_DAYS)


def lace(known: Known, count: DayCount = DayCount.DIFFERENCE) -> Score:
    """LACE, running while the patient is here, final after discharge. 0 to 19."""
    days = days_of(known, count)
    groups = groups_of(known.diagnoses)
    total = sum_of(groups)
    parts = (
        _number(known, Input.LENGTH_OF_STAY, days, length_points, "L"),
        _emergent(known, 3, "A"),
        _comorbidity(known, total, ", ".join(group.label.lower() for group in groups)),
        _number(known, Input.ED_VISITS, known.ed_visits, lambda visits: min(4, visits), "E"),
    )
    at_least, whole = _sum(parts)
    return Score(
        Instrument.LACE,
        f"van Walraven 2010, days by {count.value.replace('_', ' ')}",
        parts,
        at_least,
        whole,
        _band(_LACE_BANDS, whole),
        ""
        if whole is None
        else f"{_LACE_EXPECTED[whole]} % died or came back unplanned within 30 days, of adults who"
        " went home with this score in Ontario",
        "van Walraven and others, CMAJ 2010;182:551",
        "final" if known.departed_on else "running",
    )


def hospital(known: Known, version: HospitalVersion = HospitalVersion.Y2016) -> Score:
    """HOSPITAL. 0 to 13."""
    parts = (
        _below(known, Input.HEMOGLOBIN, 12),
        _yes(known, Input.ONCOLOGY, known.oncology, 2),
        _below(known, Input.SODIUM, 135),
        _yes(known, Input.PROCEDURE, None, 1),
        _emergent(known, 1, ""),
        _number(known, Input.ADMISSIONS, known.admissions, lambda count: _admissions(count, version), ""),
        _number(known, Input.LENGTH_OF_STAY, days_of(known), lambda days: 2 if days >= 5 else 0, ""),
    )
    at_least, whole = _sum(parts)
    found = next(
        ((band, share) for first, band, share in _HOSPITAL_BANDS if whole is not None and whole >= first), None
    )
    return Score(
        Instrument.HOSPITAL, version.value, parts, at_least, whole, found[0] if found else "",
        f"{found[1]} had a potentially avoidable readmission within 30 days, of the group called {found[0]}"
        if found else "",
        "Donzé and others, JAMA Intern Med 2013;173:632 and 2016;176:496", "final" if known.departed_on else "running",
    )  # fmt: skip


def simplified(known: Known) -> Score:
    """Simplified HOSPITAL: no procedures, and a cancer diagnosis counts like a cancer service. 0 to 12."""
    parts = (
        _below(known, Input.HEMOGLOBIN, 12),
        _cancer(known),
        _below(known, Input.SODIUM, 135),
        _emergent(known, 1, ""),
        _number(known, Input.ADMISSIONS, known.admissions, lambda count: _admissions(count, HospitalVersion.Y2016), ""),
        _number(known, Input.LENGTH_OF_STAY, days_of(known), lambda days: 2 if days >= 5 else 0, ""),
    )
    at_least, whole = _sum(parts)
    band = "" if whole is None else "likely" if whole >= SIMPLIFIED_CUT else "unlikely"
    return Score(
        Instrument.SIMPLIFIED_HOSPITAL, "2017", parts, at_least, whole, band,
        "of medical inpatients in the validation 9.7 % had a potentially avoidable readmission within 30 days"
        if whole is not None else "",
        "Aubert and others, BMJ Open 2017;7:e013941", "final" if known.departed_on else "running",
    )  # fmt: skip


def asked_yes(answers: Mapping[str, Answer], name: str) -> bool | None:
    """What somebody answered to a question of yes or no; None without an answer."""
    said = answers.get(name)
    if said is None:
        return None
    return True if said.text in YES else False if said.text in NO else None


def _admissions(count: int, version: HospitalVersion) -> int:
    if count > 5:
        return 5
    first = 1 if version is HospitalVersion.Y2013 else 2
    return 2 if count >= first else 0


def _days_words(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"


def _said(known: Known, asked: Input) -> Answer | None:
    return known.answers.get(asked.value)


def _part(asked: Input, letter: str, found: tuple[str, int | None, Source], said: Answer | None) -> Part:
    value, points, source = found
    label = f"{letter} {asked.label}".strip()
    by, at = (said.by, said.at) if said is not None and source is Source.MANUAL else ("", None)
    return Part(asked.value, label, value, points, source, by, at)


def _number(known: Known, asked: Input, fact: int | None, points: Callable[[int], int], letter: str) -> Part:
    """A part that counts something. What somebody said outranks what this house alone can know."""
    said = _said(known, asked)
    if said is not None and said.text.isdecimal():
        fact, source = int(said.text), Source.MANUAL
    else:
        source = Source.AUTO
    if fact is None:
        return _part(asked, letter, ("not known", None, Source.MISSING), None)
    words = _days_words(fact) if asked is Input.LENGTH_OF_STAY else str(fact)
    if source is Source.AUTO and asked is not Input.LENGTH_OF_STAY:
        words += " known here"  # other hospitals do not tell us
    return _part(asked, letter, (words, points(fact), source), said)


def _yes(known: Known, asked: Input, fact: bool | None, points: int, letter: str = "") -> Part:
    answered = asked_yes(known.answers, asked.value)
    truth, source = (answered, Source.MANUAL) if answered is not None else (fact, Source.AUTO)
    if truth is None:
        return _part(asked, letter, ("not known", None, Source.MISSING), None)
    return _part(asked, letter, ("yes" if truth else "no", points if truth else 0, source), _said(known, asked))


def _cancer(known: Known) -> Part:
    """A diagnosis of cancer counts whatever is said of the service; "no" to the service denies no diagnosis."""
    cancer = any(group.code in ("tumour", "metastatic") for group in groups_of(known.diagnoses))
    if cancer and asked_yes(known.answers, Input.ONCOLOGY.value) is not True:
        return _part(Input.ONCOLOGY, "", ("yes, by diagnosis", 2, Source.AUTO), None)
    return _yes(known, Input.ONCOLOGY, False if known.diagnoses and known.oncology is None else known.oncology, 2)


def _emergent(known: Known, points: int, letter: str) -> Part:
    kind = known.admit_type.upper()
    fact = True if kind in EMERGENT_TYPES else False if kind in ELECTIVE_TYPES else None
    return _yes(known, Input.EMERGENT, fact, points, letter)


def _below(known: Known, asked: Input, limit: float) -> Part:
    """A laboratory value: one point below the limit. It is never in the feed, so it is asked."""
    said = _said(known, asked)
    number = as_number(said.text) if said is not None else None
    if said is None or number is None:
        return _part(asked, "", ("not known", None, Source.MISSING), None)
    return _part(asked, "", (f"{number:g}", 1 if number < limit else 0, Source.MANUAL), said)


def _comorbidity(known: Known, total: int, words: str) -> Part:
    asked = Input.COMORBIDITY
    said = _said(known, asked)
    if said is not None and said.text.isdecimal():
        return _part(asked, "C", (f"{said.text} in all", lace_points(int(said.text)), Source.MANUAL), said)
    if not known.diagnoses:
        return _part(asked, "C", ("no diagnosis was sent", None, Source.MISSING), None)
    return _part(asked, "C", (f"{total} in all: {words}" if words else "none", lace_points(total), Source.AUTO), None)


def as_number(text: str) -> float | None:
    """The number that a text holds, with a point or a comma; None where it is none."""
    plain = text.strip().replace(",", ".", 1)
    return float(plain) if plain.replace(".", "", 1).isdecimal() else None


def _sum(parts: Sequence[Part]) -> tuple[int, int | None]:
    """What the known parts come to, and the total where none is missing."""
    at_least = sum(part.points for part in parts if part.points is not None)
    return at_least, None if any(part.points is None for part in parts) else at_least


def _band(bands: Sequence[tuple[int, str]], total: int | None) -> str:
    return next((band for first, band in bands if total is not None and total >= first), "")
