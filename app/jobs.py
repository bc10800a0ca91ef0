"""Every background job, every schedule and every standing duty: one line of body each."""

from app.accounts.identity import upkeep as identity
from app.accounts.watching.unusual import looking as unusual_looking
from app.advisor.ladder.rising import rise_due
from app.avoidable_days.drafts import storing as avoidable_drafts
from app.census.commands import remember_waiting
from app.census.drg.commands import refresh_on_a_new_day
from app.clocks.upkeep import sweeping
from app.discharge.illness.upkeep import look_again as look_at_risks
from app.discharge.referrals.mail import sending as referral_mail
from app.discharge.referrals.widening import duty as referral_duty
from app.interop import inbox
from app.interop.census_file.storing import settle as settle_census_files
from app.interop.census_file.taking.uploading import forget_old_uploads
from app.interop.payer_files import sending as payer_sending
from app.interop.payer_files import taking as payer_taking
from app.metrics.reports.mailing import posting as report_mail
from app.metrics.reports.mailing import sending as report_sending
from app.metrics.store import mark as measures_mark
from app.metrics.store import refresh as measures
from app.metrics.store.touching import MIDNIGHT, RECOMPUTE, touch_at_midnight
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
        referral_mail.JOB: referral_mail.send_waiting,
        days.JOB: days.build_due,
        RETURN_JOB: return_stays,
        sweeping.SWEEP: sweeping.plan_sweep,
        sweeping.SWEEP_BATCH: sweeping.sweep_batch,
        avoidable_drafts.SWEEP: avoidable_drafts.plan_sweep,
        avoidable_drafts.SWEEP_BATCH: avoidable_drafts.sweep_batch,
        RECOMPUTE: measures.recompute_job,
        report_mail.JOB: report_sending.send_waiting,
        report_sending.DUE: report_sending.post_due,
        MIDNIGHT: touch_at_midnight,
        unusual_looking.JOB: unusual_looking.watch_trail,
        unusual_looking.SPAN_JOB: unusual_looking.watch_span,
    },
    schedules=(
        Schedule("drg.refresh", "15 5,10 * * *"),  # after midnight in every time zone of the country
        Schedule(sweeping.SWEEP, "7 * * * *"),
        Schedule(avoidable_drafts.SWEEP, "13 * * * *"),
        Schedule("census_file.forget", "37 * * * *"),
        Schedule(MIDNIGHT, "3 * * * *"),
        Schedule(report_sending.DUE, "*/10 * * * *"),
        Schedule(RECOMPUTE, "40 9 * * *"),  # at night in every time zone of the country
        Schedule(unusual_looking.JOB, "20 11 * * *"),  # the day before has ended in every time zone of the country
    ),
    standing=(
        Standing("census.remember", remember_waiting, seconds=60.0),
        Standing("identity.ask", identity.ask_provider, seconds=30.0),
        Standing("audit.seal", seal.seal_what_is_final, seconds=1.0),
        Standing("clocks.rules", sweeping.follow_rules, seconds=600.0),
        Standing("risks.look", look_at_risks, seconds=60.0),
        Standing("days.due", days.ask_for_builds, seconds=15.0),
        Standing("escalations.rise", rise_due, seconds=2.0),
        Standing("measures.touched", measures.bring_up_to_date, seconds=15.0),
        Standing("measures.definitions", measures_mark.follow_definitions, seconds=600.0),
        Standing("referrals.go_on", referral_duty.go_on, seconds=15.0),
        Standing("payer_files.take", payer_taking.take_from_folders, seconds=15.0),
        Standing("snoozes.return", return_due, seconds=1.0),
        Standing("interop.drain", inbox.apply_waiting, channel="daybook_inbox", seconds=1.0),
    ),
)
