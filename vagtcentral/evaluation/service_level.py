"""How many calls were answered in time: the figure of a day that a wallboard shows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select

from vagtcentral.evaluation.store import Store
from vagtcentral.evaluation.tables import calls

_TARGET = re.compile(r"([0-9]{1,3})/([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Target:
    """At least `share` (0 to 1) of the calls are to be answered within `seconds` of waiting."""

    share: float
    seconds: int


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """Calls that were answered in time, and those that were not: answered later, or waiting or gone later."""

    in_time: int
    late: int

    @property
    def share(self) -> float | None:
        """The part of all these calls that was answered in time, None of none."""
        total = self.in_time + self.late
        return self.in_time / total if total else None


def target_of(text: str) -> Target:
    """A target as written in settings: `90/10` is 90 % within 10 s; `ValueError` for anything else."""
    found = _TARGET.fullmatch(text.strip())
    if found is None or not 1 <= int(found[1]) <= 100 or int(found[2]) < 1:
        raise ValueError(f"{text!r} is no target such as 90/10, 90 % within 10 s")
    return Target(int(found[1]) / 100, int(found[2]))


async def service_levels(
    store: Store, since: int, now: int, targets: Mapping[str, Target]
) -> dict[str, ServiceLevel]:
    """The service level, by service, of the calls that arrived at the instant `since` (ms UTC) or later.

    What counts is the time in the queue, all waits of a call together; who gave up before the target's time
    was over counts neither way, as is usual in call centres.
    """
    column = calls.c
    levels = {}
    for service, target in targets.items():
        answered = column.answered_at.is_not(None)
        in_time = and_(answered, column.waited_s <= target.seconds)
        still = and_(column.answered_at.is_(None), column.waiting_since < now - 1000 * target.seconds)
        late = or_(column.waited_s > target.seconds, still)
        sums = select(
            func.coalesce(func.sum(case((in_time, 1), else_=0)), 0).label("in_time"),
            func.coalesce(func.sum(case((late, 1), else_=0)), 0).label("late"),
        ).where(column.arrived_at >= since, column.service == service)
        (row,) = await store.rows(sums)
        levels[service] = ServiceLevel(int(row["in_time"]), int(row["late"]))
    return levels
