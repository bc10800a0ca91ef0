"""Every background job, every schedule and every standing duty: one line of body each."""

from app.advisor.ladder.rising import rise_due
from app.census.commands import remember_waiting
from app.census.drg.commands import refresh_on_a_new_day
from app.clocks.upkeep import sweeping
from app.interop import inbox
from app.interop.census_file.storing import settle as settle_census_files
from app.interop.census_file.taking.uploading import forget_old_uploads
from app.interop.payer_files import sending as payer_sending
from app.interop.payer_files import taking as payer_taking
from app.platform import seal
from app.platform.queue import Duties, Schedule, Standing
from app.worklists.assignment.cover.takeover import RETURN_JOB
from app.worklists.assignment.daily import return_stays
from app.worklists.days import commands as days
from app.worklists.snoozes.commands import return_due

DUTIES = Duties(
    jobs={
        "drg.refresh": refresh_on_a_new_day,
        "census_file.settle": settle_census_files,
        "census_file.forget": forget_old_uploads,
        payer_sending.WRITE: payer_sending.write_file,
        payer_taking.READ: payer_taking.read_waiting,
        payer_taking.SETTLE: payer_taking.settle_item,
        days.JOB: days.build_due,
        RETURN_JOB: return_stays,
        sweeping.SWEEP: sweeping.plan_sweep,
        sweeping.SWEEP_BATCH: sweeping.sweep_batch,
    },
    schedules=(
        Schedule("drg.refresh", "15 5,10 * * *"),  # after midnight in every time zone of the country
        Schedule(sweeping.SWEEP, "7 * * * *"),
        Schedule("census_file.forget", "37 * * * *"),
    ),
    standing=(
        Standing("census.remember", remember_waiting, seconds=60.0),
        Standing("audit.seal", seal.seal_what_is_final, seconds=1.0),
        Standing("clocks.rules", sweeping.follow_rules, seconds=600.0),
        Standing("days.due", days.ask_for_builds, seconds=15.0),
        Standing("escalations.rise", rise_due, seconds=2.0),
        Standing("payer_files.take", payer_taking.take_from_folders, seconds=15.0),
        Standing("snoozes.return", return_due, seconds=1.0),
        Standing("interop.drain", inbox.apply_waiting, channel="daybook_inbox", seconds=1.0),
    ),
)
