"""How a rule says no: one sentence for the person who asked, and where it may be shown."""


class Refused(Exception):
    """A rule forbids what was asked. `sentence` is shown to the user as it stands.

    It says what is wrong and what to do next, and holds no patient data. `field` names the form field that the
    sentence belongs to; without it the sentence belongs to the form as a whole.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field

    def __str__(self) -> str:
        return self.sentence


class NotFound(Exception):
    """What was asked for does not exist, or the viewer may not know that it does: the answer is the same."""

    def __init__(self, sentence: str = "This page does not exist, or it lies outside what you may see.") -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence
