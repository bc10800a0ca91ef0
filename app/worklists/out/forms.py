"""The forms in which a list leaves the house."""

from enum import StrEnum


class OutForm(StrEnum):
    """How a list is taken out. A printed page is the fourth way: the browser makes it, the page reports it."""

    CSV = "csv"  # for programs: plain values, harmless to spreadsheets
    XLSX = "xlsx"  # for people: dates and numbers to reckon with
    PDF = "pdf"  # as the page shows it, on paper

    @property
    def media_type(self) -> str:
        return _MEDIA[self]


_MEDIA = {
    OutForm.CSV: "text/csv; charset=utf-8",
    OutForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    OutForm.PDF: "application/pdf",
}
