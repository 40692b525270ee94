"""What the matcher of location messages is to know again after a restart."""

import logging
from collections.abc import Iterator, Mapping, Sequence

from vagtcentral.evaluation.codec import JournalError
from vagtcentral.evaluation.messages import LocationMessage, MessageStore
from vagtcentral.evaluation.store import Arrival, Store
from vagtcentral.ivr.events import LocationReceived
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.matching import LocationMatcher

log = logging.getLogger(__name__)

#: A message that came this much before the newest one is in the journal of its call, if that is over.
CERTAIN_MS = 60_000

Given = tuple[str, LocationReceived]


async def refill(
    matcher: LocationMatcher,
    store: Store,
    messages: MessageStore,
    live: Mapping[str, Sequence[Turn]],
    now: int,
) -> list[Given]:
    """Tell the matcher the calls and messages of late once more, in their order.

    `live` are the journals of the calls that are open. Returns by call what its journal does not have and
    should, because the program ended in between. Raises `StoreError`.
    """
    since = now - matcher.memory_ms
    late = await messages.since(since)
    given = list(_told_again(matcher, await store.arrivals(since), late))
    uncertain = max((message.at for message in late), default=0) - CERTAIN_MS
    doubtful: dict[str, list[LocationReceived]] = {}
    for call_id, event in given:
        if call_id in live or event.at >= uncertain:
            doubtful.setdefault(call_id, []).append(event)
    missed: list[Given] = []
    for call_id, events in doubtful.items():
        missed += await _missed(store, call_id, events, live.get(call_id))
    return missed


def _told_again(
    matcher: LocationMatcher, arrivals: Sequence[Arrival], messages: Sequence[LocationMessage]
) -> Iterator[Given]:
    """Which call got which message; of a call and a message of the same instant the call came first."""
    history: list[Arrival | LocationMessage] = [*arrivals, *(one for one in messages if one.usable)]
    history.sort(key=lambda one: (one.at, isinstance(one, LocationMessage)))
    for one in history:
        if isinstance(one, Arrival):
            early = matcher.call_arrived(one.call_id, one.caller, one.at)
            yield from ((one.call_id, event) for event in early)
            if not one.is_open:
                matcher.call_closed(one.call_id)
        else:
            call_id = matcher.message(one.number, one.event, one.at)
            if call_id is not None:
                yield call_id, one.event


async def _missed(
    store: Store, call_id: str, events: Sequence[LocationReceived], turns: Sequence[Turn] | None
) -> list[Given]:
    if turns is None:
        try:
            turns = await store.read_turns(call_id)
        except JournalError as error:
            log.error("location messages cannot be looked for in a journal: %s", error)
            return []
    told = [turn.event for turn in turns]
    known = {(event.form, event.content) for event in told if isinstance(event, LocationReceived)}
    return [(call_id, event) for event in events if (event.form, event.content) not in known]
