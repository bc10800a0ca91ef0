"""The questions of a call after discharge. Pure.

Own wording, after what such calls ask everywhere: how it goes, signs of danger, medicines, the appointment, services.
Topics that were taught in the stay bring a question about their signs of danger; what is booked one about its arrival.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.discharge.after.terms import Urgency


@dataclass(frozen=True, slots=True)
class Question:
    """One question: how it is asked, what the two answers are called, what an issue from it is called."""

    key: str
    ask: str
    good: str
    problem: str
    issue: str
    urgency: Urgency = Urgency.USUAL


FIRST = (
    Question("well", "How have you been since you came home?", "Well or better", "Worse",
             "Feels worse since the discharge", Urgency.DANGER),
)  # fmt: skip
GENERAL_DANGER = Question(
    "danger", "Chest pain, trouble breathing, fever, bleeding, a fall, or new confusion?", "None", "Yes",
    "Reports a sign of danger", Urgency.DANGER,
)  # fmt: skip
LAST = (
    Question("have_medicines", "Do you have all your medicines?", "Has them all", "Something is missing",
             "Does not have all medicines"),
    Question("take_medicines", "Do you take them as the list says?", "As the list says", "Not so, or unsure",
             "Does not take the medicines as listed"),
    Question("appointment", "When is your appointment, and can you get there?", "Made or kept", "None, or cannot go",
             "No appointment, or cannot get there"),
)  # fmt: skip
SERVICES = Question("services", "Did the equipment and the services come that you need at home?", "Came or not needed",
                    "Did not come", "Equipment or a service did not come")  # fmt: skip
OWN = Question("questions", "Is anything unclear, or is there anything you worry about?", "Nothing open",
               "Something is open", "Has an open question")  # fmt: skip


def script(taught: Sequence[tuple[str, str, str]], booked: Sequence[tuple[str, str]]) -> tuple[Question, ...]:
    """The questions for one patient. `taught` are key, topic and its signs of danger; `booked` key and what it is."""
    dangers = tuple(
        Question(f"topic-{key}", f"{topic}: any of this? {flags}", "None", "Yes", f"Sign of danger, {topic}",
                 Urgency.DANGER)
        for key, topic, flags in taught
    )  # fmt: skip
    services = tuple(
        Question(f"booked-{key}", f"Did it come: {what}?", "Came", "Did not come", f"Did not come: {what}")
        for key, what in booked
    )
    return (*FIRST, GENERAL_DANGER, *dangers, *LAST, *(services or (SERVICES,)), OWN)
