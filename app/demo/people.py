"""Invented people: demographics and coverage."""

from datetime import date, timedelta
from random import Random

import msgspec

from app.demo.cases import COMORBIDITIES, Case, Diagnosis
from app.demo.hospital import PAYERS, Payer
from app.demo.names import FAMILY_NAMES, FEMALE_NAMES, LANGUAGES, MALE_NAMES, STREETS, TOWNS

_PAYER = {payer.plan: payer for payer in PAYERS}

# Shares of payers by age group and sort of stay, as weights.
_OVER_65 = {"MCRAB": 48, "TALMA1": 26, "BRIMA2": 19, "TALPPO": 3, "VACOM": 3, "MCDFFS": 1}
_UNDER_65 = {
    "TALPPO": 22, "KEYHMO": 15, "BRISLF": 13, "MKTSLV": 9, "HARTMC": 20, "MCDFFS": 6, "MCRAB": 5, "TALMA1": 2,
    "VACOM": 2, "WKCOMP": 1, "SELF": 5,
}  # fmt: skip


class Demographics(msgspec.Struct, frozen=True):
    """What PID says about a person. `language` is ISO 639-2, `zip_code` five digits."""

    family: str
    given: str
    middle: str
    sex: str
    born: date | None
    street: str
    town: str
    zip_code: str
    phone: str
    language: str


class Coverage(msgspec.Struct, frozen=True):
    """One health plan of a person, as one IN1 segment states it."""

    payer: Payer
    member: str
    group: str
    since: date


class Patient:
    """A person known to the health system, with their present situation.

    `numbers` holds the medical record number of each facility. `busy` is set while the person has a stay or one is
    planned: nobody lies in two beds. `vip` marks people whose record needs protection.
    """

    def __init__(self, enterprise: str, demographics: Demographics, coverages: tuple[Coverage, ...]) -> None:
        self.enterprise = enterprise
        self.demographics = demographics
        self.coverages = coverages
        self.numbers: dict[str, str] = {}
        self.comorbidities: tuple[Diagnosis, ...] = ()
        self.vip = False
        self.busy = False
        self.died = False


def demographics(random: Random, case: Case, today: date) -> Demographics:
    """A person of an age that is plausible for the case."""
    sex = random.choice("FM")
    low, high = case.ages
    years = min(high, max(low, round(random.gauss(case.typical_age, 11))))
    names = FEMALE_NAMES if sex == "F" else MALE_NAMES
    family = random.choice(FAMILY_NAMES)
    if random.random() < 0.03:
        family = f"{family}-{random.choice(FAMILY_NAMES)}"
    town, zip_code = random.choice(TOWNS)
    return Demographics(
        family=family,
        given=random.choice(names),
        middle=random.choice("ABCDEFGHJKLMNPRSTVW") if random.random() < 0.6 else "",
        sex=sex,
        born=today - timedelta(days=round(years * 365.25) + random.randrange(365)),
        street=street(random),
        town=town,
        zip_code=zip_code,
        phone=telephone(random),
        language=random.choices([code for code, _ in LANGUAGES], [weight for _, weight in LANGUAGES])[0],
    )


def street(random: Random) -> str:
    """House number and street."""
    return f"{random.randrange(1, 2400)} {random.choice(STREETS)} {random.choice(('St', 'Ave', 'Rd', 'Ln', 'Ct'))}"


def telephone(random: Random) -> str:
    """A number of the range 555-01xx, which is kept free for invented people."""
    return f"({random.choice((217, 309, 618))})555-01{random.randrange(100):02d}"


def coverages(random: Random, person: Demographics, today: date) -> tuple[Coverage, ...]:
    """One or two plans; people over 65 mostly have Medicare or Medicare Advantage."""
    aged = person.born is not None and (today - person.born).days >= 65 * 365.25
    shares = _OVER_65 if aged else _UNDER_65
    first = _PAYER[random.choices(list(shares), list(shares.values()))[0]]
    found = [_cover(random, first, today)]
    if first.plan == "MCRAB" and random.random() < 0.45:
        found.append(_cover(random, _PAYER[random.choice(("TALPPO", "MCDFFS"))], today))
    return tuple(found)


def comorbidities(random: Random, person: Demographics, today: date) -> tuple[Diagnosis, ...]:
    """Secondary diagnoses; older people carry more of them."""
    years = 50 if person.born is None else (today - person.born).days / 365.25
    number = min(8, max(0, round(random.gauss(years / 17, 1.3))))
    usable = [found for found in COMORBIDITIES if years >= 65 or found[0] != "F03.90"]
    return tuple(random.sample(usable, min(number, len(usable))))


def _cover(random: Random, payer: Payer, today: date) -> Coverage:
    if payer.line == "self_pay":
        return Coverage(payer, "", "", date(today.year, 1, 1))
    group = f"G{random.randrange(10_000, 99_999)}" if payer.line in ("commercial", "marketplace") else ""
    member = f"{payer.company[:2]}{random.randrange(10**8, 10**9)}"
    return Coverage(payer, member, group, date(today.year - random.randrange(4), 1, 1))
