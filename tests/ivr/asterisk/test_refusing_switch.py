"""A switch that refuses, fails, falls silent or talks nonsense: every call ends properly all the same.

Each kind of request that the carrier makes is met with each fault, as long as the call lives, and with random
ones; from the arrival of the call to its closed record everything is ours, and the switch is at the other end
of real connections. `docs/ari.md` has the table of what a caller experiences.
"""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ivr.asterisk.conftest import Said
from tests.ivr.asterisk.control_room import OPERATORS, POLICY, TIMING, ControlRoom
from tests.ivr.asterisk.lively_switch import KINDS, KindFault
from tests.ivr.asterisk.scenes import CALL, FAULTS, NOT_DONE, SCENES, SEARCH, Scene, fault_of, play_out
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.commands import Outcome, StopPlay
from vagtcentral.ivr.events import OperatorOffered


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
async def test_on_a_switch_that_is_well_the_scenes_meet_every_kind_of_request(
    scene: Scene, said: Said
) -> None:
    room, record = await play_out(scene, scene.people)
    assert record.outcome == scene.outcome, room.story(CALL)
    assert not record.failures
    assert set(scene.kinds) <= set(room.requests())
    assert said.of_the_call() == []


# --- one kind of request that always fails --------------------------------------------------------

GOES_ON = "as if nothing had happened"

#: What always happens to a call when a kind of request is never carried out: its outcome, and under which
#: name the record has the failure (none where the caller does not notice).
NEVER_CARRIED_OUT: dict[str, tuple[Outcome | str, str | None]] = {
    "location": (GOES_ON, None),
    "answer": (Outcome.FAILED, "answer"),
    "play": (GOES_ON, "play"),
    "stop_play": (GOES_ON, "stop_play"),
    "music": (GOES_ON, "hold"),
    "stop_music": (GOES_ON, None),
    "ring": (Outcome.ABANDONED_IN_QUEUE, "ring_operator"),
    "call_back": (Outcome.CALL_BACK_FAILED, "call_back"),
    "bridge": (Outcome.ABANDONED_IN_QUEUE, "connect"),
    "subscribe": (GOES_ON, None),
    "join": (Outcome.ABANDONED_IN_QUEUE, "connect"),
    "leave": (GOES_ON, None),
    "record": (GOES_ON, "record"),
    "destroy": (GOES_ON, None),
    "drop_operator": (GOES_ON, None),
    "hang_up": (GOES_ON, None),
}

#: A 404 to these says that the caller has hung up.
CALLER_GONE = {
    "answer": Outcome.ABANDONED_IN_MENU,
    "play": Outcome.ABANDONED_IN_MENU,
    "music": Outcome.ABANDONED_IN_QUEUE,
}

#: Refusals that say that what was to stop is over already.
OVER = {
    *((kind, fault) for kind in ("stop_play", "stop_music", "leave") for fault in ("404", "409")),
    *((kind, "404") for kind in ("hang_up", "drop_operator", "destroy")),
}


def expected(scene: Scene, kind: str, fault: str) -> tuple[Outcome, str | None]:
    """The outcome, and the name of the failure that the record must have."""
    if fault == "404" and kind in CALLER_GONE:
        return CALLER_GONE[kind], None
    unanswered = kind == "answer" and fault in ("done and cut", "done and late")
    if (kind, fault) in OVER or not (fault in NOT_DONE or unanswered):
        return scene.outcome, None
    outcome, failure = NEVER_CARRIED_OUT[kind]
    return scene.outcome if outcome == GOES_ON else Outcome(outcome), failure


CASES = [
    pytest.param(scene, kind, fault, id=f"{name}-{kind}-{fault}")
    for name, scene in SCENES.items()
    for kind in scene.kinds
    for fault in FAULTS
]


@pytest.mark.parametrize(("scene", "kind", "fault"), CASES)
async def test_a_call_ends_properly_when_a_kind_of_request_always_fails(
    scene: Scene, kind: str, fault: str, said: Said
) -> None:
    outcome, failure = expected(scene, kind, fault)
    gives_up = outcome is Outcome.ABANDONED_IN_QUEUE
    people = replace(
        scene.people,
        gives_up_s=0.5 if gives_up else 20.0,
        answer_s=0.15 if gives_up else scene.people.answer_s,  # not in the moment in which he gives up
        talk_s=6 * TIMING.request_s if fault == "done and late" else scene.people.talk_s,
    )
    room, record = await play_out(scene, people, fault_of(kind, fault))
    assert record.outcome == outcome, room.story(CALL)
    if failure is not None and not (kind == "stop_play" and nobody_was_cut_short(room)):
        assert any(each.startswith(f"{failure}: ") for each in record.failures), record.failures
    if kind == "record" and fault in NOT_DONE:
        assert not record.recordings
    if outcome is Outcome.FAILED:
        assert not room.requests()["play"], "nobody speaks to a caller who was not answered"
    assert_no_haste(room, record)
    lines = said.of_the_call()
    assert len(lines) == len(set(lines)), "each failure is said once"
    if fault in NOT_DONE and (kind, fault) not in OVER:
        said_by_switch = "no answer: " if fault in ("cut", "never answered") else f"{fault}: "
        assert any(said_by_switch in line for line in lines), lines


def nobody_was_cut_short(room: ControlRoom) -> bool:
    """Whether each prompt was over before a key came, as on a slow machine."""
    return not any(isinstance(one, StopPlay) for turn in room.turns(CALL) for one in turn.commands)


def assert_no_haste(room: ControlRoom, record: CallRecord) -> None:
    """Nothing is tried without pause: a phone rings once, and again after a rest; all else follows."""
    assert record.arrived_at is not None
    assert record.ended_at is not None
    rounds = len(OPERATORS) * (1 + (record.ended_at - record.arrived_at) // POLICY.rest_ms)
    offers = [turn for turn in room.turns(CALL) if isinstance(turn.event, OperatorOffered)]
    assert len(offers) <= rounds, room.story(CALL)
    assert sum(room.requests().values()) <= 120 + 20 * rounds


# --- random faults at random requests --------------------------------------------------------------

_FAULTS = st.builds(
    fault_of,
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(sorted(FAULTS)),
    times=st.integers(1, 3),
    skip=st.integers(0, 2),
)


@settings(max_examples=30 * SEARCH)
@given(st.sampled_from(sorted(SCENES)), st.lists(_FAULTS, min_size=1, max_size=6), st.booleans())
def test_whatever_fails_the_call_ends_and_nobody_is_left_over(
    name: str, faults: list[KindFault], asleep: bool
) -> None:
    scene = SCENES[name]
    unregistered = frozenset({"alfa"}) if asleep else frozenset()
    people = replace(scene.people, patience_s=1.5, unregistered=unregistered)
    fresh = [replace(fault) for fault in faults]
    room, record = asyncio.run(play_out(scene, people, *fresh, back_s=0.2))
    assert record.outcome in set(Outcome), room.story(CALL)
    assert_no_haste(room, record)
