"""What is said of a call, folded from its journal: one `CallRecord` is one row of the table `calls`.

Everything here follows from events and commands alone, so that a record can be derived again at any time. The
fold believes commands before events: an event that the call machine answered with no commands was a duplicate
or came too late, and neither ends a conversation nor counts as a transfer.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from vagtcentral.ivr import commands as cmd
from vagtcentral.ivr import events as ev
from vagtcentral.ivr.journal import Turn
from vagtcentral.location.fusion import Part
from vagtcentral.location.located import DistrictChance, GeoData, Located, Municipality

#: The anomaly of a call whose journal has a location message that came after its record was closed.
LATE_LOCATION = "location-after-close"


@dataclass(slots=True)
class CallRecord:
    """The state of one call's record after the turns applied so far; instants in ms UTC, durations in s.

    `keys` holds what the caller pressed before the first operator was connected, `keys_connected` what he
    pressed while talking; survey keys are in `answers` only. `waited_s` runs from entering a queue to being
    connected or leaving it, summed over transfers; for a kept call-back it runs on until the operator is
    connected. `operator` is the last one connected. `unnecessary_transfers` counts transfers to the very
    skill that the destination named as its `onward`. `left_at` is when the caller's leg was last gone,
    `ended_at` when the record was closed, after the operator's wrap-up. While a call waits or talks,
    `waiting_since` or `talking_since` says since when, and the sum does not hold that time yet. `talked_s` is
    without the time that an operator let the caller wait. `transfer_reasons` has one for each transfer.
    `registration` is that of `operator` once he has registered; the journal has those of the others.

    `data` names the geometry in force, and under `cells` and `rescue_numbers` the tables. `radius_95_m` is
    what the position counted for when it was located, with its age in it; `evidence` says it in a sentence
    for each position.
    """

    call_id: str
    service: str | None = None
    caller: str | None = None
    menu: str | None = None
    menu_sha256: str | None = None
    atlas_sha256: str | None = None
    data: dict[str, Any] | None = None
    language: str | None = None
    node: str | None = None
    arrived_at: int | None = None
    answered_at: int | None = None
    left_at: int | None = None
    ended_at: int | None = None
    waiting_since: int | None = None
    talking_since: int | None = None
    keys: str = ""
    keys_connected: str = ""
    position: dict[str, Any] | None = None
    position_source: str | None = None
    radius_95_m: float | None = None
    radius_model: str | None = None
    location_age_s: float | None = None
    evidence: tuple[str, ...] = ()
    municipality: str | None = None
    municipality_name: str | None = None
    municipality_probability: float | None = None
    municipality_distance_m: float | None = None
    district: str | None = None
    district_name: str | None = None
    district_probability: float | None = None
    district_distance_m: float | None = None
    districts: tuple[dict[str, Any], ...] = ()
    location_action: str | None = None
    location_reason: str | None = None
    destination: str | None = None
    destination_node: str | None = None
    destination_district: str | None = None
    onward: str | None = None
    destinations: tuple[str, ...] = ()
    operator: str | None = None
    operators: tuple[str, ...] = ()
    waited_s: float = 0.0
    talked_s: float = 0.0
    outcome: str | None = None
    transfers: int = 0
    unnecessary_transfers: int = 0
    anomalies: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    recordings: tuple[dict[str, Any], ...] = ()
    answers: dict[str, str] = field(default_factory=dict)
    note: str | None = None
    registration: dict[str, Any] | None = None
    wrongly_routed: bool = False
    transfer_reasons: tuple[str, ...] = ()
    last_seq: int = 0

    @classmethod
    def fold(cls, call_id: str, turns: Iterable[Turn]) -> "CallRecord":
        """The record of a call after all these turns."""
        record = cls(call_id)
        for turn in turns:
            record.apply(turn)
        return record

    def apply(self, turn: Turn) -> None:
        """Take in the next turn of this call. Lists and objects are replaced, never changed in place."""
        self.last_seq = turn.seq
        if self.ended_at is not None:
            self._take_late(turn.event)
            return
        self._take_event(turn.event, turn.commands)
        for command in turn.commands:
            self._take_command(command, turn.event.at)

    def until(self, now: int) -> "CallRecord":
        """The record with the wait or the conversation that still goes on counted up to `now` (ms UTC)."""
        counted = copy(self)
        counted._end_wait(now)
        counted._end_talk(now)
        return counted

    def _take_late(self, event: ev.Event) -> None:
        """After the close only the operator's notes, a recording and a location still say something.

        The record only says that there is one: what decided about the call is not mixed with what came later.
        """
        if isinstance(event, ev.WrapUpFinished | ev.RecordingStored | ev.Registered | ev.WronglyRouted):
            self._take_event(event, ())
        elif isinstance(event, ev.LocationReceived) and LATE_LOCATION not in self.anomalies:
            self.anomalies = (*self.anomalies, LATE_LOCATION)

    def _take_event(self, event: ev.Event, commands: tuple[cmd.Command, ...]) -> None:
        match event:
            case ev.CallArrived():
                self._arrive(event)
            case ev.DigitPressed(digit=digits) | ev.DigitsCollected(digits=digits):
                self._press(digits)
            case ev.CallerHungUp(at=at, cause=cause):
                if event.lost and commands:
                    self._fail("caller", cause)
                self._leave(at, talk_too=bool(commands))
            case ev.CallerAnswered() if commands:
                self.left_at = None
            case ev.OperatorHungUp(at=at, operator=operator) if commands and operator == self.operator:
                self._end_talk(at)
            case ev.TransferRequested(skill=skill, reason=reason):
                self._transfer(skill, reason, commands)
            case ev.CallerRetrieved(at=at) if commands:
                self.talking_since = at  # with the same operator: nobody new is connected
            case ev.Registered():
                self._register(event)
            case ev.WronglyRouted(wrongly=wrongly):
                self.wrongly_routed = wrongly
            case ev.WrapUpFinished(note=note):
                self._add_note(note)
            case ev.RecordingStored(name=name, path=path, seconds=seconds):
                recording = {"name": name, "path": path, "seconds": seconds}
                self.recordings = (*self.recordings, recording)
            case ev.CommandFailed(command=command, reason=reason):
                self._fail(command, reason)

    def _take_command(self, command: cmd.Command, at: int) -> None:
        match command:
            case cmd.Enqueue():
                self._end_talk(at)
                self.waiting_since = at if self.waiting_since is None else self.waiting_since
                self.destination_district = command.district
            case cmd.SetTimer(timer=ev.Timer.BETTER_FIX):  # kept back from the queue, he waits all the same
                self.waiting_since = at if self.waiting_since is None else self.waiting_since
            case cmd.LeaveQueue():
                self._end_wait(at)
            case cmd.Connect(operator=operator):
                self._connect(operator, at)
            case cmd.DropOperator(operator=operator) | cmd.ReleaseOperator(operator=operator):
                if operator == self.operator:
                    self._end_talk(at)
            case cmd.Play() | cmd.Gather() | cmd.Hold() | cmd.CallBack():
                self._end_talk(at)  # the caller hears something else than the operator now
            case cmd.HangUp():
                self._leave(at)
            case cmd.ShowNode(node=node, language=language):
                self.node, self.language = node, language
            case cmd.ShowLocation():
                self._locate(command)
            case cmd.ShowDestination():
                self._send_to(command)
            case cmd.ShowAnswer(name=name, value=value):
                self.answers = {**self.answers, name: value}
            case cmd.CloseRecord(outcome=outcome):
                self._end_wait(at)
                self._leave(at)
                self.ended_at, self.outcome = at, outcome.value

    def _arrive(self, event: ev.CallArrived) -> None:
        if self.arrived_at is not None:
            return
        self.arrived_at, self.service, self.caller = event.at, event.service, event.caller
        self.menu, self.menu_sha256, self.atlas_sha256 = event.menu, event.menu_sha256, event.atlas_sha256
        if event.atlas is not None:
            tables = {"cells": event.cells, "rescue_numbers": event.rescue_numbers}
            named = {name: _data_json(table) for name, table in tables.items() if table is not None}
            self.data = _data_json(event.atlas) | named

    def _press(self, digits: str) -> None:
        if self.answered_at is None:
            self.keys += digits
        elif self.talking_since is not None:
            self.keys_connected += digits

    def _leave(self, at: int, *, talk_too: bool = True) -> None:
        if talk_too:
            self._end_talk(at)
        self.left_at = at if self.left_at is None else self.left_at

    def _transfer(self, skill: str, reason: str | None, commands: tuple[cmd.Command, ...]) -> None:
        """Count a transfer that the machine carried out; `onward` still is that of the place it leaves."""
        if any(isinstance(command, cmd.Enqueue | cmd.ShowDestination) for command in commands):
            self.transfers += 1
            self.transfer_reasons = (*self.transfer_reasons, reason or "")
            self.unnecessary_transfers += skill == self.onward

    def _connect(self, operator: str, at: int) -> None:
        if self.talking_since is not None and operator == self.operator:
            return  # said again after a restart: they are connected already
        self._end_wait(at)
        self._end_talk(at)
        self.talking_since = at
        self.answered_at = at if self.answered_at is None else self.answered_at
        self.operator = operator
        self.operators = (*self.operators, operator)

    def _fail(self, command: str, reason: str) -> None:
        """Note what the carrier could not do; a connection that failed was none, and answered nothing."""
        self.failures = (*self.failures, f"{command}: {reason}")
        if command == "connect" and self.talking_since is not None:
            self.talking_since = None
            self.operators = self.operators[:-1]
            self.operator = self.operators[-1] if self.operators else None
            self.answered_at = self.answered_at if self.operators else None

    def _end_wait(self, at: int) -> None:
        if self.waiting_since is not None:
            self.waited_s = _longer(self.waited_s, at - self.waiting_since)
            self.waiting_since = None

    def _end_talk(self, at: int) -> None:
        if self.talking_since is not None:
            self.talked_s = _longer(self.talked_s, at - self.talking_since)
            self.talking_since = None

    def _locate(self, shown: cmd.ShowLocation) -> None:
        """Keep the newest location, and every anomaly that any location of this call had."""
        decision = shown.decision
        if shown.located is not None:
            self._place(shown.located, decision.district)
            self._weigh(shown, shown.located)
        self.location_action, self.location_reason = decision.action.value, decision.reason
        fresh = tuple(anomaly for anomaly in shown.anomalies if anomaly not in self.anomalies)
        self.anomalies += fresh

    def _weigh(self, shown: cmd.ShowLocation, located: Located) -> None:
        """Keep what the position counted for; journals from before that was said leave it empty."""
        if not shown.radius_model:
            return
        known = shown.radius_95_m, shown.radius_model, shown.age_s
        self.radius_95_m, self.radius_model, self.location_age_s = known
        only = str(Part(located.position, *known, 1.0, "the only position"))
        self.evidence = shown.evidence or (only,)

    def _place(self, located: Located, decided: str | None) -> None:
        position = located.position
        self.position, self.position_source = position.as_json(), position.source.value
        self.districts = tuple(_chance_json(chance) for chance in located.districts)
        self._locate_municipality(located.municipality)
        self._locate_district(_decided(located, decided))

    def _locate_municipality(self, there: Municipality | None) -> None:
        self.municipality = there.code if there else None
        self.municipality_name = there.name if there else None
        self.municipality_probability = there.probability if there else None
        self.municipality_distance_m = there.distance_m if there else None

    def _locate_district(self, chance: DistrictChance | None) -> None:
        self.district = chance.code if chance else None
        self.district_name = chance.name if chance else None
        self.district_probability = chance.probability if chance else None
        self.district_distance_m = chance.distance_m if chance else None

    def _send_to(self, shown: cmd.ShowDestination) -> None:
        """Note the destination; a call that is handed over to 112 says so before the skill: `112/…`."""
        handed_over = shown.service == "112" and self.service != "112"
        self.destination = f"112/{shown.skill}" if handed_over else shown.skill
        self.destination_node, self.destination_district = shown.node, shown.district
        self.onward = shown.onward
        self.destinations = (*self.destinations, self.destination)

    def _register(self, said: ev.Registered) -> None:
        """Keep it, unless who had the caller before a transfer says it late: what stands there stays."""
        if self.registration is None or said.operator == self.operator:
            self.registration = {"code": said.code, "fields": dict(said.fields), "text": said.text}

    def _add_note(self, note: str | None) -> None:
        """Several operators' notes stand below each other; a repeated one is the same note again."""
        lines = self.note.split("\n") if self.note else []
        if note and note not in lines:
            self.note = "\n".join([*lines, note])

    def as_demo_json(self) -> dict[str, Any]:
        """The record with the field names that `demo --json` promises; waits and talks rounded to 0.1 s."""
        return {
            "call_id": self.call_id,
            "service": self.service,
            "caller": self.caller,
            "language": self.language,
            "keys": self.keys,
            "keys_connected": self.keys_connected,
            "position": self.position,
            "radius_95_m": self.radius_95_m,
            "radius_model": self.radius_model,
            "age_s": self.location_age_s,
            "evidence": list(self.evidence),
            "municipality": self._place_json("municipality"),
            "district": self._place_json("district"),
            "anomalies": list(self.anomalies),
            "destination": self.destination,
            "operator": self.operator,
            "operators": list(self.operators),
            "waited_s": round(self.waited_s, 1),
            "talked_s": round(self.talked_s, 1),
            "outcome": self.outcome,
            "transfers": self.transfers,
            "unnecessary_transfers": self.unnecessary_transfers,
            "failures": list(self.failures),
            "recordings": list(self.recordings),
            "answers": self.answers,
            "note": self.note,
            "registration": self.registration,
            "wrongly_routed": self.wrongly_routed,
            "transfer_reasons": list(self.transfer_reasons),
            "data": self.data,
        }

    def _place_json(self, place: str) -> dict[str, Any] | None:
        code = getattr(self, place)
        if code is None:
            return None
        parts = ("name", "probability", "distance_m")
        return {"code": code} | {part: getattr(self, f"{place}_{part}") for part in parts}


def _longer(seconds: float, ms: int) -> float:
    """The sum, exact to the millisecond; a clock that went backwards adds nothing."""
    return round(seconds + max(ms, 0) / 1000, 3)


def _decided(located: Located, code: str | None) -> DistrictChance | None:
    """The district decided for, or the most probable one where none was."""
    return next((chance for chance in located.districts if chance.code == code), located.district)


def _data_json(data: GeoData) -> dict[str, Any]:
    return {"name": data.name, "official": data.official, "date": data.date, "sha256": data.sha256}


def _chance_json(chance: DistrictChance) -> dict[str, Any]:
    return {
        "code": chance.code,
        "name": chance.name,
        "probability": chance.probability,
        "distance_m": chance.distance_m,
    }
