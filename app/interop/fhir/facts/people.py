"""Patient and Practitioner resources as the census describes people. Pure."""

from app.interop.fhir.facts.elements import Resource, parts, text, written_date, written_time

SEX = {"male": "M", "female": "F", "other": "O", "unknown": "U"}
_NAME_USES = ("official", "usual", "", "nickname", "anonymous", "temp", "old", "maiden")
_HOME_FIRST = ("home", "", "mobile", "temp", "work", "billing", "old")


def described(patient: Resource) -> dict[str, str]:
    """The texts of a person (`PERSON_TEXTS`) that the resource tells; what it leaves out is not said."""
    found: dict[str, str] = {}
    name = _by_use(parts(patient, "name"), _NAME_USES)
    if name:
        given = _strings(name, "given")
        found["family"] = text(name, "family") or ("" if given else text(name, "text"))
        found["given"], found["middle"] = (given[0] if given else ""), " ".join(given[1:])
        found["suffix"] = " ".join(_strings(name, "suffix"))
    found["dob"] = written_date(patient.get("birthDate"))
    found["sex"] = SEX.get(text(patient, "gender"), "")
    address = _by_use(parts(patient, "address"), _HOME_FIRST)
    found["zip"] = text(address, "postalCode")
    phones = [one for one in parts(patient, "telecom") if text(one, "system") == "phone"]
    found["phone"] = text(_by_use(phones, ("home", "mobile", "", "work", "temp", "old")), "value")
    found["language"] = _language(patient)
    died = patient.get("deceasedDateTime")
    if died is not None or patient.get("deceasedBoolean") is True:
        found["deceased"], found["deceased_at"] = "Y", written_time(died)
    elif patient.get("deceasedBoolean") is False:
        found["deceased"] = "N"
    return {field: value for field, value in found.items() if value}


def physician(practitioner: Resource, said: str) -> tuple[str, str]:
    """Number and name of a practitioner; `said` is the display of the reference, for want of the resource."""
    numbers = parts(practitioner, "identifier")
    numbers.sort(key=lambda one: not text(one, "system").endswith("us-npi"))
    number = next((value for one in numbers if (value := text(one, "value"))), "")
    name = _by_use(parts(practitioner, "name"), _NAME_USES)
    given = _strings(name, "given")
    written = ", ".join(one for one in (text(name, "family"), given[0] if given else "") if one)
    return number or text(practitioner, "id"), written or text(name, "text") or said


def _language(patient: Resource) -> str:
    spoken = parts(patient, "communication")
    spoken.sort(key=lambda one: one.get("preferred") is not True)
    for one in spoken:
        for coding in parts(one.get("language"), "coding"):
            if text(coding, "code"):
                return text(coding, "code")
    return ""


def _by_use(found: list[Resource], uses: tuple[str, ...]) -> Resource:
    """The element for the most usual use; an unknown use comes last."""
    places = {use: place for place, use in enumerate(uses)}
    return min(found, key=lambda one: places.get(text(one, "use"), len(uses)), default={})


def _strings(value: Resource, name: str) -> list[str]:
    found = value.get(name)
    return [one.strip() for one in found if isinstance(one, str) and one.strip()] if isinstance(found, list) else []
