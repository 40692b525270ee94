"""Calls that meet every kind of request, and the faults that a switch can meet each with."""

import os
from dataclasses import dataclass
from typing import Any

from tests.ivr.asterisk.control_room import TIMING, ControlRoom, control_room
from tests.ivr.asterisk.lively_switch import KINDS, KindFault, People, lively_switch
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.commands import Outcome

#: How many times as many examples to draw as usual.
SEARCH = int(os.environ.get("VAGTCENTRAL_SEARCH", "1"))

CALL = "1763841234.7"
NUMBER = "+4520123456"
ALWAYS = 10_000
GEOLOC = 'shape="Circle",crs="2d",pos="55.6761 12.5683",radius="30"'

#: What the switch does to a request. Its words hold the caller's number, which must not reach the log.
FAULTS: dict[str, dict[str, Any]] = {
    "401": {"status": 401, "body": '{"error": "Authentication required"}'},
    "404": {"status": 404, "body": '{"message": "Channel not found"}'},
    "409": {"status": 409, "body": '{"message": "Channel not in Stasis application"}'},
    "500": {"status": 500, "body": f'{{"message": "Allocation failed for PJSIP/{NUMBER}@network"}}'},
    "503": {"status": 503, "body": "<h1>Service Unavailable</h1>"},
    "cut": {"status": 0},
    "never answered": {"status": 204, "delay_s": 4 * TIMING.request_s},
    "done and cut": {"status": 0, "carry_out_first": True},
    "done and late": {"status": 204, "delay_s": 4 * TIMING.request_s, "carry_out_first": True},
    "garbage JSON": {"status": 200, "body": '{"id": "12', "carry_out_first": True},
    "not JSON": {"status": 200, "body": "<html>welcome</html>", "carry_out_first": True},
    "other JSON": {"status": 200, "body": '[{"value": 7}]', "carry_out_first": True},
    "empty": {"status": 200, "body": "", "carry_out_first": True},
}
NOT_DONE = ("401", "404", "409", "500", "503", "cut", "never answered")


@dataclass(frozen=True)
class Scene:
    """A call that makes all requests of `kinds`, and how it ends on a switch that is well."""

    dialled: str
    people: People
    outcome: Outcome
    kinds: tuple[str, ...]


SURVEY = {"waiting-time": "3", "right-person": "4", "clarified": "2"}
SCENES = {
    "service number": Scene(
        "114",
        People(keys={"main": "1", "report": "1", "where-it-happened": "8000", **SURVEY}),
        Outcome.ANSWERED,
        tuple(kind for kind in KINDS if kind not in ("call_back", "drop_operator")),
    ),
    "emergency": Scene(
        "112",
        People(ends="caller"),
        Outcome.ANSWERED,
        ("location", "answer", "play", "music", "ring", "join", "record", "drop_operator"),
    ),
    "call-back": Scene(
        "114", People(keys={"main": "8"}), Outcome.CALLED_BACK, ("call_back", "hang_up", "join")
    ),
}


async def play_out(
    scene: Scene, people: People, *faults: KindFault, back_s: float = 60.0
) -> tuple[ControlRoom, CallRecord]:
    """Let the scene happen on a switch with these faults, which is well again when the record is closed."""
    async with lively_switch(people, geoloc=GEOLOC if scene.dialled == "112" else "") as switch:
        switch.faults += faults
        async with control_room(switch, back_s) as room:
            switch.place(CALL, scene.dialled, NUMBER)
            record = await room.ends(CALL)
            switch.faults.clear()
            await room.all_is_tidy(CALL)
    return room, record


def fault_of(kind: str, name: str, times: int = ALWAYS, skip: int = 0) -> KindFault:
    made = KindFault("", kind, times=times, skip=skip, **FAULTS[name])
    if name == "404" and kind in ("hang_up", "drop_operator", "destroy"):
        made.carry_out_first = True  # it is true: what is to end is gone
    return made
