"""When this is recorded, do that: one table. Each runs in the transaction of its event, and never swallows an error."""

from app.accounts.glass import GlassBroken
from app.advisor import source as advisor
from app.advisor.events import AttendingLinkMade, AttendingLinkRevoked, DecisionStruckOut, PeerToPeerHeld
from app.advisor.reacting import (
    escalate_review,
    open_card_for_denial,
    withdraw_for_amended,
    withdraw_for_denial,
    withdraw_for_review,
)
from app.census.events import (
    DischargeCancelled,
    EncounterCancelled,
    EncounterDischarged,
    EncountersUnited,
    EncounterUpdated,
    EncounterWithdrawn,
)
from app.census.stay.marks import StayProtected, StayUnprotected
from app.clocks import gather
from app.clocks.commands import leave_alone, show
from app.clocks.events import PayerLineSet, PolicyEnded, PolicySet
from app.clocks.upkeep.following import refresh_named
from app.clocks.upkeep.sweeping import sweep_after
from app.interop.census_file.absence import no_longer_absent
from app.interop.payer_files import queries as payer_files
from app.interop.payer_files.events import PayerAnswerSettled, PayerAnswerTaken, PayerFileMade
from app.kernel.events import Event
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
    AnswerChanged: [forget_answer, record_from_answer],
    AuthorizationDecided: [record_from_answer],
    AuthorizationStruckOut: [forget_answer],
    DayBuilt: [sweep_after],
    DischargeCancelled: [follow_departure],
    DecisionStruckOut: [forget_talk],
    DenialClosed: [withdraw_for_denial],
    DenialRecorded: [open_card_for_denial],
    DenialStruckOut: [withdraw_for_denial],
    EncounterCancelled: [no_longer_absent],
    EncounterDischarged: [follow_departure, no_longer_absent],
    EncountersUnited: [follow_united_stay, follow_united_authorizations, no_longer_absent],
    EncounterUpdated: [keep_access, no_longer_absent],
    EncounterWithdrawn: [no_longer_absent],
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
}
LAST_STEPS: tuple[LastStep, ...] = (bring_back_changed, refresh_named)

# What features have recorded that starts or stops a clock, and the rules whose closing record can be made here.
FACT_SOURCES: tuple[gather.FactSource, ...] = (
    notices.facts,
    reviews.facts,
    advisor.facts,
    payers.facts,
    denials.facts,
    status.facts,
    payer_files.facts,
)
SHOWN_RULES: frozenset[str] = (
    notices.RULES | reviews.RULES | advisor.RULES | payers.RULES | denials.RULES | status.RULES
)
# Events that name a stay and change no fact of any clock. What is not named here has its stay computed anew.
CHANGE_NO_CLOCK: tuple[type[Event], ...] = (
    AppealPacketMade, AttendingLinkMade, AttendingLinkRevoked,
    GlassBroken, NoteAmended, NotePinned, NoteStruckOut, NoteWritten, NoticeScanAttached, PayerAnswerSettled,
    PayerAnswerTaken, PayerFileMade, ReviewDraftDiscarded, ReviewDraftSaved, StayAssigned,
    StayGivenBack,
    CareTeamNamed, DeterminationOpened, OpinionGiven, PractitionerConsulted, StatusChangeBegun,
    StayProtected, StayReturned, StaySnoozed, StayUnprotected,
)  # fmt: skip
gather.install(FACT_SOURCES)
show(SHOWN_RULES)
leave_alone(CHANGE_NO_CLOCK)
