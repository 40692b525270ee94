"""What a wallboard shows, worked out from the floor: plain values without a browser."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from vagtcentral.console.floor import Desk, Doing, LiveCall
from vagtcentral.console.pages.format import DENMARK
from vagtcentral.ivr.phase import Phase

#: What operators do, in the order in which a supervisor wants to see it.
ORDER = (
    Doing.RINGING,
    Doing.TALKING,
    Doing.HOLDING,
    Doing.WRAP_UP,
    Doing.READY,
    Doing.NOT_READY,
    Doing.AWAY,
)

#: What operators do that is said by a name alone.
IDLE = (Doing.READY, Doing.AWAY)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and how long the one who has waited longest has, in ms."""

    count: int
    longest_ms: int


@dataclass(frozen=True, slots=True)
class DistrictLoad:
    """The callers on the line in one district, by what they do, and the operators who are free there.

    `others` are in a menu or a survey, or will be called back. `code` None collects the callers who have not
    been located.
    """

    code: str | None
    name: str | None
    waiting: int
    talking: int
    others: int
    ready: int

    @property
    def live(self) -> int:
        """All callers."""
        return self.waiting + self.talking + self.others


def waiting_by_service(waiting: Iterable[LiveCall], now: int) -> dict[str, Waiting]:
    """Who waits for 112 and for 114; a caller handed over to 112 waits there."""
    since: dict[str, list[int]] = {"112": [], "114": []}
    for call in waiting:
        since["112" if call.emergency else "114"].append(call.record.waiting_since or now)
    return {
        service: Waiting(len(instants), max(0, now - min(instants, default=now)))
        for service, instants in since.items()
    }


def on_the_line(live: Iterable[LiveCall]) -> list[LiveCall]:
    """The calls whose caller is there; of the others only an operator is left, who has a row of his own."""
    return [call for call in live if call.phase is not Phase.GONE]


def load_by_district(
    live: Iterable[LiveCall], desks: Iterable[Desk], names: Mapping[str, str]
) -> list[DistrictLoad]:
    """Every district in the order of its code, and last, where there is any, what has no district.

    A call counts where its caller is. Operators without a district are free for all, and stand in no row.
    """
    there = on_the_line(live)
    waiting = Counter(call.record.district for call in there if call.waiting)
    talking = Counter(call.record.district for call in there if call.phase is Phase.TALKING)
    total = Counter(call.record.district for call in there)
    ready = Counter(desk.operator.district for desk in desks if desk.doing is Doing.READY)

    def load(code: str | None, name: str | None, free: int) -> DistrictLoad:
        others = total[code] - waiting[code] - talking[code]
        return DistrictLoad(code, name, waiting[code], talking[code], others, free)

    rows = [load(code, name, ready[code]) for code, name in sorted(names.items())]
    return [*rows, load(None, None, 0)] if total[None] else rows


def shades(loads: Iterable[DistrictLoad]) -> dict[str, float]:
    """The live calls of each district as a share of those of the busiest one."""
    known = {load.code: load.live for load in loads if load.code is not None}
    most = max(known.values(), default=0)
    return {code: live / most for code, live in known.items()} if most else {}


def in_order(desks: Iterable[Desk]) -> list[Desk]:
    """Operators by what they do, who has done it longest first."""
    return sorted(desks, key=lambda desk: (ORDER.index(desk.doing), desk.since, desk.operator.name))


def most_urgent(live: Iterable[LiveCall], most: int) -> list[LiveCall]:
    """So many of the live calls, who waits before who does not, the oldest of each; oldest first."""
    by_age = sorted(live, key=lambda call: call.record.arrived_at or 0)
    chosen = sorted(by_age, key=lambda call: (not call.waiting, not call.emergency))[:most]
    return [call for call in by_age if call in chosen]


def midnight(now: int) -> int:
    """The beginning of the Danish day in which an instant lies; both in ms UTC."""
    local = datetime.fromtimestamp(now / 1000, DENMARK)
    return round(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
