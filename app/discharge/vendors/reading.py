"""Provider files as CMS publishes them, whatever the year calls their columns. Pure.

Columns are found by their names, so that an added, renamed or moved column does no harm. The type of a provider follows
from the columns of the file, else from the ranges of certification numbers (CMS State Operations Manual, 2779A).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from app.discharge.terms import CareType
from app.kernel.refusal import Refused

_NAMES = {
    "ccn": ("federal provider number", "cms certification number (ccn)", "cms certification number", "ccn",
            "provider number", "provnum", "facility id", "provider id"),
    "name": ("provider name", "facility name", "provname", "agency name", "hospital name"),
    "address": ("provider address", "address", "address line 1", "street address"),
    "city": ("provider city", "city/town", "city", "citytown"),
    "state": ("provider state", "state"),
    "zip_code": ("provider zip code", "zip code", "zip"),
    "phone": ("provider phone number", "telephone number", "phone number", "phone", "telephone"),
    "beds": ("number of certified beds", "total number of beds"),
    "ownership": ("ownership type", "hospital ownership", "type of ownership"),
    "stars_overall": ("overall rating", "hospital overall rating", "quality of patient care star rating"),
    "stars_health": ("health inspection rating", "survey rating"),
    "stars_staffing": ("staffing rating",),
    "stars_quality": ("qm rating", "quality measure rating", "quality rating"),
    "data_on": ("processing date", "filedate"),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "location": ("location",),
    "program": ("provider type",),
    "hospital": ("hospital type",),
}  # fmt: skip
_NURSING_HOME = ("health inspection rating", "qm rating", "average number of residents per day", "long-stay qm rating")
_HOME_HEALTH = ("quality of patient care star rating", "offers nursing care services")
EXPECTED = (
    "a row of column names with a certification number (“CMS Certification Number (CCN)”, “Federal Provider Number” or"
    " “Facility ID”), a name (“Provider Name” or “Facility Name”) and a state"
)
_HEAD_WITHIN = 10  # lines in which the column names are looked for
_CCN = re.compile(r"[0-9]{2}[0-9A-Z][0-9]{3}|[0-9]{5}[0-9A-Z]")
_POINT = re.compile(r"\(\s*(-?\d+\.\d+)\s*,\s*(-?\d+\.\d+)\s*\)")
_MONTH = re.compile(r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ _-]?(20\d\d)", re.I)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_STATE = re.compile(r"[A-Z]{2}")
_RANGES = (
    (1500, 1799, CareType.HOSPICE_HOME), (2000, 2299, CareType.LTCH), (3025, 3099, CareType.IRF),
    (3100, 3199, CareType.HOME_HEALTH), (4000, 4499, CareType.PSYCHIATRIC), (5000, 6499, CareType.SNF),
    (7000, 8499, CareType.HOME_HEALTH), (9000, 9799, CareType.HOME_HEALTH), (1, 879, CareType.ACUTE),
    (1300, 1399, CareType.ACUTE), (2300, 2499, CareType.DIALYSIS), (2500, 2899, CareType.DIALYSIS),
)  # fmt: skip
_UNITS = {"T": CareType.IRF, "R": CareType.IRF, "S": CareType.PSYCHIATRIC, "M": CareType.PSYCHIATRIC}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a file says of one provider. Everything that it does not say is None or empty."""

    line: int
    care_type: CareType
    ccn: str
    name: str
    address: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None
    medicare: bool | None = None
    medicaid: bool | None = None
    beds: int | None = None
    ownership: str = ""
    stars_overall: float | None = None
    stars_health: float | None = None
    stars_staffing: float | None = None
    stars_quality: float | None = None
    data_on: date | None = None


@dataclass(slots=True)
class Contents:
    """The providers of a file, which columns it had, and the lines that were refused with the reason."""

    rows: list[Published] = field(default_factory=list)
    columns: frozenset[str] = frozenset()
    refused: list[str] = field(default_factory=list)


T = TypeVar("T")


class _BadRow(ValueError):
    """A row that cannot be taken, with the reason."""


def providers(name: str, grid: Sequence[Sequence[str]], care_type: CareType | None, data_on: date | None) -> Contents:
    """The providers of a table. Refused where it is none of the kind, with what was expected.

    `care_type` and `data_on` stand for what the file does not say; the type, where given, holds against the file.
    """
    top = _head(grid)
    if top is None:
        raise Refused(f"{name} is no provider file: {EXPECTED} was expected.", field="file")
    where = _columns(grid[top])
    layout = _layout(grid[top])
    told = data_on or _month_of(name)
    found = Contents(columns=frozenset(where) - {"location", "program", "hospital"})
    if "location" in where:
        found.columns |= {"latitude", "longitude"}
    seen: dict[tuple[CareType, str], int] = {}
    for number, cells in enumerate(grid[top + 1 :], top + 2):
        if not any(cells):
            continue
        values = {key: cells[at].strip() if at < len(cells) else "" for key, at in where.items()}
        try:
            row = _row(number, values, care_type or layout, told)
            before = seen.setdefault((row.care_type, row.ccn), number)
            if before != number:
                raise _BadRow(f"certification number {row.ccn} stands in line {before} already")
        except _BadRow as bad:
            found.refused.append(f"line {number}: {bad}.")
            continue
        found.rows.append(row)
    return found


def _head(grid: Sequence[Sequence[str]]) -> int | None:
    for number, cells in enumerate(grid[:_HEAD_WITHIN]):
        if {"ccn", "name", "state"} <= set(_columns(cells)):
            return number
    return None


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").lower().split())


def _columns(cells: Sequence[str]) -> dict[str, int]:
    places = {_plain(cell): at for at, cell in reversed(list(enumerate(cells)))}
    found: dict[str, int] = {}
    for key, names in _NAMES.items():
        at = next((places[name] for name in names if name in places), None)
        if at is not None:
            found[key] = at
    return found


def _layout(cells: Sequence[str]) -> CareType | None:
    names = {_plain(cell) for cell in cells}
    if names & set(_NURSING_HOME):
        return CareType.SNF
    return CareType.HOME_HEALTH if names & set(_HOME_HEALTH) else None


def _month_of(name: str) -> date | None:
    """`NH_ProviderInfo_Aug2021.csv` is of August 2021."""
    found = _MONTH.search(name)
    return date(int(found[2]), _MONTHS.index(found[1].lower()) + 1, 1) if found else None


def _row(line: int, values: dict[str, str], care_type: CareType | None, told: date | None) -> Published:
    ccn = values["ccn"].upper().replace("-", "")
    ccn = ccn.zfill(6) if len(ccn) == 5 and ccn.isdigit() else ccn  # a spreadsheet drops the zero
    if not _CCN.fullmatch(ccn):
        raise _BadRow("a certification number of six characters was expected")
    if not values["name"]:
        raise _BadRow("the name is empty")
    state = values["state"].upper()
    if not _STATE.fullmatch(state):
        raise _BadRow("a state of two letters was expected")
    kind = _kind(ccn, values, care_type)
    medicare, medicaid = _programs(kind, ccn, values.get("program", ""))
    point = _point(values)
    return Published(
        line=line, care_type=kind, ccn=ccn, name=" ".join(values["name"].split()), address=values.get("address", ""),
        city=values.get("city", ""), state=state, zip_code=_zip(values.get("zip_code", "")),
        phone=_phone(values.get("phone", "")), latitude=point[0] if point else None,
        longitude=point[1] if point else None, medicare=medicare, medicaid=medicaid,
        beds=_value(values, "beds", _beds), ownership=values.get("ownership", ""),
        stars_overall=_value(values, "stars_overall", _stars), stars_health=_value(values, "stars_health", _stars),
        stars_staffing=_value(values, "stars_staffing", _stars), stars_quality=_value(values, "stars_quality", _stars),
        data_on=_value(values, "data_on", _day) or told,
    )  # fmt: skip


def _kind(ccn: str, values: dict[str, str], care_type: CareType | None) -> CareType:
    hospital = values.get("hospital", "").lower()
    if care_type is CareType.SNF and _plain(values.get("program", "")) == "medicaid":
        return CareType.NF
    if care_type is not None:
        return care_type
    if hospital:
        if "psychiatric" in hospital:
            return CareType.PSYCHIATRIC
        return CareType.LTCH if "long" in hospital else CareType.ACUTE
    if ccn[2] in _UNITS:
        return _UNITS[ccn[2]]
    number = int(ccn[2:]) if ccn[2:].isdigit() else 0
    found = next((kind for first, last, kind in _RANGES if first <= number <= last), None)
    if found is None:
        raise _BadRow(f"certification number {ccn} does not tell the type of care; name the type of the file")
    return found


def _programs(kind: CareType, ccn: str, program: str) -> tuple[bool | None, bool | None]:
    """Whether it takes part in Medicare and in Medicaid. Who is in a file of CMS is certified for Medicare, but for
    nursing homes, whose file says it, and federal hospitals (number ends with F)."""
    said = program.lower()
    if said:
        return "medicare" in said, "medicaid" in said
    if kind in (CareType.SNF, CareType.NF):
        return None, None
    return not ccn.endswith("F"), None


def _point(values: dict[str, str]) -> tuple[float, float] | None:
    texts = values.get("latitude", ""), values.get("longitude", "")
    if not all(texts):
        found = _POINT.search(values.get("location", ""))
        if found is None:
            return None
        texts = found[1], found[2]
    try:
        latitude, longitude = float(texts[0]), float(texts[1])
    except ValueError:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise _BadRow("latitude and longitude lie outside the earth")
    return latitude, longitude


def _value(values: dict[str, str], key: str, read: Callable[[str], T | None]) -> T | None:
    text = values.get(key, "")
    return read(text) if text else None


def _stars(text: str) -> float | None:
    try:
        stars = float(text)
    except ValueError:
        return None  # “Not Available”
    if stars == 0:
        return None
    if not 1 <= stars <= 5:
        raise _BadRow("a rating outside 1 to 5 stars")
    return stars


def _beds(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) <= 5 else None


def _day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%m/%d/%Y", "%Y%m%d", "%d%b%Y"):
        try:
            return datetime.strptime(text[:10], form).date()
        except ValueError:
            continue
    raise _BadRow("the processing date is no date")


def _zip(text: str) -> str:
    digits = text.split("-")[0].strip()
    return digits.zfill(5) if digits.isdigit() and len(digits) <= 5 else digits[:5]


def _phone(text: str) -> str:
    digits = "".join(sign for sign in text if sign.isdigit())
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" if len(digits) == 10 else text


def centroids(name: str, grid: Sequence[Sequence[str]]) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """ZIP codes with latitude and longitude, and the lines that were refused.

    As the Census Bureau's gazetteer of ZIP code tabulation areas (GEOID, INTPTLAT, INTPTLONG), or any table with the
    columns zip, latitude, longitude.
    """
    wanted = (("geoid", "zip", "zip code", "zcta5", "zcta"), ("intptlat", "latitude", "lat"),
              ("intptlong", "longitude", "lon", "lng", "long"))  # fmt: skip
    heads = {_plain(cell): at for at, cell in enumerate(grid[0])} if grid else {}
    places = [next((heads[one] for one in names if one in heads), None) for names in wanted]
    if None in places:
        raise Refused(
            f"{name} is no table of ZIP centroids: the columns zip (or GEOID), latitude (or INTPTLAT) and longitude"
            " (or INTPTLONG) were expected.",
            field="file",
        )
    found: dict[str, tuple[float, float]] = {}
    refused: list[str] = []
    for number, cells in enumerate(grid[1:], 2):
        try:
            code, latitude, longitude = (cells[at or 0].strip() for at in places)
            position = float(latitude), float(longitude)
        except (IndexError, ValueError):
            refused.append(f"line {number}: a ZIP code, a latitude and a longitude were expected.")
            continue
        code = code.zfill(5)
        if not re.fullmatch(r"\d{5}", code) or not (-90 <= position[0] <= 90 and -180 <= position[1] <= 180):
            refused.append(f"line {number}: this is no ZIP code with its place on the earth.")
            continue
        found[code] = position
    return found, refused
