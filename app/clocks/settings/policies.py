"""Terms of a facility or of a payer's contract that stand in for a default, each from a day on.

A row is never rewritten: a new term ends what it takes the place of, and what was before its first day is written anew
with a last day. Law is not a setting: only rules whose mark says so can have a term.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec
from pydantic import BaseModel, Field, field_validator

from app import regulations
from app.clocks.events import PolicyEnded, PolicySet
from app.clocks.facts import Policy
from app.clocks.models import PolicyRule
from app.clocks.registry import RULES, SETTINGS, Rule
from app.clocks.settings.lines import payer_names
from app.kernel.deadlines import Allowance
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, Work

NO_RULE = "There is no such setting. Deadlines of law are on the page of deadlines; they cannot be set."
NO_TERM = "There is no such term in your facilities."
OLD_TERM = "This term was changed or ended meanwhile. Look at the page again."
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
MOST_DAYS = 60
_APART = re.compile(r"[\s,;]+")
_ONE_DAY = timedelta(days=1)


def settings() -> list[Rule]:
    """Rules that are defaults, in the order of the registry."""
    return [rule for rule in RULES.values() if regulations.history(rule.id)[-1].confidence in SETTINGS]


def setting(rule_id: str) -> Rule:
    """One of them; NotFound for law and for what does not exist."""
    found = next((rule for rule in settings() if rule.id == rule_id), None)
    if found is None:
        raise NotFound(NO_RULE)
    return found


class SetTerm(BaseModel):
    """A term: how long somebody has, or that it is not asked; from a day on, to a last day or without end.

    `closed_days` are days on which no business is done besides weekends and federal holidays, as text.
    """

    payer_code: str = Field(default="", max_length=80)
    asked: bool = True
    allowance: str = Field(default="", max_length=60)
    begins: date
    ends: date | None = None
    closed_days: str = Field(default="", max_length=1000)
    source: str = Field(default="", max_length=200)

    @field_validator("allowance")
    @classmethod
    def _readable(cls, text: str) -> str:
        return str(Allowance.parse(text)) if text else ""

    @field_validator("begins", "ends")
    @classmethod
    def _near(cls, day: date | None) -> date | None:
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError("Write a day between 2000 and 2100.")
        return day

    @field_validator("closed_days")
    @classmethod
    def _days(cls, text: str) -> str:
        return " ".join(day.isoformat() for day in _read_days(text))

    @property
    def closed(self) -> tuple[date, ...]:
        """The further closed days."""
        return tuple(_read_days(self.closed_days))


def _read_days(text: str) -> list[date]:
    found: set[date] = set()
    for word in filter(None, _APART.split(text)):
        try:
            found.add(date.fromisoformat(word))
        except ValueError:
            raise ValueError(f"{word!r} is no day. Write days like 2026-11-27, apart by commas.") from None
    if len(found) > MOST_DAYS:
        raise ValueError(f"These are more than {MOST_DAYS} days. Leave the earliest ones out.")
    return sorted(found)


class Term(msgspec.Struct):
    """A stored term with who made and who ended it."""

    id: uuid.UUID
    rule: str
    payer_code: str
    allowance: str
    asked: bool
    begins: date
    ends: date | None
    closed_days: list[date]
    source: str
    made_at: datetime
    by: str
    ended_at: datetime | None
    ended_by: str

    def policy(self) -> Policy:
        """As the rules read it."""
        return Policy(
            rule=self.rule, allowance=self.allowance, asked=self.asked, payer=self.payer_code, begins=self.begins,
            ends=self.ends, closed_days=tuple(self.closed_days), source=self.source,
        )  # fmt: skip


_TERMS = """
select t.id, t.rule, t.payer_code, t.allowance, t.asked, t.begins, t.ends, t.closed_days, t.source, t.made_at,
  coalesce(m.display_name, ''), t.ended_at, coalesce(x.display_name, '')
from policy_rule t left join app_user m on m.id = t.made_by left join app_user x on x.id = t.ended_by
where t.facility_id = %s and (%s = '' or t.rule = %s) and (t.ended_at is null or %s)
order by t.rule, t.payer_code, t.begins, t.made_at
"""


def terms(view: Reading, facility_id: int, rule_id: str = "", *, past: bool = False) -> list[Term]:
    """Terms of a facility, of all rules or one; with `past` also those that were ended."""
    return view.rows(Term, _TERMS, (facility_id, rule_id, rule_id, past))


def check(view: Reading, facility_id: int, rule_id: str, ask: SetTerm) -> None:
    """What of a term cannot be seen field by field. Refused with a sentence for the field."""
    rule = setting(rule_id)
    if ask.asked and not ask.allowance:
        raise Refused("Write how long somebody has, or choose that it is not asked.", field="allowance")
    if ask.asked and (wrong := _wrong_way(rule, Allowance.parse(ask.allowance))):
        raise Refused(wrong, field="allowance")
    if ask.ends is not None and ask.ends < ask.begins:
        raise Refused("The last day lies before the first one.", field="ends")
    if ask.payer_code and ask.payer_code not in payer_names(view, facility_id):
        raise Refused("The feed has named no such payer here. Choose one of the list.", field="payer_code")


def _wrong_way(rule: Rule, given: Allowance) -> str:
    """A sentence where an allowance runs the other way than that of the rule; empty where it does not."""
    backwards = regulations.history(rule.id)[-1].allowance.before
    if given.before and not backwards:
        return "This deadline runs forward from its start: leave the word before out."
    if backwards and not given.before and given.count > 0:
        return "This deadline runs back from its day. Write it like 1 business day before, or 17:00 same day."
    return ""


def draft(rule_id: str, ask: SetTerm) -> Policy:
    """The term as the rules would read it."""
    return Policy(rule=rule_id, allowance=ask.allowance if ask.asked else "", asked=ask.asked, payer=ask.payer_code,
                  begins=ask.begins, ends=ask.ends, closed_days=ask.closed, source=ask.source)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cut:
    """A standing term that a new one takes the place of: `until` is its last day now, None when nothing is left."""

    term: Term
    until: date | None


def cuts(standing: Sequence[Term], new: Policy) -> list[Cut]:
    """What a new term does to those that stand: from its first day on it is alone for its rule and payer."""
    touched = [
        one
        for one in standing
        if (one.rule, one.payer_code) == (new.rule, new.payer) and (one.ends is None or one.ends >= new.begins)
    ]
    return [Cut(one, new.begins - _ONE_DAY if one.begins < new.begins else None) for one in touched]


def with_draft(standing: Sequence[Term], new: Policy) -> list[Policy]:
    """All terms of a facility as they would stand."""
    cut = {one.term.id: one for one in cuts(standing, new)}
    found = [new]
    for one in standing:
        if one.id not in cut:
            found.append(one.policy())
        elif (until := cut[one.id].until) is not None:
            found.append(msgspec.structs.replace(one.policy(), ends=until))
    return found


def set_term(work: Work, facility_id: int, rule_id: str, ask: SetTerm) -> PolicyRule:
    """Let a term stand from its first day on."""
    check(work, facility_id, rule_id, ask)
    _lock(work, facility_id)
    new = draft(rule_id, ask)
    for cut in cuts(terms(work, facility_id, rule_id), new):
        _end(work, cut.term.id)
        if cut.until is not None:
            _write(work, facility_id, msgspec.structs.replace(cut.term.policy(), ends=cut.until))
    made = _write(work, facility_id, new)
    work.record(
        PolicySet(facility_id=facility_id, rule=rule_id, payer_code=new.payer, allowance=new.allowance,
                  asked=new.asked, begins=new.begins)
    )  # fmt: skip
    return made


def end_term(work: Work, term_id: uuid.UUID) -> PolicyRule:
    """Let a term not stand any more, for no stay: the default is back for its days."""
    held = _standing(work, term_id)
    _end(work, held.id)
    work.record(PolicyEnded(facility_id=held.facility_id, rule=held.rule, payer_code=held.payer_code))
    return held


def take_back_term(work: Work, term_id: uuid.UUID) -> PolicyRule:
    """Undo: end a term and set again what it took the place of when it was set."""
    held = _standing(work, term_id)
    known = [one for one in terms(work, held.facility_id, held.rule, past=True) if one.payer_code == held.payer_code]
    for one in known:
        if one.ended_at is None and one.made_at == held.made_at:
            _end(work, one.id)
    for one in known:
        if one.ended_at == held.made_at:
            _write(work, held.facility_id, one.policy())
    work.record(PolicyEnded(facility_id=held.facility_id, rule=held.rule, payer_code=held.payer_code))
    return held


def _lock(work: Work, facility_id: int) -> None:
    """Terms of a facility are set one after the other, so that no two stand for the same day."""
    work.connection.execute("select pg_advisory_xact_lock(hashtext('clocks.terms'), %s)", (facility_id,))


def _standing(work: Work, term_id: uuid.UUID) -> PolicyRule:
    held = work.get(PolicyRule, term_id, NO_TERM)
    _lock(work, held.facility_id)
    held = work.lock(PolicyRule, term_id, NO_TERM)
    if held.ended_at is not None:
        raise Refused(OLD_TERM)
    return held


def _end(work: Work, term_id: uuid.UUID) -> None:
    work.write("policy_rule", "update policy_rule set ended_at = %s, ended_by = %s where id = %s",
               (work.now, work.who.actor_id, term_id))  # fmt: skip


def _write(work: Work, facility_id: int, policy: Policy) -> PolicyRule:
    return work.add(
        PolicyRule(
            facility_id=facility_id, rule=policy.rule, payer_code=policy.payer, allowance=policy.allowance,
            asked=policy.asked, begins=policy.begins, ends=policy.ends, closed_days=list(policy.closed_days),
            source=policy.source, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
