"""Finding calls: by number, time, place, people, outcome and what was registered; newest first."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select

from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.rows import record_of
from vagtcentral.evaluation.store import Store
from vagtcentral.evaluation.tables import calls
from vagtcentral.ivr.matching import number_key

#: Calls are counted up to here; of more, nobody reads a list.
COUNTED = 10_000
#: The most calls of one page.
LONGEST_PAGE = 500

#: Letters that no database folds by itself, beside those of ASCII.
_LETTERS = "ÆØÅÄÖÜÉ"
#: The names in the JSON of a registration: what is sought is what somebody has written, not these.
REGISTRATION_NAMES = ("code", "fields", "text", "address", "person")


@dataclass(frozen=True, slots=True)
class CallQuery:
    """What is sought; None means any. All that is given must fit.

    `number` is a whole telephone number however it is written, or a part of one; `call_id` is an id or a part
    of one. `district` is the DAGI code of where the caller is. `operator` talked with the caller, as the last
    or before a transfer. `since` and `until` (exclusive) are instants of arrival in ms UTC. `text` stands in
    the registration or the note, in capitals or not.
    """

    number: str | None = field(default=None, repr=False)
    call_id: str | None = None
    service: str | None = None
    district: str | None = None
    outcome: str | None = None
    is_open: bool | None = None
    operator: str | None = None
    since: int | None = None
    until: int | None = None
    wrongly_routed: bool | None = None
    transferred: bool | None = None
    text: str | None = field(default=None, repr=False)

    @property
    def sought(self) -> list[str]:
        """The names of what is given, not what it is."""
        return [part.name for part in fields(self) if getattr(self, part.name) is not None]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the calls that fit, newest first; `more` says that they are more than `total`."""

    calls: tuple[CallRecord, ...]
    total: int
    more: bool


async def search_calls(store: Store, query: CallQuery, *, limit: int = 50, offset: int = 0) -> Found:
    """The calls that fit, `limit` of them (at most `LONGEST_PAGE`) after the first `offset`.

    `StoreError` where the store cannot be read.
    """
    fits = list(_conditions(query))
    newest = select(calls).where(*fits).order_by(calls.c.arrived_at.desc(), calls.c.call_id.desc())
    page = newest.limit(min(max(limit, 1), LONGEST_PAGE)).offset(max(offset, 0))
    some = select(calls.c.call_id).where(*fits).limit(COUNTED + 1).subquery()
    found = await store.rows(page)
    counted: int = (await store.rows(select(func.count().label("calls")).select_from(some)))[0]["calls"]
    return Found(tuple(map(record_of, found)), min(counted, COUNTED), counted > COUNTED)


async def calls_of(store: Store, caller: str | None, limit: int = 10) -> list[CallRecord]:
    """The newest calls of a number, newest first, a live one among them; none for a hidden number."""
    if caller is None:
        return []
    newest = select(calls).where(calls.c.caller == caller)
    newest = newest.order_by(calls.c.arrived_at.desc(), calls.c.call_id.desc())
    return [record_of(row) for row in await store.rows(newest.limit(limit))]


def _conditions(query: CallQuery) -> Iterator[ColumnElement[bool]]:
    column = calls.c
    if query.number is not None:
        yield _number(query.number)
    if query.call_id is not None:
        yield column.call_id.contains(query.call_id, autoescape=True)
    for name in ("service", "district", "outcome"):
        if (wanted := getattr(query, name)) is not None:
            yield column[name] == wanted
    if query.is_open is not None:
        yield column.ended_at.is_(None) if query.is_open else column.ended_at.is_not(None)
    if query.operator is not None:
        yield column.operators.contains(json.dumps(query.operator, ensure_ascii=False), autoescape=True)
    if query.since is not None:
        yield column.arrived_at >= query.since
    if query.until is not None:
        yield column.arrived_at < query.until
    if query.wrongly_routed is not None:
        yield column.wrongly_routed == query.wrongly_routed
    if query.transferred is not None:
        yield column.transfers > 0 if query.transferred else column.transfers == 0
    if query.text is not None:
        yield or_(_holds(_written(), query.text, as_json=True), _holds(column.note, query.text))


def _number(text: str) -> ColumnElement[bool]:
    """A whole number is looked up, which the index makes quick; of a part every number is read."""
    digits = "".join(character for character in text if character.isascii() and character.isdigit())
    whole = number_key(text)
    if whole is not None and whole.startswith("+"):
        return calls.c.caller.in_((whole, digits))
    return calls.c.caller.contains(digits) if digits else false()


def _written() -> ColumnElement[str]:
    """The registration without the names of its parts, which are quoted: no text has a bare quote in it."""
    text: ColumnElement[str] = calls.c.registration
    for name in REGISTRATION_NAMES:
        text = func.replace(text, f'"{name}":', "")
    return text


def _holds(column: ColumnElement[Any], text: str, *, as_json: bool = False) -> ColumnElement[bool]:
    folded = func.lower(column)
    for letter in _LETTERS:
        folded = func.replace(folded, letter, letter.lower())
    sought = json.dumps(text, ensure_ascii=False)[1:-1] if as_json else text
    return folded.contains(sought.lower(), autoescape=True)
