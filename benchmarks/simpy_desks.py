"""The operators and the queue of the SimPy model: `vagtcentral.ivr.dispatch`'s rules, written again.

Kept by skill and in order, not searched in a `FilterStore`, as somebody who wants speed would write it.
"""

from bisect import insort
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from heapq import merge
from typing import cast

import simpy

from vagtcentral.ivr.dispatch import Operator

#: The greatest distance of an operator, by how far a call reaches: 0 is ideal, 1 a neighbouring district.
HOME, NEIGHBOURS, ANYONE = 0, 1, 5


class Ticket:
    """One call in the queue, in order of `place`; `offer` succeeds with the operator who is to take it."""

    __slots__ = ("district", "language", "offer", "place", "reach", "skill")

    def __init__(
        self,
        offer: simpy.Event,
        place: tuple[int, int, int],
        skill: str,
        language: str,
        district: str | None,
    ) -> None:
        self.offer = offer
        self.place = place
        self.skill = skill
        self.language = language
        self.district = district
        self.reach = HOME


class Desks:
    """The idle operators and the waiting calls, matched as soon as they fit."""

    def __init__(self, staff: Sequence[Operator], neighbours: Mapping[str, tuple[str, ...]]) -> None:
        self._idle: dict[str, OrderedDict[str, Operator]] = {}  # by skill, longest idle first
        self._queues: dict[str, list[tuple[tuple[int, int, int], Ticket]]] = {}  # by skill, in order of place
        self._neighbours = {district: frozenset(others) for district, others in neighbours.items()}
        for operator in staff:
            self.free(operator)

    def join(self, ticket: Ticket) -> None:
        """A call begins to wait."""
        insort(self._queues.setdefault(ticket.skill, []), (ticket.place, ticket))
        self._seek(ticket)

    def leave(self, ticket: Ticket) -> None:
        """The caller hangs up; an operator who was to take the call is free again."""
        if ticket.offer.triggered:
            self.free(cast(Operator, ticket.offer.value), in_vain=True)
        else:
            self._queues[ticket.skill].remove((ticket.place, ticket))

    def moved(self, ticket: Ticket, district: str | None) -> None:
        """The call turns out to be in another district."""
        ticket.district = district
        self._seek(ticket)

    def widen(self, ticket: Ticket, reach: int) -> None:
        """The call has waited long enough to reach further."""
        ticket.reach = reach
        self._seek(ticket)

    def free(self, operator: Operator, in_vain: bool = False) -> None:
        """An operator takes the first waiting call that he fits, or is idle: `in_vain` the longest idle."""
        queues = [queue for skill in operator.skills if (queue := self._queues.get(skill))]
        for _, ticket in merge(*queues) if len(queues) > 1 else queues[0] if queues else ():
            if self._distance(ticket, operator) <= ticket.reach:
                self._give(ticket, operator)
                return
        for skill in operator.skills:
            idle = self._idle.setdefault(skill, OrderedDict())
            idle[operator.name] = operator
            if in_vain:
                idle.move_to_end(operator.name, last=False)

    def _seek(self, ticket: Ticket) -> None:
        """Give a waiting call the nearest idle operator within its reach, the longest idle among equals."""
        if ticket.offer.triggered:
            return
        found, nearest = None, ticket.reach + 1
        for operator in self._idle.get(ticket.skill, {}).values():
            distance = self._distance(ticket, operator)
            if distance < nearest:
                found, nearest = operator, distance
                if distance == 0:
                    break
        if found is not None:
            for skill in found.skills:
                del self._idle[skill][found.name]
            self._give(ticket, found)

    def _give(self, ticket: Ticket, operator: Operator) -> None:
        self._queues[ticket.skill].remove((ticket.place, ticket))
        ticket.offer.succeed(operator)

    def _distance(self, ticket: Ticket, operator: Operator) -> int:
        language = 0 if ticket.language in operator.languages else 3
        wanted, own = ticket.district, operator.district
        if wanted is None or own is None or wanted == own:
            return language
        return language + (1 if own in self._neighbours[wanted] else 2)
