"""The figures of `benchmarks.load` as tables for docs/benchmarks.md."""

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks._clicks import REFUSED, Taken
from benchmarks._crowd import Result
from benchmarks._watch import Watch, slope

MOST_RATIO = 4.0
FLAT = 0.01  # of all memory, a minute
ENOUGH = 100  # requests of a kind before its slowest hundredth says anything
BY_ITSELF = "asked by pages"
MESSAGES = "message acknowledged"
MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """What a run gave. `costs` are processor seconds by part, `emptied` seconds until nothing waited at the end,
    `grown` bytes of the database."""

    result: Result
    watch: Watch
    probes: dict[str, float]
    costs: dict[str, float]
    emptied: float
    grown: int


def at(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies, in milliseconds."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * MILLISECONDS if ordered else 0.0


def lines(found: Found, people: int, rate: float) -> Iterator[str]:
    """The report."""
    result = found.result
    alone = [one for one in result.taken if result.alone_from <= one.at < result.alone_until]
    crowd = [one for one in result.taken if result.crowd_from <= one.at < result.crowd_until]
    yield f"### {people} people, {rate:g} messages a second, {result.crowd_until - result.crowd_from:.0f} s"
    yield ""
    yield from _kinds(alone, crowd)
    yield ""
    yield "| figure | target | measured |"
    yield "|---|--:|--:|"
    yield from _whole(result, alone, crowd)
    yield from _messages(found)
    yield from _live(found)
    yield from _memory(found)
    yield from _costs(found)
    if result.faults or result.refused:
        yield ""
        yield f"Faults: {dict(Counter(result.faults))}, refused messages: {dict(Counter(result.refused))}"


def _kinds(alone: list[Taken], crowd: list[Taken]) -> Iterator[str]:
    yield "| request | alone | p50 ms | p99 ms | crowd | p50 ms | p95 ms | p99 ms | slowest | p99, of alone | errors |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    counts = Counter(one.kind for one in crowd)
    for kind, count in counts.most_common():
        one = [each.seconds for each in alone if each.kind == kind]
        many = [each.seconds for each in crowd if each.kind == kind]
        wrong = sum(is_error(each) for each in crowd if each.kind == kind)
        ratio = f"{at(many, 0.99) / at(one, 0.99):.1f}" if min(len(one), len(many)) >= ENOUGH else "-"
        yield (
            f"| {kind} | {len(one)} | {at(one, 0.5):.0f} | {at(one, 0.99):.0f} | {count} | {at(many, 0.5):.0f}"
            f" | {at(many, 0.95):.0f} | {at(many, 0.99):.0f} | {max(many) * MILLISECONDS:.0f} | {ratio} | {wrong} |"
        )


def is_error(one: Taken) -> bool:
    """Anything but an answer of ours; two people who want the same stay are no error."""
    return one.status == 0 or (one.status >= 400 and one.status != REFUSED)


def clicked(taken: list[Taken]) -> list[Taken]:
    """What people waited for: not what pages ask by themselves, not messages."""
    return [one for one in taken if BY_ITSELF not in one.kind and one.kind != MESSAGES]


def _whole(result: Result, alone: list[Taken], crowd: list[Taken]) -> Iterator[str]:
    one, many = ([each.seconds for each in clicked(those)] for those in (alone, crowd))
    lasted = result.crowd_until - result.crowd_from
    # What people click differs a little from run to run: each kind counts as often as it came with everybody.
    weighed = mixed(clicked(alone), clicked(crowd))
    wrong = sum(is_error(each) for each in crowd)
    yield f"| errors, of {len(crowd):,} requests | 0 | {wrong} |"
    yield f"| clicks a second | - | {len(many) / lasted:.1f} |"
    yield f"| requests a second that open pages make by themselves | - | {(len(clicked_not(crowd))) / lasted:.0f} |"
    yield f"| p50 of a click, alone and in the crowd | - | {at(one, 0.5):.0f} ms, {at(many, 0.5):.0f} ms |"
    yield f"| p99 of a click, alone and in the crowd | - | {weighed * MILLISECONDS:.0f} ms, {at(many, 0.99):.0f} ms |"
    yield f"| p99 in the crowd, of p99 alone | {MOST_RATIO:g} | {at(many, 0.99) / (weighed * MILLISECONDS):.1f} |"


def clicked_not(taken: list[Taken]) -> list[Taken]:
    """What pages ask by themselves."""
    return [one for one in taken if BY_ITSELF in one.kind]


def mixed(alone: list[Taken], crowd: list[Taken]) -> float:
    """The slowest hundredth, in seconds, of one person who clicks the mixture of the crowd."""
    there = Counter(one.kind for one in crowd)
    here = Counter(one.kind for one in alone)
    weights = sorted((one.seconds, there[one.kind] / here[one.kind]) for one in alone)
    left = 0.01 * sum(weight for _, weight in weights)
    for seconds, weight in reversed(weights):
        left -= weight
        if left <= 0:
            return seconds
    return 0.0


def _messages(found: Found) -> Iterator[str]:
    result = found.result
    acknowledged = [one.seconds for one in result.taken if one.kind == MESSAGES and one.at >= result.crowd_from]
    waiting = [count for when, count in found.watch.waiting if result.crowd_from <= when < result.crowd_until]
    if acknowledged:
        lasted = result.crowd_until - result.crowd_from
        yield f"| messages a second, acknowledged after the commit | - | {len(acknowledged) / lasted:.1f} |"
        times = f"{at(acknowledged, 0.5):.0f} ms, {at(acknowledged, 0.99):.0f} ms"
        yield f"| a message's acknowledgement, p50 and p99 | - | {times} |"
    if waiting:
        middle = statistics.median(waiting)
        yield f"| messages that wait to be applied, median and most | - | {middle:.0f}, {max(waiting)} |"
    yield f"| nothing waits after the end | 60 s | {found.emptied:.1f} s |"


def _live(found: Found) -> Iterator[str]:
    lags = [
        instant - found.probes[one]
        for one, heard in found.result.heard.items()
        if one in found.probes
        for instant in heard
    ]
    last = [max(heard) - found.probes[one] for one, heard in found.result.heard.items() if one in found.probes]
    if lags:
        yield f"| a commit heard on open pages, p50 and p99 | - | {at(lags, 0.5):.0f} ms, {at(lags, 0.99):.0f} ms |"
        yield f"| on the last of them, p50 | - | {at(last, 0.5):.0f} ms |"
        yield f"| open pages that listened, on average | - | {len(lags) / len(last):.0f} |"
        yield f"| commits heard by none, of {len(found.probes)} | 0 | {len(found.probes) - len(last)} |"


def _memory(found: Found) -> Iterator[str]:
    began, until = found.result.crowd_from, found.result.crowd_until
    late = [one for one in found.watch.samples if began + (until - began) / 3 <= one.at < until]
    growth, middle = slope(late)
    if late:
        parts = ", ".join(f"{part} {late[-1].parts[part]:.0f}" for part in late[-1].parts)
        yield f"| memory of all processes, at most | - | {max(one.total for one in found.watch.samples):.0f} MiB |"
        yield f"| growth a minute over the last two thirds | {FLAT:.0%} | {growth:+.1f} MiB, {growth / middle:+.2%} |"
        yield f"| at the end | - | {parts} MiB |"
    yield f"| connections of the program, at most | 160 | {found.watch.connections} |"
    yield f"| the database grew by | - | {found.grown / 2**20:.0f} MiB |"


def _costs(found: Found) -> Iterator[str]:
    result = found.result
    lasted = result.crowd_until - result.crowd_from
    shares = ", ".join(f"{part} {seconds / lasted:.0%}" for part, seconds in found.costs.items())
    yield f"| share of one core | - | {shares} |"
    yield f"| the load generator itself | - | {result.cost / lasted:.0%} |"
    yield f"| its timers rang late, p99 | - | {at(result.late, 0.99):.0f} ms |"
