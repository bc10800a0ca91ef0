"""What the database knows about operation, asked when the collector comes: the same for all machines."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Lock
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from app.platform import queue
from app.platform.work import Reading

_SETTLED = 20_000  # of so many newest messages, a transaction may still be open
_PENDING = (
    "select count(*), coalesce(extract(epoch from %(now)s - min(m.received_at)), 0)::float8"
    " from inbound_pending p join inbound_message m on m.id = p.message_id"
)
_UNSEALED = """
with last as (select coalesce(max(event_to), 0) as event, coalesce(max(change_to), 0) as change,
  coalesce(max(access_to), 0) as access from audit_seal)
select sum(n)::bigint, coalesce(extract(epoch from %(now)s - min(since)), 0)::float8 from (
  select count(*) as n, min(at) as since from audit_event where id > (select event from last)
  union all select count(*), min(at) from row_change where id > (select change from last)
  union all select count(*), min(at) from phi_access where id > (select access from last)) t
"""
_RECEIVED = (
    "select coalesce(nullif(ack, ''), 'none'), count(*) from inbound_message where id > %s and id <= %s group by 1"
)

OPENINGS_WITHIN = timedelta(hours=72)
"""As app/accounts/watching/openings/rules.py has it; a test compares the two."""
OPENINGS = (
    "select count(*), count(*) filter (where a.opened_at < %(late)s) from stay_access a where a.kind = 'glass'"
    " and not exists (select from glass_review r where r.access_id = a.id and r.ended_at is null)"
)
_UNUSUAL = (
    "select count(*) from unusual_access f where not exists"
    " (select from access_decision d where d.finding_id = f.id and d.ended_at is null)"
)


class Received:
    """Counts stored messages by their acknowledgement. What has settled is counted once and remembered."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._upto = 0
        self._settled: dict[str, int] = {}

    def count(self, view: Reading) -> dict[str, int]:
        """Messages by acknowledgement code, since the beginning."""
        with self._lock:
            newest = view.value("select coalesce(max(id), 0) from inbound_message")
            settled = max(self._upto, newest - _SETTLED)
            for code, number in view.rows(_pair, _RECEIVED, (self._upto, settled)):
                self._settled[code] = self._settled.get(code, 0) + number
            self._upto = settled
            found = dict(self._settled)
            for code, number in view.rows(_pair, _RECEIVED, (settled, newest)):
                found[code] = found.get(code, 0) + number
            return found


def _pair(one: Any, other: Any) -> tuple[Any, Any]:
    return one, other


class Stored:
    """A collector over one reading; used once."""

    def __init__(self, view: Reading, received: Received, memory: dict[str, int]) -> None:
        self._view, self._received, self._memory = view, received, memory

    def collect(self) -> Iterator[Metric]:
        """Every figure, in the form of the library."""
        yield from self._messages()
        yield self._jobs()
        yield from self._trail()
        yield from self._watching()
        alive = queue.is_stood_for(self._view.connection)
        yield GaugeMetricFamily("daybook_worker_alive", "1 while a worker does background work.", float(alive))
        memory = GaugeMetricFamily("daybook_memory_bytes", "Resident memory of this machine's parts.", labels=["part"])
        for part, size in self._memory.items():
            memory.add_metric([part], size)
        yield memory

    def _messages(self) -> Iterator[Metric]:
        view = self._view
        received = CounterMetricFamily("daybook_messages_received", "Messages by acknowledgement.", labels=["ack"])
        for code, number in self._received.count(view).items():
            received.add_metric([code], number)
        yield received
        applied = view.value("select count(*) from adt_fact")
        yield CounterMetricFamily("daybook_messages_applied", "Messages whose facts are in the census.", applied)
        [(waiting, age)] = view.rows(_pair, _PENDING, {"now": view.now})
        yield GaugeMetricFamily("daybook_messages_waiting", "Messages that wait to be applied.", waiting)
        yield GaugeMetricFamily("daybook_messages_oldest_seconds", "Age of the oldest of them.", age)
        aside = view.value("select count(*) from inbound_problem where closed_at is null")
        yield GaugeMetricFamily("daybook_messages_set_aside", "Messages that could not be applied.", aside)

    def _jobs(self) -> Metric:
        found = GaugeMetricFamily("daybook_jobs", "Jobs in the queue.", labels=["job", "status"])
        rows = self._view.connection.execute(
            "select task_name, status::text, count(*) from procrastinate_jobs"
            " where status in ('todo', 'doing', 'failed') group by 1, 2"
        ).fetchall()
        for job, status, number in rows:
            found.add_metric([job, status], number)
        return found

    def _watching(self) -> Iterator[Metric]:
        [(waiting, overdue)] = self._view.rows(_pair, OPENINGS, {"late": self._view.now - OPENINGS_WITHIN})
        yield GaugeMetricFamily("daybook_openings_waiting", "Opened restricted stays that nobody has judged.", waiting)
        yield GaugeMetricFamily("daybook_openings_overdue", "Of these, opened more than 72 hours ago.", overdue)
        found = self._view.value(_UNUSUAL)
        yield GaugeMetricFamily("daybook_unusual_accesses", "Unusual accesses that nobody has decided about.", found)

    def _trail(self) -> Iterator[Metric]:
        [(rows, age)] = self._view.rows(_pair, _UNSEALED, {"now": self._view.now})
        yield GaugeMetricFamily("daybook_audit_unsealed_rows", "Rows of the audit trail that no seal covers yet.", rows)
        yield GaugeMetricFamily("daybook_audit_seal_lag_seconds", "Age of the oldest of them.", max(age, 0.0))
