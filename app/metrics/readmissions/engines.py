"""What the rules ask of an engine beyond common frame functions: numbers for dates, and looking along a patient's rows.

The rules are written once, as functions over Narwhals frames. Two things differ so much between a table in memory and
one spread over machines that each engine has its own way: taking dates in as numbers, and what stood in rows before or
comes in rows after. On Polars the rows lie in order, so that one pass over whole columns finds it; Spark gets windows.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
import narwhals as nw
import polars as pl

Frame = Any
"""A Narwhals frame: eager over Polars, lazy over Spark. Narwhals has no type that means both."""
NEVER = 10_000_000
"""The day number of an end that has not come."""
NEVER_US = 2**62
SPAN = 2**36
"""More than any number that runs along rows, so that the groups of one pass cannot meet."""


TAKEN = (
    "encounter_id",
    "patient_id",
    "facility_type",
    "patient_class",
    "admit_date",
    "discharge_date",
    "discharge_disposition",
    "principal_dx",
    "ms_drg",
    "birth_date",
)
"""The columns that are taken as they are."""


class Line(msgspec.Struct, frozen=True):
    """Rows that follow each other: within equal values of some columns, in the order of `place`."""

    within: tuple[str, ...]
    place: str


class Engine(Protocol):
    """How one engine does what Narwhals cannot say for all."""

    def encounters(self, native: Any) -> Frame:
        """The rows with admit_day and discharge_day (days since 1970), admitted_us and left_us (microseconds), and
        `patient` and `hospital`, which are equal where ids are."""

    def procedures(self, native: Any) -> Frame:
        """Encounter and code of every procedure."""

    def table(self, small: pl.DataFrame, beside: Frame) -> Frame:
        """A small table where the rows of `beside` are."""

    def numbered(self, frame: Frame, name: str, within: str, by: Sequence[str]) -> Frame:
        """The rows with a number that grows in the order of `by` among those with the same `within`."""

    def laid(self, frame: Frame, line: Line) -> Frame:
        """The rows made ready for the functions below, which all take the same line then."""

    def highest(self, frame: Frame, line: Line, **named: str) -> Frame:
        """With new columns: the greatest number up to and with the row. Numbers are never null."""

    def previous(self, frame: Frame, line: Line, **named: str) -> Frame:
        """With new columns: the value of the row before, null in the first."""

    def kept(self, frame: Frame, line: Line, *names: str) -> Frame:
        """With columns filled: the latest value at or before the row. The first row of each line has one."""

    def coming(self, frame: Frame, line: Line, **named: str) -> Frame:
        """With new columns: the next value in later rows, null where none comes. All are null in the same rows."""

    def runs(self, frame: Frame, name: str, begins: str, identity: str) -> Frame:
        """With a column that is equal within each run of rows and nowhere else; `identity` is filled in already."""

    def settled(self, frame: Frame) -> Frame:
        """Worked out once, where several steps read it."""

    def greatest(self, frame: Frame, name: str) -> int | None:
        """The greatest number of a column, None without any."""

    def given(self, frame: Frame) -> Any:
        """The answer in the engine's own form."""


class Polars:
    """Tables in memory, in order: group borders are kept as a number that grows from line to line."""

    BORDER = "line_number"

    def encounters(self, native: pl.DataFrame | pl.LazyFrame) -> Frame:
        """Hospitals become numbers too, and patients where they are texts: they are only compared."""
        named_by_text = native.lazy().collect_schema()["patient_id"] == pl.String
        patient = pl.col("patient_id").cast(pl.Categorical).to_physical() if named_by_text else pl.col("patient_id")
        taken = native.lazy().select(
            *TAKEN,
            patient.alias("patient"),
            pl.col("admit_date").cast(pl.Date).cast(pl.Int32).alias("admit_day"),
            pl.col("discharge_date").cast(pl.Date).cast(pl.Int32).alias("discharge_day"),
            pl.col("admit_ts_utc").dt.timestamp("us").alias("admitted_us"),
            pl.col("discharge_ts_utc").dt.timestamp("us").alias("left_us"),
            pl.col("facility_id").cast(pl.String).fill_null("").cast(pl.Categorical).to_physical().alias("hospital"),
        )
        return nw.from_native(taken.collect(), eager_only=True)

    def procedures(self, native: pl.DataFrame | pl.LazyFrame) -> Frame:
        return nw.from_native(native.lazy().select("encounter_id", "px").collect(), eager_only=True)

    def table(self, small: pl.DataFrame, beside: Frame) -> Frame:
        return nw.from_native(small, eager_only=True)

    def numbered(self, frame: Frame, name: str, within: str, by: Sequence[str]) -> Frame:
        return frame.sort(within, *by).with_row_index(name).with_columns(nw.col(name).cast(nw.Int64))

    def laid(self, frame: Frame, line: Line) -> Frame:
        ordered = frame.sort(*line.within, line.place)
        differs = [(nw.col(name) != nw.col(name).shift(1)).fill_null(True) for name in line.within]
        return ordered.with_columns(
            nw.any_horizontal(*differs, ignore_nulls=False).cast(nw.Int64).alias(self.BORDER)
        ).with_columns(nw.col(self.BORDER).cum_sum())

    def highest(self, frame: Frame, line: Line, **named: str) -> Frame:
        apart = nw.col(self.BORDER) * SPAN
        return frame.with_columns(
            **{new: (nw.col(old).cast(nw.Int64) + apart).cum_max() - apart for new, old in named.items()}
        )

    def previous(self, frame: Frame, line: Line, **named: str) -> Frame:
        same = nw.col(self.BORDER) == nw.col(self.BORDER).shift(1)
        return frame.with_columns(**{new: nw.when(same).then(nw.col(old).shift(1)) for new, old in named.items()})

    def kept(self, frame: Frame, line: Line, *names: str) -> Frame:
        return frame.with_columns(nw.col(*names).fill_null(strategy="forward"))

    def coming(self, frame: Frame, line: Line, **named: str) -> Frame:
        given = ~nw.col(next(iter(named.values()))).is_null()
        where = nw.when(given).then(nw.col(self.BORDER)).shift(-1).fill_null(strategy="backward")
        same = where == nw.col(self.BORDER)
        return frame.with_columns(
            **{
                new: nw.when(same).then(nw.col(old).shift(-1).fill_null(strategy="backward"))
                for new, old in named.items()
            }
        )

    def runs(self, frame: Frame, name: str, begins: str, identity: str) -> Frame:
        """A number that grows from run to run, and is known to: grouping by it needs no search."""
        number = pl.col(begins).cum_sum().cast(pl.Int64).set_sorted().alias(name)
        return nw.from_native(frame.to_native().with_columns(number), eager_only=True)

    def settled(self, frame: Frame) -> Frame:
        return frame

    def greatest(self, frame: Frame, name: str) -> int | None:
        found: int | None = frame[name].max()
        return found

    def given(self, frame: Frame) -> pl.DataFrame:
        answer: pl.DataFrame = frame.to_native()
        return answer


class Spark:
    """Tables spread over machines: each question is a window, and every frame stays lazy."""

    def encounters(self, native: Any) -> Frame:
        from pyspark.sql import functions as spark

        def day(name: str) -> Any:
            return spark.datediff(spark.col(name).cast("date"), spark.lit("1970-01-01").cast("date"))

        taken = native.withColumns(
            {
                "admit_day": day("admit_date"),
                "discharge_day": day("discharge_date"),
                "admitted_us": spark.unix_micros("admit_ts_utc"),
                "left_us": spark.unix_micros("discharge_ts_utc"),
                "patient": spark.col("patient_id"),
                "hospital": spark.coalesce(spark.col("facility_id").cast("string"), spark.lit("")),
            }
        )
        return nw.from_native(
            taken.select(*TAKEN, "admit_day", "discharge_day", "admitted_us", "left_us", "patient", "hospital")
        )

    def procedures(self, native: Any) -> Frame:
        return nw.from_native(native.select("encounter_id", "px"))

    def table(self, small: pl.DataFrame, beside: Frame) -> Frame:
        from pyspark.sql import functions as spark
        from pyspark.sql.types import BooleanType, DoubleType, IntegerType, StringType, StructField, StructType

        kinds: dict[Any, Any] = {pl.String: StringType(), pl.Boolean: BooleanType(), pl.Float64: DoubleType()}
        shape = StructType([StructField(name, kinds.get(kind, IntegerType())) for name, kind in small.schema.items()])
        session = beside.to_native().sparkSession
        return nw.from_native(spark.broadcast(session.createDataFrame(small.rows(), shape)))

    def numbered(self, frame: Frame, name: str, within: str, by: Sequence[str]) -> Frame:
        place = nw.col("encounter_id").cum_count().over(within, order_by=list(by))
        return frame.with_columns(place.cast(nw.Int64).alias(name))

    def laid(self, frame: Frame, line: Line) -> Frame:
        return frame

    def highest(self, frame: Frame, line: Line, **named: str) -> Frame:
        return frame.with_columns(
            **{new: nw.col(old).cum_max().over(*line.within, order_by=line.place) for new, old in named.items()}
        )

    def previous(self, frame: Frame, line: Line, **named: str) -> Frame:
        return frame.with_columns(
            **{new: nw.col(old).shift(1).over(*line.within, order_by=line.place) for new, old in named.items()}
        )

    def kept(self, frame: Frame, line: Line, *names: str) -> Frame:
        filled = nw.col(*names).fill_null(strategy="forward")
        return frame.with_columns(filled.over(*line.within, order_by=line.place))

    def coming(self, frame: Frame, line: Line, **named: str) -> Frame:
        over = {"order_by": line.place}
        shifted = frame.with_columns(
            **{new: nw.col(old).shift(-1).over(*line.within, **over) for new, old in named.items()}
        )
        return shifted.with_columns(nw.col(*named).fill_null(strategy="backward").over(*line.within, **over))

    def runs(self, frame: Frame, name: str, begins: str, identity: str) -> Frame:
        return frame.with_columns(nw.col(identity).alias(name))

    def settled(self, frame: Frame) -> Frame:
        return nw.from_native(frame.to_native().persist())

    def greatest(self, frame: Frame, name: str) -> int | None:
        found: int | None = frame.select(nw.col(name).max()).to_native().first()[0]
        return found

    def given(self, frame: Frame) -> Any:
        return frame.to_native()


def engine_of(native: Any) -> Engine:
    """The engine whose table this is. TypeError for a table of no known engine."""
    if isinstance(native, pl.DataFrame | pl.LazyFrame):
        return Polars()
    if type(native).__module__.partition(".")[0] == "pyspark":
        return Spark()
    raise TypeError("The readmission measure takes tables of Polars or of Spark.")
