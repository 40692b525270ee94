"""How many calls were answered in time: the figure of a day that a wallboard shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select

from vagtcentral.evaluation.store import Store
from vagtcentral.evaluation.tables import calls
from vagtcentral.evaluation.target import Target


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
