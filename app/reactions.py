"""When this is recorded, do that: one table. Each runs in the transaction of its event, and never swallows an error."""

from app.accounts.glass import GlassBroken, GlassClosed, GlassHeld
from app.advisor import source as advisor
from app.advisor.events import AttendingLinkMade, AttendingLinkRevoked, DecisionStruckOut, PeerToPeerHeld
from app.advisor.reacting import (
    escalate_review,
    open_card_for_denial,
    withdraw_for_amended,
    withdraw_for_denial,
    withdraw_for_review,
)
from app.avoidable_days.drafts.storing import follow_named as follow_drafts
from app.avoidable_days.events import (
    AvoidableDayAmended,
    AvoidableDayRecorded,
    AvoidableDayStruckOut,
    DelayRecorded,
    DelayStruckOut,
    DraftConfirmed,
    DraftRejected,
    RejectionTakenBack,
)
from app.census.drg.commands import DrgTableImported
from app.census.events import (
    DischargeCancelled,
    EncounterAdmitted,
    EncounterCancelled,
    EncounterDischarged,
    EncountersUnited,
    EncounterUpdated,
    EncounterWithdrawn,
)
from app.census.facilities import FacilityChanged, UnitDescribed
from app.census.stay.marks import StayProtected, StayUnprotected
from app.clocks import gather
from app.clocks.commands import leave_alone, show
from app.clocks.events import PayerLineSet, PolicyEnded, PolicySet
from app.clocks.upkeep.following import refresh_named
from app.clocks.upkeep.sweeping import sweep_after
from app.discharge.after import source as after_discharge
from app.discharge.after.events import CallDraftDropped, CallDraftKept, ReadmissionJudged
from app.discharge.assessment import source as assessments
from app.discharge.assessment.events import AssessmentDraftDiscarded, AssessmentDraftKept
from app.discharge.booking import source as bookings
from app.discharge.booking.events import BookingCancelled, PurchaseStruckOut, ServicePurchased, VendorBooked
from app.discharge.booking.reacting import doubt_after_cancelled_discharge, doubt_after_withdrawal
from app.discharge.choice import source as choices
from app.discharge.choice.events import ChoiceLinkMade, ChoiceLinksEnded, ChoiceMarked
from app.discharge.departure.events import (
    DepartureItemSaid,
    DepartureItemTakenBack,
    HandoffPacketMade,
    HandoffPacketMoved,
)
from app.discharge.illness import source as illness
from app.discharge.illness.events import AdvanceCareRecorded, MeetingHeld, MeetingStruckOut
from app.discharge.illness.reacting import feed_plan, take_back_from_plan
from app.discharge.instruments.events import RiskAnswered, RiskAnswerStruckOut, RiskComputed
from app.discharge.plan import source as plans
from app.discharge.plan.events import PlanItemChanged
from app.discharge.ready import source as readiness
from app.discharge.referrals import source as referrals
from app.discharge.referrals.events import (
    AcceptanceWithdrawn,
    ConsentEnded,
    ConsentRecorded,
    PacketSent,
    ReferralLinkMade,
    ReferralLinksEnded,
    ReferralMailed,
    ReferralOpened,
    ReferralProposed,
)
from app.discharge.referrals.following.reacting import (
    close_at_departure,
    close_cancelled_stay,
    close_siblings,
    open_after_cancelled_booking,
    raise_barrier_after_withdrawal,
    reopen_after_cancelled_discharge,
)
from app.discharge.rounds import source as rounds
from app.discharge.rounds.events import ConferenceNoted
from app.discharge.teaching.events import TeachingAmended, TeachingRecorded, TeachingStruckOut
from app.interop.census_file.absence import no_longer_absent
from app.interop.payer_files import queries as payer_files
from app.interop.payer_files.events import PayerAnswerSettled, PayerAnswerTaken, PayerFileMade
from app.kernel.events import Event
from app.ltac.course import source as long_term_course
from app.ltac.course.events import TherapyCharted, WeaningCharted, WeaningTakenBack
from app.ltac.days import source as payment_days
from app.ltac.screening import commands as long_term_referrals
from app.ltac.screening.converting import convert_on_admission, release_on_cancel
from app.ltac.screening.events import LongTermReferralConverted, LongTermReferralUnlinked
from app.metrics.store.touching import recompute_after, touch_named
from app.metrics.value_sets.events import CodePlaced, CodeReleased, ValueSetsImported
from app.notices import source as notices
from app.notices.events import NoticeScanAttached
from app.payers import source as payers
from app.payers.authorizations.standings import follow_card, follow_departure
from app.payers.authorizations.standings import follow_united_stay as follow_united_authorizations
from app.payers.denials import source as denials
from app.payers.denials.events import AppealPacketMade, DenialClosed, DenialRecorded, DenialStruckOut
from app.payers.denials.reacting import forget_answer, forget_talk, record_from_answer, take_talk
from app.payers.events import AnswerChanged, AuthorizationDecided, AuthorizationStruckOut, PayerCardEnded, PayerCardSet
from app.platform.work import LastStep, Reaction
from app.reviews import source as reviews
from app.reviews.events import (
    ReviewAmended,
    ReviewDraftDiscarded,
    ReviewDraftSaved,
    ReviewReferred,
    ReviewStruckOut,
)
from app.status import source as status
from app.status.events import (
    CareTeamNamed,
    DeterminationOpened,
    OpinionGiven,
    PractitionerConsulted,
    StatusChangeBegun,
)
from app.worklists.assignment.commands import keep_access
from app.worklists.assignment.united import follow_united_stay
from app.worklists.days.events import DayBuilt
from app.worklists.events import NoteAmended, NotePinned, NoteStruckOut, NoteWritten, StayAssigned, StayGivenBack
from app.worklists.snoozes.commands import bring_back_changed
from app.worklists.snoozes.events import StayReturned, StaySnoozed

REACTIONS: dict[type[Event], list[Reaction]] = {
    AcceptanceWithdrawn: [doubt_after_withdrawal, raise_barrier_after_withdrawal],
    AnswerChanged: [forget_answer, record_from_answer],
    AuthorizationDecided: [record_from_answer],
    AuthorizationStruckOut: [forget_answer],
    BookingCancelled: [open_after_cancelled_booking],
    CodePlaced: [recompute_after],
    CodeReleased: [recompute_after],
    DayBuilt: [sweep_after],
    DischargeCancelled: [follow_departure, reopen_after_cancelled_discharge, doubt_after_cancelled_discharge],
    DecisionStruckOut: [forget_talk],
    DenialClosed: [withdraw_for_denial],
    DenialRecorded: [open_card_for_denial],
    DenialStruckOut: [withdraw_for_denial],
    DrgTableImported: [recompute_after],
    EncounterAdmitted: [convert_on_admission],
    EncounterCancelled: [no_longer_absent, close_cancelled_stay, release_on_cancel],
    EncounterDischarged: [follow_departure, no_longer_absent, close_at_departure],
    EncountersUnited: [follow_united_stay, follow_united_authorizations, no_longer_absent],
    EncounterUpdated: [keep_access, no_longer_absent],
    EncounterWithdrawn: [no_longer_absent, close_cancelled_stay, release_on_cancel],
    FacilityChanged: [recompute_after],
    MeetingHeld: [feed_plan],
    MeetingStruckOut: [take_back_from_plan],
    PayerCardEnded: [follow_card],
    PayerCardSet: [follow_card],
    PayerLineSet: [sweep_after],
    PeerToPeerHeld: [take_talk],
    PolicyEnded: [sweep_after],
    PolicySet: [sweep_after],
    ReviewAmended: [withdraw_for_amended],
    ReviewReferred: [escalate_review],
    ReviewStruckOut: [withdraw_for_review],
    StayProtected: [keep_access],
    UnitDescribed: [recompute_after],
    ValueSetsImported: [recompute_after],
    VendorBooked: [close_siblings],
}
LAST_STEPS: tuple[LastStep, ...] = (bring_back_changed, refresh_named, follow_drafts, touch_named)

# What features have recorded that starts or stops a clock, and the rules whose closing record can be made here.
FACT_SOURCES: tuple[gather.FactSource, ...] = (
    notices.facts,
    reviews.facts,
    advisor.facts,
    payers.facts,
    denials.facts,
    status.facts,
    payer_files.facts,
    rounds.facts,
    referrals.facts,
    choices.facts,
    readiness.facts,
    plans.facts,
    assessments.facts,
    illness.facts,
    bookings.facts,
    after_discharge.facts,
    long_term_course.facts,
    payment_days.facts,
)
SHOWN_RULES: frozenset[str] = (
    notices.RULES
    | reviews.RULES
    | advisor.RULES
    | payers.RULES
    | denials.RULES
    | status.RULES
    | referrals.RULES
    | rounds.RULES
    | plans.RULES
    | bookings.RULES
    | assessments.RULES
    | illness.RULES
    | after_discharge.RULES
    | long_term_course.RULES
    | payment_days.RULES
    | long_term_referrals.RULES
)
# Events that name a stay and change no fact of any clock. What is not named here has its stay computed anew.
CHANGE_NO_CLOCK: tuple[type[Event], ...] = (
    ChoiceLinkMade, ChoiceLinksEnded, ChoiceMarked,
    AppealPacketMade, AttendingLinkMade, AttendingLinkRevoked,
    GlassBroken, GlassClosed, GlassHeld, NoteAmended, NotePinned, NoteStruckOut, NoteWritten, NoticeScanAttached,
    PayerAnswerSettled, PayerAnswerTaken, PayerFileMade, ReviewDraftDiscarded, ReviewDraftSaved, StayAssigned,
    StayGivenBack,
    CareTeamNamed, DeterminationOpened, OpinionGiven, PractitionerConsulted, StatusChangeBegun,
    StayProtected, StayReturned, StaySnoozed, StayUnprotected,
    ConsentEnded, ConsentRecorded, PacketSent, ReferralLinkMade, ReferralLinksEnded, ReferralMailed, ReferralOpened,
    ReferralProposed,
    AvoidableDayAmended, AvoidableDayRecorded, AvoidableDayStruckOut, DelayRecorded, DelayStruckOut, DraftConfirmed,
    DraftRejected, RejectionTakenBack,
    PlanItemChanged,
    AdvanceCareRecorded, AssessmentDraftDiscarded, AssessmentDraftKept, RiskAnswered, RiskAnswerStruckOut, RiskComputed,
    ConferenceNoted, DepartureItemSaid, DepartureItemTakenBack, HandoffPacketMade, HandoffPacketMoved, TeachingAmended,
    TeachingRecorded, TeachingStruckOut,
    PurchaseStruckOut, ServicePurchased,
    CallDraftDropped, CallDraftKept, ReadmissionJudged,
    LongTermReferralConverted, LongTermReferralUnlinked,
    TherapyCharted, WeaningCharted, WeaningTakenBack,
)  # fmt: skip
gather.install(FACT_SOURCES)
show(SHOWN_RULES)
leave_alone(CHANGE_NO_CLOCK)
