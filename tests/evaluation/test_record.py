import copy
import json
from dataclasses import fields, replace

import pytest

from tests.evaluation.conftest import AARHUS, NOON
from vagtcentral.evaluation.codec import decode_commands, decode_event, encode_commands
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.rows import call_row, record_of
from vagtcentral.evaluation.tables import calls
from vagtcentral.ivr.commands import (
    CloseRecord,
    Connect,
    DropOperator,
    Enqueue,
    Hold,
    Outcome,
    ShowDestination,
    ShowLocation,
)
from vagtcentral.ivr.events import (
    CallArrived,
    CallerAnswered,
    CallerHungUp,
    CommandFailed,
    DigitPressed,
    LocationForm,
    LocationReceived,
    OperatorHungUp,
    Registered,
    TransferRequested,
    WrapUpFinished,
)
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.location.cells_index import CellIndex
from vagtcentral.location.located import GeoData


def fold(turns) -> CallRecord:
    return CallRecord.fold(turns[0].call_id, turns)


def test_an_answered_call_says_who_where_whereto_and_how_long(told) -> None:
    record = fold(told("answered"))
    shown = record.as_demo_json()
    assert shown == {
        "call_id": "call-1",
        "service": "114",
        "caller": "+4586123456",
        "language": "da",
        "keys": "2",
        "keys_connected": "",
        "position": {
            "latitude": 56.1572,
            "longitude": 10.2107,
            "radius_m": 35.0,
            "confidence": 0.67,
            "time": "2019-03-04T11:00:00Z",
            "source": "gnss",
            "shape": None,
        },
        "radius_95_m": None,
        "radius_model": None,
        "age_s": None,
        "evidence": [],
        "municipality": {"code": "0751", "name": "Aarhus", "probability": 0.999, "distance_m": 0.0},
        "district": {"code": "1463", "name": "Østjyllands Politi", "probability": 0.999, "distance_m": 0.0},
        "anomalies": ["position is 12 s old"],
        "destination": "report",
        "operator": "anna",
        "operators": ["anna"],
        "waited_s": 7.0,
        "talked_s": 60.0,
        "outcome": "answered",
        "transfers": 0,
        "unnecessary_transfers": 0,
        "failures": [],
        "recordings": [],
        "answers": {},
        "note": "stolen bicycle",
        "registration": None,
        "wrongly_routed": False,
        "transfer_reasons": [],
        "data": None,
    }
    arrived = record.arrived_at
    assert (record.answered_at, record.left_at, record.ended_at) == (
        arrived + 10_000,
        arrived + 70_000,
        arrived + 100_000,
    )
    assert [district["code"] for district in record.districts] == ["1463", "1462"]


def test_a_call_abandoned_in_the_menu_has_waited_for_nothing(told) -> None:
    record = fold(told("abandoned_in_menu"))
    assert (record.outcome, record.keys, record.node, record.language) == (
        "abandoned_in_menu",
        "9",
        "english",
        "en",
    )
    assert (record.waited_s, record.destination, record.operator, record.position) == (0.0, None, None, None)
    assert record.as_demo_json()["district"] is None


def test_a_call_abandoned_in_the_queue_has_waited_until_it_was_left(told) -> None:
    record = fold(told("abandoned_in_queue"))
    assert record.waited_s == 90.25
    assert record.as_demo_json()["waited_s"] == 90.2
    assert record.outcome == "abandoned_in_queue"
    assert record.destination_district == "1462", "asking again for another district is one and the same wait"
    assert record.answered_at is None


def test_a_transfer_adds_its_wait_and_is_unnecessary_where_the_menu_knew_better(told) -> None:
    record = fold(told("transferred"))
    assert record.waited_s == 7.0 + 17.0
    assert record.talked_s == 20.0 + 45.0
    assert (record.transfers, record.unnecessary_transfers) == (1, 1)
    assert (record.operator, record.operators) == ("bo", ("anna", "bo"))
    assert (record.destination, record.destinations) == ("passport", ("general", "passport"))
    assert record.note == "wrong desk\npassport lost"


def test_a_transfer_to_another_skill_than_the_onward_one_is_not_the_menus_fault(story) -> None:
    told = story().arrives().queues("1", "general", onward="passport").connected("anna")
    away = Enqueue(0, 1, "report", "da", None, "anna")
    told.after(5, lambda at: TransferRequested(at, "anna", "report"), DropOperator("anna"), away, Hold())
    record = fold(told.turns)
    assert (record.transfers, record.unnecessary_transfers) == (1, 0)


def test_a_transfer_that_the_machine_ignored_is_none(story) -> None:
    told = story().arrives().queues("1", "general").connected("anna")
    told.after(5, lambda at: TransferRequested(at, "bo", "report"))
    record = fold(told.turns)
    assert record.transfers == 0
    assert record.talking_since is not None


def test_a_kept_call_back_waits_until_the_operator_is_connected(told) -> None:
    record = fold(told("called_back"))
    assert record.waited_s == 900.0
    assert record.talked_s == 33.3
    assert (record.outcome, record.operators) == ("called_back", ("bo",))
    assert record.left_at == record.answered_at + 33_300, "the first time off the line was not for good"


def test_survey_keys_are_answers_and_no_menu_keys(told) -> None:
    record = fold(told("surveyed"))
    assert (record.keys, record.keys_connected) == ("2", "7")
    assert record.answers == {"satisfied": "4"}
    assert record.talked_s == 10.0, "the survey is no conversation"


def test_a_hand_over_to_112_is_visible_in_the_destination(story) -> None:
    told = story().arrives().queues("0", "emergency", service="112")
    assert fold(told.turns).destination == "112/emergency"
    own = story().arrives(service="112").queues("0", "emergency", service="112")
    assert fold(own.turns).destination == "emergency"


def test_a_stray_answer_does_not_bring_the_caller_back_on_the_line(story) -> None:
    told = story().arrives().queues("2", "report").after(1, CallerHungUp)
    left = told.at
    assert fold(told.after(1, CallerAnswered).turns).left_at == left


def test_a_call_that_the_carrier_lost_was_left_when_it_closed(story) -> None:
    told = (
        story()
        .arrives()
        .after(1, lambda at: CommandFailed(at, "answer", "gone"), CloseRecord(Outcome.FAILED))
    )
    assert fold(told.turns).left_at == told.at


def test_a_stray_hang_up_does_not_end_the_conversation(story) -> None:
    told = story().arrives().queues("1", "general").connected("anna")
    told.after(5, lambda at: OperatorHungUp(at, "bo"), DropOperator("bo"))
    told.after(5, lambda at: OperatorHungUp(at, "anna")).after(5, CallerHungUp)
    record = fold(told.turns)
    assert record.talking_since is not None


def test_a_connection_that_failed_has_answered_nothing(story) -> None:
    told = story().arrives().queues("1", "general").connected("anna")
    again = Enqueue(0, 1, "general", "da", None)
    told.after(1, lambda at: CommandFailed(at, "connect", "bridge gone"), DropOperator("anna"), again, Hold())
    record = fold(told.turns)
    assert (record.answered_at, record.operator, record.operators, record.talked_s) == (None, None, (), 0.0)
    assert record.failures == ("connect: bridge gone",)
    assert record.waiting_since == told.at


def test_after_the_close_only_a_note_still_counts(told, story) -> None:
    closed = story("call-1")
    closed.turns = told("answered")
    closed.at += 200_000
    before = fold(closed.turns)
    closed.after(1, lambda at: DigitPressed(at, "5")).after(1, CallerHungUp)
    closed.after(1, lambda at: WrapUpFinished(at, "anna", "frame number to follow"), Connect("bo"))
    after = fold(closed.turns)
    assert after.note == "stolen bicycle\nframe number to follow"
    after.note, after.last_seq = before.note, before.last_seq
    assert after == before


def test_after_a_transfer_the_registration_is_of_who_had_the_caller_last(story) -> None:
    told = story().arrives().queues("1", "general").connected("anna")
    told.after(5, lambda at: Registered(at, "anna", "running-case"))
    told.connected("bo")
    assert fold(told.turns).registration == {"code": "running-case", "fields": {}, "text": ""}
    told.after(5, lambda at: Registered(at, "bo", "burglary", (("address", "Amagerbrogade 1"),), "window"))
    told.after(5, lambda at: Registered(at, "anna", "other"))
    kept = {"code": "burglary", "fields": {"address": "Amagerbrogade 1"}, "text": "window"}
    assert fold(told.turns).registration == kept
    told.after(1, CallerHungUp, CloseRecord(Outcome.ANSWERED))
    told.after(5, lambda at: Registered(at, "anna", "tip"))
    assert fold(told.turns).registration == kept
    told.after(5, lambda at: Registered(at, "bo", "theft"))
    assert fold(told.turns).registration == {"code": "theft", "fields": {}, "text": ""}


def test_who_sent_the_caller_on_may_register_late_where_nobody_else_has(story) -> None:
    told = story().arrives().queues("1", "general").connected("anna").connected("bo")
    told.after(5, lambda at: Registered(at, "anna", "running-case"))
    assert fold(told.turns).registration == {"code": "running-case", "fields": {}, "text": ""}


def test_an_open_call_says_since_when_it_waits_or_talks(story) -> None:
    told = story().arrives().queues("1", "general")
    assert fold(told.turns).waiting_since == told.at
    told.connected("anna")
    record = fold(told.turns)
    assert (record.waiting_since, record.talking_since) == (None, told.at)
    assert record.outcome is None


def test_what_goes_on_is_counted_up_to_now_and_the_record_stays_as_it_is(story) -> None:
    told = story().arrives().queues("1", "general")
    waits = fold(told.turns)
    assert (waits.until(told.at + 25_000).waited_s, waits.waited_s) == (25.0, 0.0)
    assert waits.waiting_since == told.at
    told.connected("anna")
    talks = fold(told.turns)
    assert talks.until(told.at + 9_000).talked_s == 9.0
    assert talks.until(told.at + 9_000).waited_s == talks.waited_s
    told.after(60, CallerHungUp, CloseRecord(Outcome.ANSWERED))
    assert fold(told.turns).until(told.at + 9_000) == fold(told.turns)


def test_a_clock_that_goes_backwards_takes_no_time_away(story) -> None:
    told = story().arrives().queues("1", "general").after(-60, CallerHungUp, CloseRecord(Outcome.FAILED))
    assert fold(told.turns).waited_s == 0.0


def test_a_destination_without_a_place_in_a_queue_counts_no_wait(story) -> None:
    told = story().arrives().keys("3", ShowDestination("114", "report", None, "book"))
    assert fold(told.turns).waiting_since is None


def test_taking_in_a_turn_changes_nothing_that_a_copy_shares(any_story) -> None:
    record = CallRecord(any_story[0].call_id)
    for turn in any_story:
        before, kept = copy.copy(record), copy.deepcopy(record)
        record.apply(turn)
        assert before == kept


def test_every_record_comes_back_from_its_row(any_story) -> None:
    for end in range(len(any_story) + 1):
        record = CallRecord.fold(any_story[0].call_id, any_story[:end])
        assert record_of(call_row(record)) == record


def test_the_columns_of_calls_are_the_fields_of_the_record() -> None:
    assert [field.name for field in fields(CallRecord)] == [column.name for column in calls.columns]


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_closes_the_record(outcome: Outcome, story) -> None:
    told = story().arrives().after(1, CallerHungUp, CloseRecord(outcome))
    record = fold(told.turns)
    assert (record.outcome, record.ended_at) == (outcome.value, told.at)


def test_a_location_after_the_close_is_named_once_and_changes_nothing_else(told) -> None:
    turns = told("answered")
    last = turns[-1]
    late = [
        replace(last, seq=last.seq + n, event=LocationReceived(last.event.at + n, form, "text"), commands=())
        for n, form in enumerate((LocationForm.AML_SMS, LocationForm.AML_HTTPS), 1)
    ]
    before, after = fold(turns), fold([*turns, *late])
    assert after.anomalies == (*before.anomalies, "location-after-close")
    assert replace(after, anomalies=before.anomalies, last_seq=before.last_seq) == before


# --- what the location rests on ---------------------------------------------------------------------


def geometry(name: str) -> GeoData:
    return GeoData(name, False, "2023-12", name[0] * 64)


def test_the_record_names_the_geometry_and_the_tables_in_force() -> None:
    arrived = CallArrived(
        *(NOON, "114", None, "114", "b" * 64, "a" * 64),
        *(geometry("atlas"), geometry("cells"), geometry("rescue")),
    )
    record = CallRecord.fold("call-1", [Turn("call-1", 1, arrived, ())])
    assert record.data == {
        **{"name": "atlas", "official": False, "date": "2023-12", "sha256": "a" * 64},
        "cells": {"name": "cells", "official": False, "date": "2023-12", "sha256": "c" * 64},
        "rescue_numbers": {"name": "rescue", "official": False, "date": "2023-12", "sha256": "r" * 64},
    }
    assert record.as_demo_json()["data"] == record.data
    assert record_of(call_row(record)) == record


def test_a_call_of_the_shipped_setting_says_by_hash_what_it_was_located_with() -> None:
    setting = shipped_setting()
    record = CallRecord.fold("call-1", [Turn("call-1", 1, setting.arrival(NOON, "112", None, "112"), ())])
    assert record.data is not None
    assert record.data["sha256"] == record.atlas_sha256 == setting.atlas.data.sha256
    assert record.menu_sha256 == setting.menus["112"].sha256
    assert record.data["cells"]["sha256"] == CellIndex.built_in().data.sha256
    assert len(record.data["rescue_numbers"]["sha256"]) == 64


def located(shown: ShowLocation) -> CallRecord:
    message = LocationReceived(NOON, LocationForm.AML_SMS, "text")
    return CallRecord.fold("call-1", [Turn("call-1", 1, message, (shown,))])


def test_the_record_says_what_one_position_counted_for() -> None:
    record = located(replace(AARHUS, radius_95_m=119.0, radius_model="rfc7459-normal-2d", age_s=12.0))
    assert (record.radius_95_m, record.radius_model, record.location_age_s) == (119, "rfc7459-normal-2d", 12)
    assert record.evidence == ("gnss 119 m at 95 %, 12 s old, weight 1.00: the only position",)
    shown = record.as_demo_json()
    assert (shown["radius_95_m"], shown["age_s"], shown["evidence"]) == (119, 12, list(record.evidence))
    assert record_of(call_row(record)) == record


def test_the_record_says_what_each_of_several_positions_counted_for() -> None:
    sentences = ("gnss 23 m at 95 %, weight 1.00: most certain", "cell 900 m at 80 %, weight 0.00: outlier")
    shown = replace(AARHUS, evidence=sentences, radius_95_m=23.0, radius_model="rfc7459-normal-2d")
    assert located(shown).evidence == sentences


def test_a_journal_from_before_that_was_said_is_read_and_leaves_it_empty() -> None:
    old = json.loads(encode_commands((AARHUS,)))
    for name in ("radius_95_m", "radius_model", "age_s"):
        del old[0][name]
    del old[0]["located"]["position"]["pdf"]
    (shown,) = decode_commands(json.dumps(old))
    assert shown == AARHUS
    record = located(AARHUS)
    assert (record.data, record.radius_95_m, record.radius_model, record.evidence) == (None, None, None, ())
    body = {"at": 1, "service": "114", "caller": None, "menu": "114", "menu_sha256": "", "atlas_sha256": ""}
    event = decode_event("call_arrived", json.dumps(body))
    assert isinstance(event, CallArrived)
    assert event.atlas is None
