"""The words of accounting: for what a record left the hospital, and how far a request for the accounting is."""

from enum import StrEnum


class DisclosureCategory(StrEnum):
    """On what ground a record went out, other than treatment, payment and operations. Source: 45 CFR 164.512."""

    REQUIRED_BY_LAW = "required_by_law"  # (a)
    PUBLIC_HEALTH = "public_health"  # (b)
    PROTECTIVE_SERVICES = "protective_services"  # (b)(1)(ii) children, (c) adults
    OVERSIGHT = "oversight"  # (d) audits and inspections of the health system
    COURT = "court"  # (e)
    LAW_ENFORCEMENT = "law_enforcement"  # (f)
    CORONER = "coroner"  # (g)
    ORGAN_PROCUREMENT = "organ_procurement"  # (h)
    RESEARCH = "research"  # (i) with a waiver of the patient's authorization
    THREAT = "threat"  # (j)
    GOVERNMENT = "government"  # (k) but for national security and custody, which are left out of the accounting
    WORKERS_COMPENSATION = "workers_compensation"  # (l)
    MISTAKE = "mistake"  # no ground: it reached somebody it should not have reached

    @property
    def label(self) -> str:
        """As a form and the accounting show it."""
        return _LABELS[self]

    @property
    def may_be_suspended(self) -> bool:
        """Whether the recipient may ask that the patient not be told for a time. Source: 164.528(a)(2)."""
        return self in (DisclosureCategory.OVERSIGHT, DisclosureCategory.LAW_ENFORCEMENT)


_LABELS = {
    DisclosureCategory.REQUIRED_BY_LAW: "Required by another law",
    DisclosureCategory.PUBLIC_HEALTH: "Public health",
    DisclosureCategory.PROTECTIVE_SERVICES: "Abuse or neglect: protective services",
    DisclosureCategory.OVERSIGHT: "Health oversight",
    DisclosureCategory.COURT: "Court or administrative proceeding",
    DisclosureCategory.LAW_ENFORCEMENT: "Law enforcement",
    DisclosureCategory.CORONER: "Coroner, medical examiner or funeral director",
    DisclosureCategory.ORGAN_PROCUREMENT: "Organ, eye or tissue donation",
    DisclosureCategory.RESEARCH: "Research with a waiver",
    DisclosureCategory.THREAT: "Serious threat to health or safety",
    DisclosureCategory.GOVERNMENT: "Specialized government function",
    DisclosureCategory.WORKERS_COMPENSATION: "Workers’ compensation",
    DisclosureCategory.MISTAKE: "Sent to the wrong recipient",
}


class Basis(StrEnum):
    """What stands in the place of a purpose. Source: 164.528(b)(2)(iv)."""

    STATEMENT = "statement"  # a short statement of the purpose
    REQUEST = "request"  # a copy of the written request is kept with the paper record

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"statement": "Purpose in words", "request": "A copy of the written request is kept"}[self.value]


class SuspensionStatement(StrEnum):
    """How the agency said that telling the patient would impede it. Source: 164.528(a)(2)."""

    WRITTEN = "written"  # for the time that it names
    ORAL = "oral"  # thirty days at most

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"written": "In writing", "oral": "Orally (30 days at most)"}[self.value]


class RequestStep(StrEnum):
    """What happened to a request for the accounting."""

    EXTENDED = "extended"  # once, by thirty days, with the reason told in writing
    GIVEN = "given"  # the accounting left the hospital
    WITHDRAWN = "withdrawn"  # who asked no longer wants it

    @property
    def label(self) -> str:
        """As the register shows it."""
        return {"extended": "Extended by 30 days", "given": "Given", "withdrawn": "Withdrawn"}[self.value]


class RecordEnd(StrEnum):
    """Why a version of a disclosure no longer stands."""

    AMENDED = "amended"  # another version stands in its place
    STRUCK_OUT = "struck_out"  # it was recorded by mistake
