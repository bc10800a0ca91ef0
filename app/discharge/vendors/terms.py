"""The words of the registry of vendors."""

from enum import StrEnum


class Capability(StrEnum):
    """What a vendor can do beyond the ordinary of its type of care."""

    VENTILATOR = "ventilator"  # takes patients on a ventilator
    TRACHEOSTOMY = "tracheostomy"  # care of a tracheostomy
    HEMODIALYSIS = "hemodialysis"  # hemodialysis on site, or carried to it
    PERITONEAL_DIALYSIS = "peritoneal_dialysis"  # exchanges by trained staff
    BARIATRIC = "bariatric"  # bed, lift and staff for a heavy patient
    WOUND_VACUUM = "wound_vacuum"  # negative-pressure wound therapy
    TPN = "tpn"  # total parenteral nutrition
    IV_ANTIBIOTICS = "iv_antibiotics"  # intravenous antibiotics through a central line
    MEMORY_CARE = "memory_care"  # secured unit for dementia
    ISOLATION = "isolation"  # contact or droplet isolation
    BEHAVIORAL = "behavioral"  # behavioral health needs
    HOSPICE_CONTRACT = "hospice_contract"  # a hospice may serve its residents
    OXYGEN = "oxygen"  # high-flow oxygen
    PEDIATRIC = "pediatric"  # takes children
    THERAPY_DAILY = "therapy_daily"  # therapy on seven days of the week
    WEEKEND_ADMISSION = "weekend_admission"  # admits on Saturday and Sunday

    @property
    def label(self) -> str:
        """As a form and a chip show it."""
        return _CAPABILITIES.get(self, self.value.replace("_", " ").capitalize())


class NetworkStanding(StrEnum):
    """How a vendor stands to a payer by contract, from a day on."""

    IN_NETWORK = "in_network"  # has a contract with the payer
    SINGLE_CASE = "single_case"  # the payer agrees case by case
    OUT_OF_NETWORK = "out_of_network"  # has no contract with the payer

    @property
    def label(self) -> str:
        """As a list shows it."""
        return {"in_network": "in network", "single_case": "single case", "out_of_network": "out of network"}[
            self.value
        ]


class InterestKind(StrEnum):
    """Which way a financial interest runs: 42 CFR 482.43(c)(3), 42 CFR 420 subpart C."""

    HOSPITAL_HOLDS = "hospital_holds"  # the hospital has an interest in the vendor
    VENDOR_HOLDS = "vendor_holds"  # the vendor has an interest in the hospital
    COMMON_OWNER = "common_owner"  # somebody else owns or controls both

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {
            "hospital_holds": "The hospital holds a share of the vendor",
            "vendor_holds": "The vendor holds a share of the hospital",
            "common_owner": "Both have a common owner",
        }[self.value]


class ContactKind(StrEnum):
    """A way to reach a vendor."""

    EMAIL = "email"  # referral links are sent there
    PHONE = "phone"  # admissions or intake by telephone
    FAX = "fax"  # paper
    PORTAL = "portal"  # the vendor's own website for referrals

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"email": "E-mail", "phone": "Telephone", "fax": "Fax", "portal": "Website"}[self.value]


class Order(StrEnum):
    """In which order vendors are shown. None prefers a vendor for a reason that is not said."""

    DISTANCE = "distance"  # the nearest first, then by name
    QUALITY = "quality"  # most stars first, then the nearest, then by name
    NAME = "name"  # by name

    @property
    def label(self) -> str:
        """As a list says it, and as it is printed on the list of a patient."""
        return {
            "distance": "nearest first, then by name",
            "quality": "most CMS stars first, then nearest, then by name",
            "name": "by name",
        }[self.value]


class Removal(StrEnum):
    """Why a vendor is not on a list, in the order in which it is asked."""

    CLOSED = "closed"  # closed, or takes no patients now
    NOT_PARTICIPATING = "not_participating"  # not known to take part in Medicare: 42 CFR 482.43(c)(1)
    NO_MEDICAID = "no_medicaid"  # does not accept Medicaid
    TOO_FAR = "too_far"  # farther away than was asked, or does not serve where the patient lives
    NO_CAPABILITY = "no_capability"  # cannot do what the patient needs
    LANGUAGE = "language"  # does not speak the patient's language
    OUT_OF_NETWORK = "out_of_network"  # has no contract with the plan, and the list was limited to the network
    QUALITY = "quality"  # fewer stars than was asked
    WISH = "wish"  # the patient does not want it on the list

    @property
    def label(self) -> str:
        """As a list counts it: `3 too far`."""
        return _REMOVALS[self]


_CAPABILITIES = {
    Capability.TPN: "Parenteral nutrition (TPN)",
    Capability.IV_ANTIBIOTICS: "IV antibiotics",
    Capability.THERAPY_DAILY: "Therapy seven days a week",
    Capability.WEEKEND_ADMISSION: "Admits at weekends",
}
_REMOVALS = {
    Removal.CLOSED: "closed to admissions",
    Removal.NOT_PARTICIPATING: "not known to take part in Medicare",
    Removal.NO_MEDICAID: "not accepting Medicaid",
    Removal.TOO_FAR: "too far away",
    Removal.NO_CAPABILITY: "without a capability that is needed",
    Removal.LANGUAGE: "not speaking the language",
    Removal.OUT_OF_NETWORK: "not in the plan's network",
    Removal.QUALITY: "with fewer stars than asked",
    Removal.WISH: "taken off by the patient's wish",
}
