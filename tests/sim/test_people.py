"""The people of a scripted call: the caller's cues and keys, and the operators' acts."""

import pytest

from vagtcentral.sim.agenda import VirtualAgenda
from vagtcentral.sim.people import ScriptedCaller, ScriptedOperators
from vagtcentral.sim.script import Caller, CallerStep, OperatorAct


class Scene:
    """A caller with his steps, and what he does with its instant; None is hanging up."""

    def __init__(self, *steps: CallerStep, call_back_after_s: tuple[float | None, ...] = (6.0,)) -> None:
        self.agenda = VirtualAgenda(0)
        self.done: list[tuple[int, str | None]] = []
        caller = Caller(number="+4510114001", does=steps, call_back_after_s=call_back_after_s)
        self.caller = ScriptedCaller(caller, self.agenda, self._act)

    def _act(self, key: str | None) -> None:
        self.done.append((self.agenda.now(), key))

    def perceives(self, at: int, cue: str) -> None:
        self.agenda.at(at, lambda: self.caller.perceives(cue))

    def play(self) -> list[tuple[int, str | None]]:
        while self.agenda.step():
            pass
        return self.done


def keys(pressed: str, on: str = "then", after_s: float = 0.0, gap_s: float = 0.4) -> CallerStep:
    return CallerStep(on=on, after_s=after_s, keys=pressed, gap_s=gap_s)


def hang_up(on: str = "then", after_s: float = 0.0) -> CallerStep:
    return CallerStep(on=on, after_s=after_s, hang_up=True)


# --- the caller -----------------------------------------------------------------------------------


def test_a_step_is_taken_so_long_after_its_cue():
    scene = Scene(keys("4", "hears main", 2.5))
    scene.perceives(1_000, "hears main")
    assert scene.play() == [(3_500, "4")]


@pytest.mark.parametrize("cue", ["arrives", "hold", "connected", "hears main"])
def test_every_kind_of_cue_sets_off_the_step_that_waits_for_it(cue: str):
    scene = Scene(hang_up(cue, 1.0))
    scene.perceives(100, cue)
    assert scene.play() == [(1_100, None)]


def test_a_step_without_its_cue_is_never_taken():
    scene = Scene(keys("4", "hears main"))
    for cue in ("hears mainly", "hears report", "hold", "arrives", "main"):
        scene.perceives(100, cue)
    assert scene.play() == []


def test_steps_are_taken_in_order_each_on_its_own_cue():
    scene = Scene(keys("1", "hears main"), keys("2", "hears report"))
    scene.perceives(100, "hears report")
    scene.perceives(200, "hears main")
    scene.perceives(300, "hears report")
    assert scene.play() == [(200, "1"), (300, "2")]


def test_a_cue_that_comes_too_early_is_not_remembered():
    scene = Scene(keys("1", "hears main"), keys("2", "hears report"))
    scene.perceives(100, "hears report")
    scene.perceives(200, "hears main")
    assert scene.play() == [(200, "1")]


def test_a_cue_that_comes_while_a_step_is_being_taken_is_not_remembered():
    scene = Scene(keys("1", "hears main", 5.0), keys("2", "hears report"))
    scene.perceives(100, "hears main")
    scene.perceives(3_000, "hears report")
    assert scene.play() == [(5_100, "1")]


def test_a_step_is_taken_once_though_its_cue_is_repeated_meanwhile():
    scene = Scene(keys("1", "hears main", 5.0))
    scene.perceives(100, "hears main")
    scene.perceives(2_000, "hears main")
    assert scene.play() == [(5_100, "1")]


def test_the_same_cue_serves_two_steps_one_at_a_time():
    scene = Scene(keys("7", "hears main"), keys("6", "hears main"))
    scene.perceives(100, "hears main")
    scene.perceives(200, "hears main")
    scene.perceives(300, "hears main")
    assert scene.play() == [(100, "7"), (200, "6")]


def test_then_follows_the_step_before_without_a_cue():
    scene = Scene(keys("1", "hears main"), keys("2", "then", 1.5), hang_up("then", 2.0))
    scene.perceives(100, "hears main")
    assert scene.play() == [(100, "1"), (1_600, "2"), (3_600, None)]


def test_several_keys_are_pressed_with_their_gap():
    scene = Scene(keys("8000", "hears where", 2.0, 0.6))
    scene.perceives(1_000, "hears where")
    assert scene.play() == [(3_000, "8"), (3_600, "0"), (4_200, "0"), (4_800, "0")]


def test_then_counts_from_the_last_of_several_keys():
    scene = Scene(keys("55", "connected", 0.0, 1.2), hang_up("then", 1.0))
    scene.perceives(0, "connected")
    assert scene.play() == [(0, "5"), (1_200, "5"), (2_200, None)]


def test_a_script_that_begins_with_then_waits_for_nothing_that_ever_comes():
    scene = Scene(keys("1"))
    scene.perceives(0, "arrives")
    assert scene.play() == []


def test_a_caller_without_steps_does_nothing():
    scene = Scene()
    scene.perceives(0, "arrives")
    assert scene.play() == []


def test_when_the_call_is_over_for_the_caller_he_does_nothing_more():
    scene = Scene(keys("8000", "hears where", 1.0, 1.0), keys("1", "hold"))
    scene.perceives(0, "hears where")
    scene.agenda.at(2_500, scene.caller.leaves)
    scene.perceives(9_000, "hold")
    assert scene.play() == [(1_000, "8"), (2_000, "0")]


def test_a_caller_who_leaves_does_not_do_what_he_had_in_mind():
    scene = Scene(keys("1", "hold", 2.0))
    scene.perceives(1_000, "hold")
    scene.agenda.at(2_000, scene.caller.leaves)
    assert scene.play() == []


def test_each_call_back_rings_as_long_as_the_script_says():
    scene = Scene(call_back_after_s=(7.0, None, 0.25))
    assert [scene.caller.answers_call_back_after() for _ in range(3)] == [7_000, None, 250]


def test_a_call_back_that_the_script_does_not_mention_is_not_answered():
    scene = Scene(call_back_after_s=(7.0,))
    scene.caller.answers_call_back_after()
    assert scene.caller.answers_call_back_after() is None


def test_two_callers_on_one_agenda_do_not_disturb_each_other():
    one, other = Scene(keys("1", "hold", 2.0)), Scene(keys("2", "hold", 1.0))
    other.agenda = one.agenda
    other.caller = ScriptedCaller(Caller(number=None, does=(keys("2", "hold", 1.0),)), one.agenda, other._act)
    one.perceives(0, "hold")
    other.perceives(0, "hold")
    one.agenda.at(500, one.caller.leaves)
    one.play()
    assert (one.done, other.done) == ([], [(1_000, "2")])


# --- the operators --------------------------------------------------------------------------------


def test_acts_are_dealt_out_in_order_and_the_last_one_repeats():
    silent, declines, answers = (
        OperatorAct(answers_after_s=None),
        OperatorAct(declines=True),
        OperatorAct(answers_after_s=3.0),
    )
    operators = ScriptedOperators((silent, declines, answers))
    assert [operators.next_act() for _ in range(5)] == [silent, declines, answers, answers, answers]


def test_a_single_act_serves_every_ring():
    act = OperatorAct(talks_s=10.0)
    operators = ScriptedOperators((act,))
    assert [operators.next_act() for _ in range(3)] == [act] * 3
