"""Synthetic disclosures, requests and suspensions, made by the product's own commands."""

import uuid
from datetime import date, timedelta
from typing import Any

from app.accounts.disclosures import queries, register
from app.accounts.disclosures.commands import RecordDisclosure, record_disclosure
from app.accounts.disclosures.models import Disclosure
from app.accounts.disclosures.register import AskAccounting, Suspend
from app.accounts.disclosures.terms import DisclosureCategory, SuspensionStatement
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.world import World

TODAY = now().date() - timedelta(days=1)  # surely no day to come, whatever the zone


def disclosure(**more: Any) -> RecordDisclosure:
    """What an adult protective service was given."""
    usual: dict[str, Any] = {
        "category": DisclosureCategory.PROTECTIVE_SERVICES, "on": TODAY,
        "recipient": "County Adult Protective Services",
        "address": "12 Pier Road, Harborton", "description": "Social assessment and face sheet",
        "purpose": "Report of suspected neglect, as the law asks",
    }  # fmt: skip
    return RecordDisclosure(**usual | more)


def recorded(world: World, stay: uuid.UUID, who: str = "dana", **more: Any) -> Disclosure:
    """One disclosure, recorded by somebody."""
    viewer = world.viewer(who).acting(Permission.DISCLOSURE_WRITE)
    with begin(viewer) as work:
        made = record_disclosure(work, stay, disclosure(**more))
        work.session.expunge(made)
        return made


def patient_of(stay: uuid.UUID) -> tuple[uuid.UUID, str]:
    """Key and record number of the patient of a stay."""
    with reading(everywhere("test")) as view:
        return view.one(
            lambda key, number: (key, number),
            "select p.id, p.number from encounter e join patient p on p.id = e.patient_id where e.id = %s",
            (stay,),
        )


def accounted(world: World, stay: uuid.UUID, text: str) -> dict[str, str]:
    """A disclosure, a request and a suspension of one stay; keys by name of route parameter."""
    made = recorded(world, stay, category=DisclosureCategory.LAW_ENFORCEMENT, recipient=text, description=text)
    patient, _number = patient_of(stay)
    viewer = world.viewer("priya").acting(Permission.DISCLOSURE_ACCOUNT)
    with begin(viewer) as work:
        whose = queries.person(work, patient, [world.facility["NORTH"]], None)
        asked = register.ask_accounting(work, whose, AskAccounting(asked_on=TODAY, asked_by=text))
        held = register.suspend(
            work, whose,
            Suspend(recipient=text, statement=SuspensionStatement.WRITTEN, begins=TODAY,
                    ends=TODAY + timedelta(days=90), reason=text),
        )  # fmt: skip
        return {"disclosure_id": str(made.disclosure_id), "accounting_id": str(asked.id), "suspension_id": str(held.id)}


def days_ago(days: int) -> date:
    """So many days before yesterday."""
    return TODAY - timedelta(days=days)


def standing(stay: uuid.UUID) -> str:
    """The key of a disclosure of the stay, recorded unless there is one."""
    with begin(everywhere("test")) as work:
        known = work.value("select disclosure_id from disclosure where encounter_id = %s and ended_at is null", (stay,))
        return str(known or record_disclosure(work, stay, disclosure()).disclosure_id)
