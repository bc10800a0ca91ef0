"""The people of the demonstration: at least one for each role, so that every view can be tried. All are invented."""

from dataclasses import dataclass

from app.demo.hospital import ACUTE, LTCH, Physician
from app.security.permissions import ROLES, Role

PASSWORD = "three quiet herons"
"""Everybody's password in the demonstration. It is printed at each start and is no secret."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the demonstration.

    Attributes:
        facilities: codes of the facilities where the role holds; empty means all.
        units: codes of units whose stays this person looks after.
    """

    name: str
    display_name: str
    credentials: str
    role: Role
    facilities: tuple[str, ...]
    units: tuple[str, ...] = ()
    attending_number: str = ""

    @property
    def label(self) -> str:
        """The role as people read it."""
        return ROLES[self.role].label


ATTENDING = "attending"
_HERE, _BOTH = (ACUTE,), (ACUTE, LTCH)

_STAFF = (
    Member("mara", "Mara Solheim", "RN", Role.CASE_MANAGER, _HERE, ("3W", "3E")),
    Member("jonas", "Jonas Abara", "RN", Role.CASE_MANAGER, _HERE, ("4W", "4E")),
    Member("ines", "Ines Calder", "RN", Role.CASE_MANAGER, _HERE, ("5W", "5E")),
    Member("theo", "Theo Brandvold", "RN", Role.CASE_MANAGER, _HERE, ("6W", "PCU", "ICU")),
    Member("lena", "Lena Whitacre", "RN", Role.CASE_MANAGER, (LTCH,), ("LV", "L2", "L3")),
    Member("nadia", "Nadia Foley", "RN", Role.UR_NURSE, _BOTH),
    Member("piet", "Piet Marchetti", "LCSW", Role.SOCIAL_WORKER, _BOTH),
    Member("adaeze", "Adaeze Nwokolo", "MD", Role.PHYSICIAN_ADVISOR, _BOTH),
    Member("castell", "Ramon Castell", "MD", Role.CHIEF_MEDICAL_OFFICER, _BOTH),
    Member("ruth", "Ruth Engstrom", "RN", Role.LEAD, _BOTH),
    Member("dorian", "Dorian Pell", "", Role.DIRECTOR, _BOTH),
    Member("ada", "Ada Kirkwood", "", Role.ADMINISTRATOR, ()),
    Member("priya", "Priya Sandoval", "", Role.PRIVACY_OFFICER, _BOTH),
    Member("aubrey", "Aubrey Tolliver", "", Role.AUDITOR, _BOTH),
)


def cast(physicians: tuple[Physician, ...]) -> tuple[Member, ...]:
    """Everybody, with one attending physician of the feed, who sees own patients only."""
    for one in physicians:
        if one.facility == ACUTE and one.service == "MED":
            attending = Member(ATTENDING, f"{one.given} {one.family}", "MD", Role.ATTENDING, _HERE,
                               attending_number=one.npi)  # fmt: skip
            return (*_STAFF, attending)
    return _STAFF


def sign_ins() -> str:
    """The lines that a demonstration prints at its start."""
    lines = [f"  {one.name:<9}  {one.label}, {one.display_name}" for one in _STAFF]
    lines.append(f"  {ATTENDING:<9}  {ROLES[Role.ATTENDING].label}, own patients only")
    return "\n".join([f"Sign in with one of these names and the password: {PASSWORD}", *lines])
