"""The crowd and the feed of `benchmarks.load`, in a process of their own: `python -m benchmarks._crowd PLAN RESULT`.

First one person after the other clicks alone, without a pause and without a feed; then everybody at once, each with
time to think. What the process itself costs, and how late its own clock ran, is told with the result: on a machine that
it shares with the server, part of the load is the load generator.
"""

import asyncio
import contextlib
import itertools
import sys
import time
from pathlib import Path

import msgspec
import psutil

from app.interop.framing import Deframer, frame
from benchmarks._clicks import Record, Taken, Visitor, here
from benchmarks._house import Person

RAMP_SECONDS = 10.0
TICK = 0.05
SHORTEST_THOUGHT = 0.5


class Plan(msgspec.Struct, frozen=True):
    """What is to be done.

    Attributes:
        alone: seconds in which one person clicks at a time.
        warm: seconds of everybody before measuring begins; `seconds` of what is measured.
        thought: seconds between a page and the next click, on average.
        rate: messages a second; 0 sends none.
        probes: ids that stand for a changed stay when the lag of live updates is measured.
    """

    port: int
    mllp_port: int
    people: list[Person]
    messages: str
    alone: float
    warm: float
    seconds: float
    thought: float
    rate: float
    probes: list[str]


class Result(msgspec.Struct, frozen=True):
    """What came of it. Instants are those of the machine's monotonic clock; `late` is how late timers of this process
    rang while everybody clicked, `cost` the processor seconds that it used in that time."""

    alone_from: float
    alone_until: float
    crowd_from: float
    crowd_until: float
    taken: list[Taken]
    faults: list[str]
    heard: dict[str, list[float]]
    events: int
    sent: int
    refused: list[str]
    late: list[float]
    cost: float


async def alone(visitors: list[Visitor], seconds: float) -> None:
    """One click after the other, whosever turn it is; nobody else has a page open."""
    end = time.monotonic() + seconds
    for number in itertools.count():
        visitor = visitors[number // 3 % len(visitors)]  # three clicks each, so that lists are followed by their rows
        if time.monotonic() >= end:
            return
        await visitor.click()
        visitor.leave()


async def wander(visitor: Visitor, thought: float, begin_at: float, end: float) -> None:
    """Clicks with time to think between them."""
    await asyncio.sleep(max(0.0, begin_at - time.monotonic()))
    while time.monotonic() < end:
        await visitor.click()
        pause = min(max(SHORTEST_THOUGHT, visitor.random.expovariate(1 / thought)), 4 * thought)
        await asyncio.sleep(min(pause, max(0.0, end - time.monotonic())))


async def feed(plan: Plan, record: Record, refused: list[str], end: float) -> int:
    """Send messages at the rate, each after the acknowledgement of the one before; how many were acknowledged."""
    messages = msgspec.msgpack.decode(Path(plan.messages).read_bytes(), type=list[bytes])
    reader, writer = await asyncio.open_connection("127.0.0.1", plan.mllp_port)
    deframer, began, sent = Deframer(), time.monotonic(), 0
    for number, message in enumerate(messages):
        await asyncio.sleep(max(0.0, began + number / plan.rate - time.monotonic()))
        if time.monotonic() >= end:
            break
        at = time.monotonic()
        writer.write(frame(message))
        found = list[object]()
        while not found:
            data = await reader.read(65536)
            if not data:
                raise ConnectionError("the listener closed the connection")
            found += deframer.feed(data)
        record.taken.append(Taken("message acknowledged", at, time.monotonic() - at, 200))
        sent += 1
        if b"\rMSA|AA|" not in bytes(found[0]):  # type: ignore[call-overload]
            refused.append(bytes(found[0]).decode("latin-1").partition("\rMSA|")[2][:2])  # type: ignore[call-overload]
    writer.close()
    return sent


async def ticks(late: list[float]) -> None:
    """How late a timer of this process rings."""
    while True:
        began = time.monotonic()
        await asyncio.sleep(TICK)
        late.append(time.monotonic() - began - TICK)


async def play(plan: Plan) -> Result:
    """All of it."""
    record, refused, late = Record(), list[str](), list[float]()
    record.probes = set(plan.probes)
    visitors = [Visitor(one, plan.port, record, seed) for seed, one in enumerate(plan.people)]
    with here(visitors):
        await alone(visitors, plan.alone / 6)  # first answers of a fresh server are nobody's figure
        alone_from = time.monotonic()
        await alone(visitors, plan.alone)
        alone_until = time.monotonic()
        say("crowd")
        crowd_from = alone_until + plan.warm
        end = crowd_from + plan.seconds
        own = psutil.Process()
        steps = max(1, len(visitors))
        tasks = [
            asyncio.create_task(wander(one, plan.thought, alone_until + RAMP_SECONDS * place / steps, end))
            for place, one in enumerate(visitors)
        ]
        ticking = asyncio.create_task(ticks(late))
        sending = asyncio.create_task(feed(plan, record, refused, end)) if plan.rate else None
        await asyncio.sleep(crowd_from - time.monotonic())
        say("measured")
        late.clear()
        cost = sum(own.cpu_times()[:2])
        await asyncio.gather(*tasks)
        cost = sum(own.cpu_times()[:2]) - cost
        say("over")
        sent = await sending if sending else 0
        ticking.cancel()
    return Result(alone_from, alone_until, crowd_from, end, record.taken, record.faults, record.heard, record.events,
                  sent, refused, late, cost)  # fmt: skip


def say(what: str) -> None:
    """Tell whoever started this process how far it is."""
    print(what, flush=True)


def main() -> None:
    """Read the plan, do it, write the result."""
    plan = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan)
    with contextlib.suppress(KeyboardInterrupt):
        result = asyncio.run(play(plan))
        Path(sys.argv[2]).write_bytes(msgspec.json.encode(result))


if __name__ == "__main__":
    main()
