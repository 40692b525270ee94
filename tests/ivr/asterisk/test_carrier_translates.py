"""The carrier on a switch that only writes down what it is asked."""

from pathlib import Path
from typing import Any

import pytest

from tests.ivr.asterisk.fake_ari import channel, event, recording
from tests.ivr.asterisk.test_settle import snapshot
from vagtcentral.ivr.asterisk import recording_ends
from vagtcentral.ivr.asterisk.ari_commands import AriCommands
from vagtcentral.ivr.asterisk.ari_decode import decode
from vagtcentral.ivr.asterisk.ari_errors import AriError, NotFound, Rejected
from vagtcentral.ivr.asterisk.ari_repeat import Look, Repeat
from vagtcentral.ivr.asterisk.ari_resync import Resynchronised
from vagtcentral.ivr.asterisk.carrier import AsteriskCarrier, AsteriskPlan
from vagtcentral.ivr.asterisk.line import AsteriskLine
from vagtcentral.ivr.clock import WallClock
from vagtcentral.ivr.commands import Answer, CarrierCommand, Hold, Play
from vagtcentral.ivr.events import (
    CallArrived,
    CallerHungUp,
    CarrierGap,
    Event,
    LocationForm,
    LocationReceived,
    OperatorHungUp,
    RecordingStored,
    Resumed,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.menus.model import Spoken

HELLO = Play(2, (Spoken("hello", "da", "Goddag"),))


class Notepad(AriCommands):
    """Does nothing, and `refuses` what is asked of these paths."""

    def __init__(self, refuses: dict[str, AriError] | None = None) -> None:
        self.app = "vagtcentral"
        self.asked: list[str] = []
        self._refuses = refuses or {}

    async def request(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        repeat: Repeat | Look | None = None,
    ) -> Any:
        self.asked.append(f"{method} {path}")
        if path in self._refuses:
            raise self._refuses[path]
        return {"value": ""}


class Room:
    """A carrier with its surroundings."""

    def __init__(self, switch: Notepad, recordings: str = "") -> None:
        self.reported: list[Event] = []
        self.arrivals: list[tuple[str, str | None, str]] = []
        plan = AsteriskPlan(media=lambda spoken: f"sound:{spoken.name}", recordings=recordings)
        self.carrier = AsteriskCarrier(
            plan,
            WallClock(),
            lambda _, event: self.reported.append(event),
            lambda *seen: self.arrivals.append(seen),
        )
        self.carrier.attach(switch)


async def after_a_conversation(
    command: CarrierCommand, switch: Notepad, recorded: Path | None = None
) -> Room:
    """The operator of call `c` has hung up, and this comes next."""
    room = Room(switch, "" if recorded is None else str(recorded.parent))
    room.carrier.lines["c"] = AsteriskLine(
        "c", "c", bridge="c~bridge~~1", recording=recorded and recorded.stem
    )
    await room.carrier.perform("c", OperatorHungUp(0, "anna"), (command,))
    return room


@pytest.mark.parametrize(
    ("command", "next_request"), [(HELLO, "POST channels/c/play/c~play~~2"), (Hold(), "POST channels/c/moh")]
)
async def test_a_caller_is_out_of_the_conversation_before_he_hears_what_comes_next(
    command: CarrierCommand, next_request: str
) -> None:
    switch = Notepad()
    await after_a_conversation(command, switch)
    assert switch.asked == [
        "POST bridges/c~bridge~~1/removeChannel",
        "DELETE bridges/c~bridge~~1",
        next_request,
    ]


@pytest.mark.parametrize("kind", [NotFound, Rejected])
async def test_a_caller_who_is_out_already_hears_what_comes_next(kind: type[AriError]) -> None:
    out = "bridges/c~bridge~~1/removeChannel"
    switch = Notepad({out: kind(422, "POST", out, "not in this bridge")})
    room = await after_a_conversation(HELLO, switch)
    assert switch.asked[-1] == "POST channels/c/play/c~play~~2"
    assert room.reported == []


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a recording of half a second, and a switch that is soon taken to be silent about it."""
    monkeypatch.setattr(recording_ends, "RECORDED_S", 0.05)
    path = tmp_path / "c-1.wav"
    path.write_bytes(bytes(44 + 8_000))
    return path


async def test_a_recording_whose_end_is_not_told_is_found(recorded: Path) -> None:
    room = await after_a_conversation(HELLO, Notepad(), recorded)
    assert room.reported == []
    await room.carrier.close()
    (stored,) = room.reported
    assert isinstance(stored, RecordingStored)
    assert (stored.name, stored.path, stored.seconds) == ("1", str(recorded), 0.5)


async def test_a_recording_whose_end_is_told_late_is_told_once(recorded: Path) -> None:
    room = await after_a_conversation(HELLO, Notepad(), recorded)
    room.carrier.on_event(decode(event("RecordingFinished", recording=recording("c-1", state="done"))))
    await room.carrier.close()
    assert [type(each) for each in room.reported] == [RecordingStored]


async def test_a_recording_whose_end_is_told_while_the_bridge_ends_is_told_once(recorded: Path) -> None:
    """The operator's end may be told meanwhile, too, so that nothing of the call is left."""

    class Quick(Notepad):
        async def request(self, method: str, path: str, *given: Any, **named: Any) -> Any:
            if method == "DELETE" and path.startswith("bridges/"):
                del room.carrier.lines["c"]
                told = event("RecordingFinished", recording=recording("c-1", state="done"))
                room.carrier.on_event(decode(told))
            return await super().request(method, path, *given, **named)

    room = Room(Quick(), str(recorded.parent))
    room.carrier.lines["c"] = AsteriskLine("c", None, bridge="c~bridge~~1", recording="c-1")
    await room.carrier.perform("c", CallerHungUp(0), ())
    await room.carrier.close()
    assert [type(each) for each in room.reported] == [RecordingStored]


async def test_who_is_answered_already_is_asked_again_at_once() -> None:
    """Asterisk answers only when the prompt that it plays is over: 20 s, and nobody waits so long."""
    switch = Notepad()
    room = Room(switch)
    line = AsteriskLine("c", "c", playing="c~play~~1", stale=["c~play~~0"], up=True)
    room.carrier.lines["c"] = line
    await room.carrier.perform("c", Resumed(0), (Answer(), HELLO))
    assert switch.asked == [
        "DELETE playbacks/c~play~~0",
        "DELETE playbacks/c~play~~1",
        "POST channels/c/play/c~play~~2",
    ]


@pytest.mark.parametrize(
    ("shown", "caller"),
    [
        ("+4510114008", "+4510114008"),
        ("10114008", "10114008"),
        ("anonymous", None),
        ("unavailable", None),
        ("", None),
    ],
)
async def test_a_caller_who_shows_a_word_or_nothing_has_no_number(shown: str, caller: str | None) -> None:
    room = Room(Notepad())
    room.carrier.on_event(decode(event("StasisStart", channel=channel("c", number=shown), args=["114"])))
    await room.carrier.close()
    assert room.arrivals == [("c", caller, "114")]


ARRIVED = CallArrived(1, "112", "+4510114008", "112", "", "")
LOCATED = LocationReceived(2, LocationForm.GEOLOC, 'shape="Circle",crs="2d",pos="55 12",radius="30"')
LOOKED_UP = "GET channels/c1/variable"


@pytest.mark.parametrize(("events", "looks"), [([ARRIVED], True), ([ARRIVED, LOCATED], False)])
async def test_a_position_that_came_with_a_call_is_read_by_the_next_start_if_not_before(
    events: list[Event], looks: bool
) -> None:
    """The program may end between the arrival of a call and its look at the signalling."""
    switch = Notepad()
    room = Room(switch)
    room.carrier.restore([Turn("c1", seq, event, ()) for seq, event in enumerate(events, start=1)])
    room.carrier.asked()
    await room.carrier.settle(Resynchronised(None, 5, snapshot("c1")), never_over)
    await room.carrier.close()
    assert (LOOKED_UP in switch.asked) is looks


async def never_over(call_id: str) -> bool:
    return False


async def test_a_gap_is_told_to_every_call_that_is_on_the_line() -> None:
    room = Room(Notepad())
    room.carrier.lines["c1"] = AsteriskLine("c1", "c1", there={"c1"})
    room.carrier.asked()
    await room.carrier.settle(Resynchronised(1_000, 6_000, snapshot("c1")), never_over)
    await room.carrier.close()
    assert [event.lost_ms for event in room.reported if isinstance(event, CarrierGap)] == [5_000]
