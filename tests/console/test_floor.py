"""The floor: what operators do, who comes first, and what everybody sees of it."""

import pytest

from tests.console.floor_bench import SECOND, FloorBench
from vagtcentral.console.floor import REASONS, Doing, Floor, NotNowError
from vagtcentral.ivr.commands import DropOperator, HangUp, RingOperator
from vagtcentral.ivr.events import LocationForm, LocationReceived, Timer


@pytest.fixture
def bench() -> FloorBench:
    return FloorBench()


def refusal(act, *given, **more) -> str:
    with pytest.raises(NotNowError) as refused:
        act(*given, **more)
    return refused.value.reason


# --- being at work ----------------------------------------------------------------------------


async def test_who_sits_down_is_not_ready_until_he_says_so(bench: FloorBench) -> None:
    assert bench.doing("anna") is Doing.AWAY
    await bench.rings("a")
    bench.floor.sign_in("anna")
    await bench.settle()
    assert (bench.doing("anna"), bench.desk("anna").reason) == (Doing.NOT_READY, "signed_in")
    bench.floor.ready("anna")
    await bench.settle()
    assert (bench.doing("anna"), bench.desk("anna").reason) == (Doing.RINGING, None)


async def test_who_signs_in_not_ready_is_not_rung_for_a_call_that_waits(bench: FloorBench) -> None:
    await bench.rings("a")
    bench.floor.sign_in("anna", at_page=False, reason="left")
    await bench.settle()
    assert bench.doing("anna") is Doing.NOT_READY
    assert not [command for _, command in bench.switch.told if isinstance(command, RingOperator)]


async def test_who_is_not_at_work_can_be_neither_ready_nor_not_ready(bench: FloorBench) -> None:
    assert refusal(bench.floor.ready, "anna") == "not_at_desk"
    assert refusal(bench.floor.not_ready, "anna", "break") == "not_at_desk"
    bench.floor.sign_in("anna")
    bench.floor.sign_out("anna")
    assert refusal(bench.floor.ready, "anna") == "not_at_desk"
    bench.floor.sign_in("anna")
    bench.floor.ready("anna")
    assert bench.doing("anna") is Doing.READY


@pytest.mark.parametrize("reason", REASONS)
async def test_an_operator_is_not_ready_for_a_reason_of_the_list(bench: FloorBench, reason: str) -> None:
    bench.floor.sign_in("anna", ready=True)
    bench.floor.not_ready("anna", reason)
    assert (bench.doing("anna"), bench.desk("anna").reason) == (Doing.NOT_READY, reason)


async def test_another_reason_is_refused_and_changes_nothing(bench: FloorBench) -> None:
    bench.floor.sign_in("anna", ready=True)
    with pytest.raises(ValueError, match=r"coffee.*allowed are break"):
        bench.floor.not_ready("anna", "coffee")
    assert (bench.doing("anna"), bench.desk("anna").reason) == (Doing.READY, None)


async def test_who_takes_a_desk_over_from_a_colleague_has_the_call_that_it_holds(bench: FloorBench) -> None:
    bench.floor.sign_in("anna", ready=True, at_page=False)
    await bench.rings("a")
    bench.floor.answer("anna")
    await bench.settle()
    bench.floor.sign_in("anna")
    assert bench.doing("anna") is Doing.TALKING
    bench.floor.hang_up("anna")
    await bench.settle()
    bench.floor.finish("anna")
    await bench.settle()
    assert bench.doing("anna") is Doing.NOT_READY


async def test_coming_back_after_the_end_of_the_shift_calls_the_going_home_off(bench: FloorBench) -> None:
    await bench.talks()
    bench.floor.sign_out("anna")
    bench.floor.sign_in("anna", ready=True)
    bench.floor.hang_up("anna")
    await bench.settle()
    bench.floor.finish("anna")
    await bench.settle()
    assert bench.doing("anna") is Doing.READY


async def test_a_call_that_rings_where_nobody_sits_any_more_goes_to_another_at_once(
    bench: FloorBench,
) -> None:
    bench.floor.sign_in("anna", ready=True)
    await bench.rings("a")
    assert bench.doing("anna") is Doing.RINGING
    bench.floor.sign_in("bo", ready=True)
    bench.floor.leave("anna", "left")
    await bench.settle()
    assert (bench.doing("anna"), bench.desk("anna").reason) == (Doing.NOT_READY, "left")
    assert not bench.desk("anna").at_page
    assert bench.doing("bo") is Doing.RINGING


async def test_a_shift_goes_on_while_the_page_of_the_desk_is_closed(bench: FloorBench) -> None:
    bench.floor.sign_in("anna")
    began = bench.clock.now()
    await bench.settle(60)
    bench.floor.leave("anna", "left")
    assert (bench.desk("anna").at_page, bench.desk("anna").on_shift) == (False, True)
    await bench.settle(60)
    bench.floor.open_page("anna")
    assert bench.doing("anna") is Doing.NOT_READY
    assert bench.desk("anna").sat_down_at == began
    bench.floor.leave("anna", "left")
    bench.floor.sign_out("anna")
    assert bench.doing("anna") is Doing.AWAY
    await bench.settle(60)
    bench.floor.open_page("anna")
    assert bench.desk("anna").sat_down_at == bench.clock.now()
    assert bench.desk("anna").on_shift


async def test_a_colleague_whom_nobody_sees_has_no_shift(bench: FloorBench) -> None:
    bench.floor.sign_in("anna", at_page=False)
    assert (bench.desk("anna").on_shift, bench.desk("anna").sat_down_at) == (False, None)


async def test_after_the_end_of_the_shift_the_call_at_hand_is_finished_at_the_page_and_no_shift_begins(
    bench: FloorBench,
) -> None:
    await bench.talks()
    began = bench.desk("anna").sat_down_at
    bench.floor.sign_out("anna")
    assert bench.desk("anna").at_page  # the page of the desk may be open still
    bench.floor.leave("anna", "left")
    bench.floor.open_page("anna")
    assert bench.desk("anna").at_page
    await bench.hangs_up("a")
    assert bench.doing("anna") is Doing.WRAP_UP
    bench.floor.finish("anna")
    await bench.settle()
    assert bench.doing("anna") is Doing.AWAY
    assert (bench.desk("anna").on_shift, bench.desk("anna").sat_down_at) == (False, began)
    bench.floor.leave("anna", "left")
    assert bench.desk("anna").reason is None
    bench.floor.sign_in("anna")
    assert bench.desk("anna").sat_down_at == bench.clock.now() != began


async def test_a_telephone_goes_on_ringing_when_the_page_beside_it_is_closed() -> None:
    bench = FloorBench(rings_in_page=False)
    bench.floor.sign_in("anna", ready=True)
    await bench.rings("a")
    bench.floor.leave("anna", "left")
    await bench.settle()
    assert bench.doing("anna") is Doing.RINGING
    assert refusal(bench.floor.answer, "anna") == "take_phone"


async def test_after_a_restart_nobody_is_offered_a_call_before_it_is_known_who_holds_one(
    bench: FloorBench,
) -> None:
    await bench.talks("a", "anna")
    await bench.rings("b")
    again = FloorBench()
    turns = {"a": [], "b": []}
    for turn in bench.journal.turns:
        turns[turn.call_id].append(turn)
    for those in turns.values():
        again.controller.rebuild(those)
        again.floor.restore(those)
    again.floor.sign_in("anna", ready=True)  # her page is back before the calls have gone on
    await again.settle()
    assert again.doing("anna") is not Doing.RINGING
    for call_id in turns:
        again.controller.resume(call_id)
    await again.settle()
    again.floor.open()
    await again.settle()
    assert (again.doing("anna"), again.desk("anna").call_id) == (Doing.TALKING, "a")
    again.floor.sign_in("bo", ready=True)
    await again.settle()
    assert (again.doing("bo"), again.desk("bo").call_id) == (Doing.RINGING, "b")


# --- a ringing call ---------------------------------------------------------------------------


async def test_the_time_to_answer_is_known_while_a_call_rings(bench: FloorBench) -> None:
    bench.floor.sign_in("anna", ready=True)
    await bench.rings("a")
    left = bench.call("a").due[Timer.RING] - bench.clock.now()
    assert 14 * SECOND < left <= 15 * SECOND
    bench.floor.answer("anna")
    await bench.settle()
    assert Timer.RING not in bench.call("a").due


async def test_who_lets_a_call_ring_out_is_not_ready_and_told_why(bench: FloorBench) -> None:
    bench.floor.sign_in("anna", ready=True)
    await bench.rings("a")
    bench.floor.sign_in("bo", ready=True)
    await bench.settle(20)
    assert (bench.doing("anna"), bench.desk("anna").reason) == (Doing.NOT_READY, "unanswered")
    assert bench.doing("bo") is Doing.RINGING


async def test_a_declined_call_rings_at_another_desk(bench: FloorBench) -> None:
    bench.floor.sign_in("anna", ready=True)
    await bench.rings("a")
    bench.floor.sign_in("bo", ready=True)
    bench.floor.decline("anna")
    await bench.settle()
    assert (bench.doing("anna"), bench.desk("anna").reason) == (Doing.NOT_READY, "declined")
    assert bench.doing("bo") is Doing.RINGING


async def test_of_two_who_claim_a_call_the_first_gets_it_and_the_other_hears_who(bench: FloorBench) -> None:
    await bench.rings("a")
    bench.floor.sign_in("anna")
    bench.floor.sign_in("bo")
    bench.floor.claim("anna", "a")
    with pytest.raises(NotNowError) as refused:
        bench.floor.claim("bo", "a")
    assert (refused.value.reason, refused.value.by) == ("call_is_offered", "anna")
    await bench.settle()
    bench.floor.answer("anna")
    await bench.settle()
    with pytest.raises(NotNowError) as refused:
        bench.floor.claim("bo", "a")
    assert (refused.value.reason, refused.value.by) == ("call_is_taken", "anna")
    assert bench.doing("anna") is Doing.TALKING


async def test_a_claim_without_the_skill_is_refused(bench: FloorBench) -> None:
    await bench.rings("a")
    bench.floor.sign_in("kim")
    assert refusal(bench.floor.claim, "kim", "a") == "claim_not_possible"
    assert refusal(bench.floor.claim, "kim", "no-such-call") == "call_is_taken"


# --- the conversation -------------------------------------------------------------------------


async def test_a_caller_is_put_on_hold_and_talked_with_again(bench: FloorBench) -> None:
    await bench.talks()
    bench.floor.hold("anna")
    await bench.settle()
    assert bench.doing("anna") is Doing.HOLDING
    assert refusal(bench.floor.hold, "anna") == "no_such_call_now"
    bench.floor.retrieve("anna")
    await bench.settle()
    assert bench.doing("anna") is Doing.TALKING


async def test_a_call_put_on_hold_and_sent_on_is_no_longer_on_hold(bench: FloorBench) -> None:
    await bench.talks()
    bench.floor.sign_in("bo", ready=True)
    bench.floor.hold("anna")
    await bench.settle()
    bench.floor.transfer("anna", "emergency", None, "wrong_district")
    await bench.settle()
    assert bench.doing("anna") is Doing.WRAP_UP
    bench.floor.answer("bo")
    await bench.settle()
    assert (bench.doing("anna"), bench.doing("bo")) == (Doing.WRAP_UP, Doing.TALKING)
    bench.floor.finish("anna")
    await bench.settle()
    assert bench.doing("anna") is Doing.READY


@pytest.mark.parametrize("who", ["caller", "operator"])
async def test_hanging_up_on_hold_ends_the_hold(bench: FloorBench, who: str) -> None:
    await bench.talks()
    bench.floor.hold("anna")
    await bench.settle()
    if who == "caller":
        await bench.hangs_up("a")
    else:
        bench.floor.hang_up("anna")
        await bench.settle()
    assert bench.doing("anna") is Doing.WRAP_UP


async def test_the_caller_of_a_transfer_rings_at_another_desk(bench: FloorBench) -> None:
    await bench.rings_with_a_tip()
    bench.floor.sign_in("anna", ready=True)
    await bench.settle()
    bench.floor.answer("anna")
    await bench.settle()
    bench.floor.sign_in("kim", ready=True)
    bench.floor.transfer("anna", "general", None, "wrong_group")
    await bench.settle()
    assert (bench.doing("anna"), bench.doing("kim")) == (Doing.WRAP_UP, Doing.RINGING)
    assert bench.call("b").record.transfer_reasons == ("wrong_group",)


async def test_a_caller_handed_over_to_112_is_an_emergency_and_the_next_to_be_taken(
    bench: FloorBench,
) -> None:
    await bench.rings_with_a_tip()
    bench.floor.sign_in("anna", ready=True)
    await bench.settle()
    bench.floor.answer("anna")
    await bench.settle()
    bench.floor.sign_in("bo")
    bench.floor.transfer("anna", "emergency", None, "emergency")
    await bench.settle()
    assert bench.call("b").emergency
    assert [call.call_id for call in bench.floor.waiting()] == ["b"]


async def test_an_emergency_is_not_handed_over_once_more_and_the_caller_stays(bench: FloorBench) -> None:
    await bench.talks()
    bench.floor.sign_in("bo", ready=True)
    assert refusal(bench.floor.transfer, "anna", "emergency", None, "emergency") == "is_emergency"
    await bench.settle()
    assert bench.doing("anna") is Doing.TALKING
    assert not [command for _, command in bench.switch.told if isinstance(command, DropOperator)]
    bench.floor.transfer("anna", "emergency", "1470", "wrong_district")
    await bench.settle()
    assert bench.doing("bo") is Doing.RINGING


@pytest.mark.parametrize("skill", ["emergency", "general", "nonsense"])
async def test_a_caller_is_sent_to_nobody_who_could_not_take_him(bench: FloorBench, skill: str) -> None:
    await bench.talks()
    assert refusal(bench.floor.transfer, "anna", skill, None, "wrong_group") == "nobody_else"
    await bench.settle()
    assert bench.doing("anna") is Doing.TALKING


async def test_who_asks_for_something_just_done_is_told_what_is_true_now(bench: FloorBench) -> None:
    bench.floor.sign_in("anna", ready=True)
    await bench.rings("a")
    bench.floor.answer("anna")
    await bench.controller.settled()  # and nobody has been told of it yet
    bench.floor.hold("anna")
    await bench.settle()
    assert bench.doing("anna") is Doing.HOLDING


async def test_the_conversation_counts_from_the_connection_and_goes_on_over_a_hold(
    bench: FloorBench,
) -> None:
    bench.floor.sign_in("anna", ready=True)
    await bench.rings("a")
    await bench.settle(5)
    at = bench.clock.now()
    bench.floor.answer("anna")
    await bench.settle(3)
    bench.floor.hold("anna")
    await bench.settle(3)
    bench.floor.retrieve("anna")
    await bench.settle(3)
    talk = bench.call("a").talks["anna"]
    assert (talk.began, talk.ended) == (at, None)


# --- after it ---------------------------------------------------------------------------------


async def test_a_registration_may_come_after_the_time_for_it_is_over(bench: FloorBench) -> None:
    await bench.talks()
    bench.floor.hang_up("anna")
    await bench.settle()
    assert bench.call("a").due[Timer.WRAP_UP] > bench.clock.now()
    await bench.settle(61)
    assert bench.doing("anna") is Doing.READY
    assert refusal(bench.floor.register, "anna", "theft") == "no_such_call_now"
    bench.floor.register("anna", "theft", call_id="a")
    await bench.settle()
    assert bench.call("a").record.registration == {"code": "theft", "fields": {}, "text": ""}


async def test_what_each_operator_registers_is_known_even_of_a_call_that_is_closed(bench: FloorBench) -> None:
    await bench.talks()
    bench.floor.register("anna", "theft", text="a bicycle")
    await bench.hangs_up("a")
    bench.floor.finish("anna")
    await bench.settle()
    assert bench.call("a").record.ended_at is not None
    bench.floor.register("anna", "theft", text="a red bicycle", call_id="a")
    assert bench.call("a").registered["anna"].text == "a red bicycle"
    again = FloorBench()
    again.floor.restore(bench.journal.turns)
    assert again.call("a").registered["anna"].text == "a bicycle"  # this journal keeps nothing late


async def test_nobody_registers_a_call_that_he_has_not_had(bench: FloorBench) -> None:
    await bench.talks()
    bench.floor.sign_in("bo")
    assert refusal(bench.floor.register, "bo", "theft", call_id="a") == "no_such_call_now"
    assert refusal(bench.floor.register, "bo", "theft", call_id="unknown") == "no_such_call_now"


async def test_hanging_up_ends_the_call_for_the_caller(bench: FloorBench) -> None:
    await bench.talks()
    bench.floor.hang_up("anna")
    await bench.settle(120)
    assert any(isinstance(command, HangUp) for _, command in bench.switch.told)
    assert bench.call("a").record.ended_at is not None


# --- being told -------------------------------------------------------------------------------


async def test_many_turns_at_once_are_told_of_together(bench: FloorBench) -> None:
    await bench.settle()
    before = bench.told
    for number in range(50):
        await bench.controller.settled()
        bench.controller.report(f"c{number}", _arrival(bench))
    await bench.settle()
    assert len(bench.floor.live()) == 50
    assert bench.told - before == 1


async def test_a_listener_that_fails_keeps_nobody_else_from_hearing(bench: FloorBench, caplog) -> None:
    def fails() -> None:
        raise RuntimeError("page is gone")

    heard = []
    bench.floor.listen(fails)
    end = bench.floor.listen(lambda: heard.append(True))
    bench.floor.sign_in("anna")
    assert heard == [True]
    assert "a listener of the floor failed" in caplog.text
    end()
    bench.floor.sign_in("bo")
    assert heard == [True]


async def test_of_closed_calls_the_latest_are_kept(bench: FloorBench, monkeypatch) -> None:
    monkeypatch.setattr("vagtcentral.console.floor.CLOSED_CALLS", 2)
    for number in range(5):
        await bench.rings(f"c{number}")
        await bench.hangs_up(f"c{number}")
    assert list(bench.floor.calls)[:2] == ["c2", "c3"]
    assert isinstance(bench.floor, Floor)


async def test_something_late_of_a_call_that_is_forgotten_makes_no_live_call(
    bench: FloorBench, monkeypatch
) -> None:
    monkeypatch.setattr("vagtcentral.console.floor.CLOSED_CALLS", 1)
    for number in range(3):
        await bench.rings(f"c{number}")
        await bench.hangs_up(f"c{number}")
    fix = LocationReceived(bench.clock.now(), LocationForm.CELL_CIRCLE, "55.6761,12.5683,300")
    bench.controller.report("c0", fix)
    await bench.settle()
    assert "c0" not in bench.floor.calls
    assert bench.floor.live() == []


async def test_a_closed_call_is_kept_while_what_was_typed_for_it_is_not_saved(
    bench: FloorBench, monkeypatch
) -> None:
    monkeypatch.setattr("vagtcentral.console.floor.CLOSED_CALLS", 1)
    await bench.rings("c0")
    await bench.hangs_up("c0")
    bench.desk("anna").drafts["c0"] = {"text": "A bicycle"}
    for number in range(1, 4):
        await bench.rings(f"c{number}")
        await bench.hangs_up(f"c{number}")
    assert list(bench.floor.calls) == ["c0", "c2", "c3"]


def _arrival(bench: FloorBench):
    from vagtcentral.ivr.events import CallArrived

    return CallArrived(bench.clock.now(), "112", "+4520", "112", "", "")
