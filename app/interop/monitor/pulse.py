"""When each feed last spoke, for the top bar of every page: from what this process hears."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import msgspec

from app.kernel.wording import moment_text
from app.platform.now import now
from app.platform.work import everywhere, reading
from app.security.viewer import Viewer
from app.web.frame import LiveState

USUAL_SILENCE = timedelta(minutes=30)
SETTINGS_SECONDS = 60.0  # how long the allowed silence of feeds is remembered


class LastHeard(msgspec.Struct, frozen=True):
    """One facility: its last message so far, and after how much silence its feed counts as stopped."""

    facility_id: int
    silent_after_minutes: int
    at: datetime | None


_LAST = """
select f.facility_id, f.silent_after_minutes,
  (select m.received_at from inbound_message m where m.facility_id = f.facility_id
    and m.source not in ('census', 'repair') order by m.received_at desc limit 1)
from feed f
"""


@dataclass
class Pulse:
    """`heard` is the table that the live updates of this process keep: the last message of each facility."""

    heard: dict[int, datetime] = field(default_factory=dict)
    silence: dict[int, timedelta] = field(default_factory=dict)
    read_at: float | None = None

    def start(self, heard: dict[int, datetime]) -> None:
        """Begin with what the database knows; from here on notifications bring it up to date."""
        self.heard = heard
        self._read()

    def state(self, viewer: Viewer) -> LiveState | None:
        """The feed of the facility being worked in; None before its first message."""
        place = viewer.place
        if place is None:
            return None
        if self.read_at is None or monotonic() - self.read_at > SETTINGS_SECONDS:
            self._read()
        last = self.heard.get(place.id)
        if last is None:
            return None
        moment = now()
        ok = moment - last <= self.silence.get(place.id, USUAL_SILENCE)
        return LiveState(place.name, moment_text(last, ZoneInfo(place.timezone), moment), ok)

    def _read(self) -> None:
        with reading(everywhere("interface monitor")) as db:
            for row in db.rows(LastHeard, _LAST):
                self.silence[row.facility_id] = timedelta(minutes=row.silent_after_minutes)
                known = self.heard.get(row.facility_id)
                if row.at is not None and (known is None or row.at > known):
                    self.heard[row.facility_id] = row.at
        self.read_at = monotonic()


pulse = Pulse()
