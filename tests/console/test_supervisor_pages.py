"""What the supervisor's pages show, worked out without a browser."""

from dataclasses import replace

import pytest

from vagtcentral.console.floor import Desk, Doing, LiveCall
from vagtcentral.console.pages.board import (
    DistrictLoad,
    Waiting,
    in_order,
    load_by_district,
    midnight,
    on_the_line,
    shades,
    waiting_by_service,
)
from vagtcentral.console.pages.call_filters import IN_ADDRESS, address_of, offset_in, query_of
from vagtcentral.console.pages.call_replay import ReplayCheck, check_replay
from vagtcentral.console.pages.call_story import (
    Step,
    Storyteller,
    asked_to_record,
    fixes_of,
    path_of,
    registered_of,
)
from vagtcentral.console.pages.calls import told_of
from vagtcentral.console.pages.html_table import Link, html_table
from vagtcentral.console.pages.menus import option_rows
from vagtcentral.console.words import LANGUAGES, catalogue, say_in
from vagtcentral.evaluation.codec import COMMAND_KINDS, EVENT_KINDS
from vagtcentral.evaluation.menu_use import HUNG_UP
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.evaluation.search import CallQuery, Found
from vagtcentral.ivr.commands import Outcome
from vagtcentral.ivr.dispatch import Operator
from vagtcentral.ivr.events import LocationForm, Registered, Timer
from vagtcentral.ivr.journal import Turn
from vagtcentral.ivr.phase import Phase
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.location.located import Action
from vagtcentral.menus.graph import has_human
from vagtcentral.menus.load import shipped_menu
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import find_script, shipped_scripts

NOW = 1_551_697_200_000  # 2019-03-04 11:00 UTC
NAMES = {row.code: row.name for row in shipped_setting().atlas.territory.districts.values()}


def live(call_id: str, phase: Phase = Phase.MENU, *, emergency: bool = False, **record) -> LiveCall:
    return LiveCall(CallRecord(call_id, **record), phase, emergency=emergency)


def desk(name: str, doing: Doing, since: int = 0, district: str | None = None) -> Desk:
    return Desk(Operator(name, frozenset({"theft"}), district=district), doing, since)


def teller(language: str = "en", *, positions: bool = True) -> Storyteller:
    return Storyteller(say_in(language), NAMES, positions=positions)


def played(name: str):
    return list(play_virtual(find_script(name), shipped_setting()))


# --- the wallboard ----------------------------------------------------------------------------


def test_who_waits_is_counted_by_service_and_the_longest_wait_is_told() -> None:
    waiting = [
        live("a", waiting_since=NOW - 4_000, emergency=True, service="114"),
        live("b", waiting_since=NOW - 9_000, service="114"),
        live("c", waiting_since=NOW - 1_000, service="114"),
    ]
    assert waiting_by_service(waiting, NOW) == {"112": Waiting(1, 4_000), "114": Waiting(2, 9_000)}
    assert waiting_by_service([], NOW) == {"112": Waiting(0, 0), "114": Waiting(0, 0)}


def test_load_counts_callers_where_they_are_and_loses_none() -> None:
    calls = [
        live("a", Phase.WAITING, district="1470", waiting_since=NOW),
        live("b", Phase.TALKING, district="1470"),
        live("c", Phase.MENU, district="1470"),
        live("d", Phase.TALKING, district="1460"),
        live("e", Phase.MENU),
        live("f", Phase.GONE, district="1460"),  # only the operator is left
    ]
    desks = [desk("x", Doing.READY, district="1470"), desk("y", Doing.TALKING, district="1470")]
    names = {"1470": "Københavns Politi", "1460": "Nordjyllands Politi", "1464": "Sydøstjyllands Politi"}
    loads = load_by_district(calls, [*desks, desk("z", Doing.READY)], names)
    assert loads == [
        DistrictLoad("1460", "Nordjyllands Politi", 0, 1, 0, 0),
        DistrictLoad("1464", "Sydøstjyllands Politi", 0, 0, 0, 0),
        DistrictLoad("1470", "Københavns Politi", 1, 1, 1, 1),
        DistrictLoad(None, None, 0, 0, 1, 0),
    ]
    assert shades(loads) == {"1460": 1 / 3, "1464": 0.0, "1470": 1.0}
    assert len(on_the_line(calls)) == sum(load.live for load in loads) == 5


def test_without_calls_nothing_is_shaded_and_no_row_is_for_the_unknown() -> None:
    loads = load_by_district([], [], {"1470": "Københavns Politi"})
    assert [load.code for load in loads] == ["1470"]
    assert shades(loads) == {}


def test_operators_stand_by_what_they_do_and_who_has_done_it_longest_first() -> None:
    desks = [
        desk("free", Doing.READY, 5),
        desk("new", Doing.TALKING, 9),
        desk("old", Doing.TALKING, 3),
        desk("away", Doing.AWAY),
        desk("rung", Doing.RINGING, 99),
    ]
    assert [one.operator.name for one in in_order(desks)] == ["rung", "old", "new", "free", "away"]


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        (1_551_697_200_000, 1_551_654_000_000),  # in winter a day begins at 23:00 UTC
        (1_561_939_199_000, 1_561_932_000_000),  # in summer at 22:00
        (1_554_026_400_000, 1_553_986_800_000),  # the day on which summer time begins
    ],
)
def test_the_day_is_the_danish_one(now, begins) -> None:
    assert midnight(now) == begins


# --- the menus --------------------------------------------------------------------------------


def test_every_way_on_from_a_node_has_its_row_and_its_share() -> None:
    survey, say = shipped_menu("survey"), say_in("en")
    shares = {("waiting_time", "silence", ""): 0.9, ("waiting_time", HUNG_UP, ""): 0.1}
    assert list(option_rows(survey.nodes["waiting_time"], shares, say)) == [
        ["waiting_time", "number keyed", "right_person", "–"],
        ["waiting_time", "wrong key", "goodbye", "–"],
        ["waiting_time", "silence", "goodbye", "90 %"],
        ["waiting_time", "hung up", "–", "10 %"],
    ]
    outdoors = list(option_rows(shipped_menu("114").nodes["outdoors"], {("outdoors", "key", "#"): 1.0}, say))
    assert outdoors[0] == ["outdoors", "0", "emergency", "–"]
    assert outdoors[-2:] == [
        ["outdoors", "*", "the same node again", "–"],
        ["outdoors", "#", "the node before", "100 %"],
    ]


# --- the search -------------------------------------------------------------------------------


def test_the_address_keeps_the_place_in_the_list_but_not_of_a_list_it_does_not_name() -> None:
    assert address_of({"service": "", "number": ""}, 0) == "/calls"
    assert address_of({"service": "112", "number": " "}, 25) == "/calls?service=112&offset=25"
    assert address_of({"service": "112", "number": "2030"}, 25) == "/calls?service=112"


@pytest.mark.parametrize(
    ("given", "place"), [("25", 25), ("", 0), ("-1", 0), ("x", 0), ("²", 0), ("9" * 5000, 0), ("10000", 0)]
)
def test_a_place_in_the_list_is_read_from_the_address_or_is_its_beginning(given, place) -> None:
    assert offset_in({"offset": given}) == place
    assert offset_in({}) == 0


def test_how_many_calls_were_found_is_said_of_none_one_and_many() -> None:
    some, say = (CallRecord("a"), CallRecord("b")), say_in("en")
    assert told_of(Found((), 0, False), 0, say) == "No calls fit the search."
    assert told_of(Found(some[:1], 1, False), 0, say) == "1 call found."
    assert told_of(Found(some, 27, False), 25, say) == "27 calls found. Showing 26–27."
    assert told_of(Found(some, 10_000, True), 0, say) == "More than 10000 calls found. Showing 1–2."


def test_an_empty_form_asks_for_everything() -> None:
    assert query_of({"number": " ", "service": "", "since": ""}) == CallQuery()


def test_a_form_is_read_as_a_query_and_its_dates_as_whole_danish_days() -> None:
    values = {
        "number": " 20 30 40 50 ",
        "service": "112",
        "outcome": "answered",
        "since": "2019-03-04",
        "until": "2019-03-30",
        "wrongly": "yes",
        "transfers": "no",
        "text": "kano",
    }
    assert query_of(values) == CallQuery(
        number="20 30 40 50",
        service="112",
        outcome="answered",
        since=1_551_654_000_000,
        until=1_553_986_800_000,
        wrongly_routed=True,
        transferred=False,
        text="kano",
    )


def test_a_call_that_is_not_closed_has_no_outcome_yet() -> None:
    assert query_of({"outcome": "live"}) == CallQuery(is_open=True)


@pytest.mark.parametrize("day", ["yesterday", "2019-02-30", "9999-12-31", "04-03-2019"])
def test_what_is_no_day_is_not_asked_for(day) -> None:
    assert query_of({"until": day}).until is None


def test_no_address_has_what_is_personal_in_it() -> None:
    assert not {"number", "text", "call_id"} & set(IN_ADDRESS)


def test_a_table_writes_what_it_is_given_as_text() -> None:
    table = html_table("<b>", ["a&b"], [[Link('"x"', '/calls/"><script>'), "<i>"]], strong=frozenset({0}))
    assert "<b>" not in table
    assert "<script>" not in table
    assert "<i>" not in table
    assert '<a href="/calls/&quot;&gt;&lt;script&gt;">&quot;x&quot;</a>' in table
    assert '<tr class="strong"><th scope="row">' in table


# --- the page of one call ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", [f"event_{kind}" for kind in EVENT_KINDS])
def test_there_is_a_sentence_for_every_kind_of_event(kind) -> None:
    assert kind in catalogue()


@pytest.mark.parametrize("kind", [f"command_{kind}" for kind in COMMAND_KINDS])
def test_there_is_a_sentence_for_every_kind_of_command(kind) -> None:
    assert kind in catalogue()


@pytest.mark.parametrize(
    ("prefix", "values"),
    [("outcome", Outcome), ("timer", Timer), ("form", LocationForm), ("decided", Action), ("doing", Doing)],
)
def test_there_is_a_word_for_every_value(prefix, values) -> None:
    assert {f"{prefix}_{one.value}" for one in values} <= catalogue().keys()


def test_there_is_a_word_for_every_skill_and_language_of_the_shipped_staff_and_menus() -> None:
    menus = shipped_setting().menus.values()
    staff = [who for script in shipped_scripts() for who in script.staff]
    nodes = [node for menu in menus for node in menu.nodes.values()]
    skills = {node.skill for node in nodes if has_human(node)} | {one for who in staff for one in who.skills}
    languages = {one for menu in menus for one in menu.languages} | {
        one for who in staff for one in who.languages
    }
    needed = {f"skill_{one}" for one in skills} | {f"language_{one}" for one in languages}
    assert needed - catalogue().keys() == set()


def test_seconds_are_written_by_their_sign_which_fits_one_as_well() -> None:
    told = [words for by_language in catalogue().values() for words in by_language.values()]
    assert [words for words in told if "{seconds} sec" in words or "{seconds} sek" in words] == []


def test_there_is_a_word_for_every_phase() -> None:
    assert {f"phase_{phase.name.lower()}" for phase in Phase} <= catalogue().keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("script", shipped_scripts(), ids=lambda script: script.name)
def test_every_recorded_call_can_be_told_in_both_languages(script, language) -> None:
    turns = list(play_virtual(script, shipped_setting()))
    story = teller(language).story(turns)
    assert [(one.seq, one.at, len(one.did)) for one in story] == [
        (turn.seq, turn.event.at, len(turn.commands)) for turn in turns
    ]
    assert not any("{" in sentence for one in story for sentence in (one.what, *one.did))


def test_a_story_says_what_happened_and_what_the_system_did() -> None:
    story = teller().story(played("114-transfer"))
    assert story[0].what == "Call to 114 from +45 10 11 40 20"
    assert story[0].did[:2] == ("took the call", "went to welcome in the menu 114-before")
    told = [sentence for one in story for sentence in (one.what, *one.did)]
    assert "The caller pressed 1" in told
    assert "omstilling-1 transferred to Theft and burglary, Any district; reason: no reason given" in told
    assert told[-1] == "closed the call: Answered"


def test_without_the_permission_a_story_does_not_tell_where_the_caller_was() -> None:
    turns = played("112-aml-late")
    seen = [sentence for one in teller().story(turns) for sentence in one.did]
    assert any("55.658" in sentence for sentence in seen)
    hidden = [sentence for one in teller(positions=False).story(turns) for sentence in one.did]
    assert not any("55.6" in sentence for sentence in hidden)
    assert any(sentence.startswith("found a position") for sentence in hidden)


def test_no_story_repeats_what_a_location_message_holds() -> None:
    turns = played("112-aml-late")
    contents = [content for turn in turns if (content := getattr(turn.event, "content", None))]
    told = str(teller().story(turns))
    assert contents
    assert not any(content in told for content in contents)


def test_a_story_tells_of_a_recording_that_was_asked_for_and_not_that_there_is_one() -> None:
    turns = played("112-aml-late")  # nothing records recorded calls
    told = [sentence for one in teller().story(turns) for sentence in (one.what, *one.did)]
    connected = [sentence for sentence in told if sentence.startswith("connected with")]
    assert [sentence.endswith(" and asked for a recording (1)") for sentence in connected] == [True]
    assert not any("recorded" in sentence or "stored" in sentence for sentence in told)
    assert asked_to_record(turns)
    assert not asked_to_record(played("114-transfer"))


def test_every_fix_is_kept_oldest_first() -> None:
    fixes = fixes_of(played("112-aml-late"))
    sources = [fix.located.position.source.value for fix in fixes if fix.located is not None]
    assert sources == ["cell", "gnss"]
    assert [fix.at for fix in fixes] == sorted(fix.at for fix in fixes)


def test_of_a_call_with_a_transfer_the_latest_registration_of_each_operator_is_shown() -> None:
    said = [
        Registered(NOW, "anna", "tip"),
        Registered(NOW, "bo", "burglary"),
        Registered(NOW, "anna", "running-case"),
    ]
    turns = [Turn("a", seq, event, ()) for seq, event in enumerate(said, 1)]
    assert registered_of(turns) == [said[2], said[1]]


def test_the_path_has_each_node_with_the_keys_pressed_there_and_its_end() -> None:
    path = path_of(played("114-transfer"))
    assert [(step.node, step.keys) for step in path if step.menu == "114-before"] == [
        ("welcome", ""),
        ("main", "1"),
        ("reports", "1"),
        ("property", "1"),
        ("taken", "2"),
        ("switchboard-theft", ""),
    ]
    assert all(isinstance(step, Step) for step in path)


def test_a_journal_comes_out_the_same_on_the_menus_it_was_made_on() -> None:
    turns = played("114-transfer")
    assert check_replay(turns, shipped_setting()) == ReplayCheck(len(turns), None, ())


def test_a_journal_that_was_made_on_other_menus_and_another_map_says_so() -> None:
    first, *others = played("114-transfer")
    first = replace(first, event=replace(first.event, menu_sha256="0" * 64, atlas_sha256="0" * 64))
    check = check_replay([first, *others], shipped_setting())
    assert (check.differs_at, check.changed) == (None, ("menu", "geometry"))


def test_the_first_step_that_comes_out_otherwise_is_named() -> None:
    turns = played("114-transfer")
    turns[4] = replace(turns[4], commands=turns[4].commands[:-1])
    assert check_replay(turns, shipped_setting()).differs_at == 5


def test_a_call_of_a_menu_that_is_gone_cannot_be_replayed() -> None:
    first, *others = played("114-transfer")
    first = replace(first, event=replace(first.event, menu="before-that"))
    assert check_replay([first, *others], shipped_setting()) == ReplayCheck(0, None, ("menu",))
