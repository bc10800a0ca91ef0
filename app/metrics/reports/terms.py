"""The words of saved reports: which days, how often, and what became of a mail."""

from enum import StrEnum


class ReportSpan(StrEnum):
    """The days that a report is about, counted back from the day on which it is read."""

    LAST_MONTH = "last_month"  # the calendar month before the present one
    LAST_QUARTER = "last_quarter"  # the calendar quarter before the present one
    ROLLING_YEAR = "rolling_year"  # the twelve calendar months before the present one

    @property
    def label(self) -> str:
        """As a form says it."""
        return {"last_month": "Last month", "last_quarter": "Last quarter"}.get(self.value, "Last twelve months")


class Beside(StrEnum):
    """What the period of a report is compared with."""

    NOTHING = ""  # no comparison
    BEFORE = "before"  # the month, quarter or twelve months right before it
    YEAR = "year"  # the same days one year earlier

    @property
    def label(self) -> str:
        """As a form says it."""
        return {"": "Nothing", "before": "The period before"}.get(self.value, "A year earlier")


class VersionEnd(StrEnum):
    """Why a version of a report or of a schedule stands no more."""

    AMENDED = "amended"  # another version was saved in its place
    ENDED = "ended"  # somebody ended it; another version takes that back


class ReportState(StrEnum):
    """Whether a report, or a schedule, is in use."""

    NONE = "none"  # never saved
    STANDING = "standing"  # in use
    ENDED = "ended"  # ended by somebody


class ReportAct(StrEnum):
    """What may happen to a report, or to a schedule."""

    SAVE = "save"  # it is saved for the first time
    AMEND = "amend"  # it is changed
    END = "end"  # it is used no more
    RESTORE = "restore"  # the end is taken back


class Rhythm(StrEnum):
    """How often a report is sent."""

    MONTHLY = "monthly"  # on a day of every month, 1 to 28
    WEEKLY = "weekly"  # on a day of every week, 1 for Monday

    @property
    def label(self) -> str:
        """As a form says it."""
        return {"monthly": "Every month"}.get(self.value, "Every week")


class DeliveryState(StrEnum):
    """What became of one mail to one person."""

    WAITING = "waiting"  # written down, to be handed to the mail server
    SENDING = "sending"  # handed over, not confirmed: it may have left
    SENT = "sent"  # the mail server took it
    FAILED = "failed"  # it was not sent, and will not be unless somebody sends it anew

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"sending": "Handed over, not confirmed"}.get(self.value, self.value.capitalize())

    @property
    def tone(self) -> str:
        """The tone of its chip."""
        return {"waiting": "blue", "sending": "amber", "sent": "green", "failed": "red"}[self.value]


class DeliveryAct(StrEnum):
    """What may happen to a mail that was written down."""

    HAND_OVER = "hand_over"  # the job gives it to the mail server
    CONFIRM = "confirm"  # the mail server took it
    PUT_OFF = "put_off"  # the mail server could not be reached; it is tried again
    FAIL = "fail"  # it cannot be sent


class FileForm(StrEnum):
    """How figures and cases are taken out."""

    CSV = "csv"  # for programs; harmless to spreadsheets
    XLSX = "xlsx"  # for people
    PARQUET = "parquet"  # for programs that reckon

    @property
    def media_type(self) -> str:
        """What the browser is told."""
        return {
            "csv": "text/csv; charset=utf-8",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }.get(self.value, "application/vnd.apache.parquet")
