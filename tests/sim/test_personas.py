"""Simulated callers with a story: drawn the same by the same seed, true to the map, and good to talk with."""

import random
from collections import Counter
from collections.abc import Iterable

import pytest
import shapely

from vagtcentral.console.registration import CODES
from vagtcentral.evaluation.record import CallRecord
from vagtcentral.ivr.commands import Connect, HangUp, Hold, RingOperator
from vagtcentral.ivr.events import CallerHungUp, Event
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.location.aml import decode
from vagtcentral.location.atlas import Atlas
from vagtcentral.location.position import Position
from vagtcentral.location.uncertainty import RAYLEIGH, distance_m, radius_95
from vagtcentral.sim.agenda import VirtualAgenda
from vagtcentral.sim.conversation import NobodyListensError, Utterance
from vagtcentral.sim.live import LiveLine, LiveSwitch
from vagtcentral.sim.personas import Cast, Persona, Question, question_words, script_for, stories
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import Script, shipped_scripts

START = 1_551_690_000_000
Crowd = list[tuple[Persona, Script]]


@pytest.fixture(scope="module")
def cast() -> Cast:
    return Cast(Atlas.built_in())


@pytest.fixture(scope="module")
def crowd(cast: Cast) -> Crowd:
    """Two thousand callers, each with a call."""
    chance = random.Random(114)
    personas = [cast.draw(chance) for _ in range(2_000)]
    return [(persona, script_for(persona, chance, START)) for persona in personas]


# --- who calls ------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_callers_and_calls(cast: Cast):
    def drawn(seed: int) -> Crowd:
        chance = random.Random(seed)
        personas = [cast.draw(chance) for _ in range(50)]
        return [(persona, script_for(persona, chance, START)) for persona in personas]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_every_story_is_registered_under_a_code_that_there_is_and_says_so_of_itself():
    assert {errand.code for errand in stories().errands} <= set(CODES)
    assert stories().synthetic is True


def test_every_story_is_heard_and_112_has_its_share(crowd: Crowd):
    assert {persona.errand for persona, _ in crowd} == {errand.name for errand in stories().errands}
    services = Counter(persona.service for persona, _ in crowd)
    assert services["112"] / len(crowd) == pytest.approx(stories().share_112, abs=0.035)


def test_nobody_stands_in_the_sea_and_many_people_make_many_calls(crowd: Crowd):
    atlas = Atlas.built_in()
    polygons = dict(zip(atlas.codes, atlas.polygons, strict=True))
    for persona, _ in crowd:
        truth = persona.truth
        assert shapely.contains_xy(polygons[truth.municipality], truth.longitude, truth.latitude)
        assert atlas.district_of(truth.municipality) == truth.district
    from_copenhagen = sum(persona.truth.municipality == "0101" for persona, _ in crowd)
    people = atlas.territory.municipalities
    share = people["0101"].population / sum(row.population for row in people.values())
    assert from_copenhagen / len(crowd) == pytest.approx(share, abs=0.025)


def test_callers_wait_as_long_as_they_have_patience_for(crowd: Crowd):
    shortest = stories().shortest_patience_s
    assert all(persona.patience_s >= shortest for persona, _ in crowd)
    assert len({persona.patience_s for persona, _ in crowd}) > 1_000
    assert all(script.caller.patience_s == round(persona.patience_s, 1) for persona, script in crowd)


# --- what they say --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("question", list(Question))
def test_every_question_is_asked_and_answered_in_the_callers_language(
    crowd: Crowd, language: str, question: Question
):
    speakers = [persona for persona, _ in crowd if persona.language == language]
    other = "da" if language == "en" else "en"
    assert speakers
    assert question_words(question, language) != question_words(question, other)
    for persona in speakers:
        assert persona.answer(question)
        assert "{" not in persona.answer(question) + persona.opening


def test_a_caller_says_his_name_and_some_do_not_know_where_they_are(crowd: Crowd):
    assert all(persona.name in persona.answer(Question.NAME) for persona, _ in crowd)
    unknown = stories().answers["place_unknown"]
    vague = (unknown.da[:20], unknown.en[:13])
    lost = [persona for persona, _ in crowd if persona.answer(Question.PLACE).startswith(vague)]
    assert len(lost) / len(crowd) == pytest.approx(stories().share_without_address, abs=0.04)


# --- their calls ----------------------------------------------------------------------------------


def test_the_keys_lead_to_where_the_matter_belongs_except_for_those_who_key_wrong(crowd: Crowd):
    """Played through the shipped menu, with the shipped staff."""
    staff, setting = shipped_scripts()[0].staff, shipped_setting()
    ways = {errand.name: _way(errand.keys.items()) for errand in stories().errands}
    skills: dict[bool, list[bool]] = {True: [], False: []}
    callers = [pair for pair in crowd if pair[0].service == "114"][:120]
    for persona, script in callers:
        turns = play_virtual(script.model_copy(update={"staff": staff}), setting)
        record = CallRecord.fold("call", turns)
        own = _way(persona.keys) == ways[persona.errand]
        reached = (record.destination or "").removeprefix("112/")
        skills[own].append(reached == persona.truth.skill)
    assert len(skills[True]) > 90
    assert all(skills[True])
    assert skills[False]
    assert not any(skills[False])


def _way(keys: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The choices of a way through the menu, without the language and the postcode."""
    return [(heard, key) for heard, key in keys if len(key) == 1 and key != "9"]


def test_positions_are_as_good_as_they_say(crowd: Crowd):
    inside: dict[str, list[bool]] = {"cell": [], "aml": []}
    for persona, script in crowd:
        there = Position(persona.truth.latitude, persona.truth.longitude)
        for message in script.location:
            if message.cell is not None:
                latitude, longitude, radius = map(float, message.cell.split(","))
                inside["cell"].append(distance_m(Position(latitude, longitude), there) <= radius)
            else:
                read = decode(message.aml or "", START + round(1_000 * message.after_s))
                assert {str(one) for one in read.anomalies} <= {"imsi-truncated", "imei-zeroed"}
                assert read.position is not None
                reach = radius_95(read.position, RAYLEIGH)
                assert reach is not None
                inside["aml"].append(distance_m(read.position, there) <= reach)
    for kind, hits in inside.items():
        assert sum(hits) / len(hits) == pytest.approx(0.95, abs=0.03), kind


def test_a_phone_sends_its_position_on_112_alone_sometimes_late_and_sometimes_never(crowd: Crowd):
    sent = {"112": Counter[str](), "114": Counter[str]()}
    for persona, script in crowd:
        after = [message.after_s for message in script.location if message.aml is not None]
        sent[persona.service]["none" if not after else "late" if after[0] >= 25 else "in time"] += 1
    assert set(sent["114"]) == {"none"}
    assert min(sent["112"][when] for when in ("none", "late", "in time")) > 50


# --- talking with them ----------------------------------------------------------------------------


class Desk:
    """A switch with one caller in virtual time, and a desk at which somebody may sit."""

    def __init__(self, cast: Cast, *, manned: bool = True, patience_s: float = 60.0) -> None:
        self.agenda = VirtualAgenda(START)
        self.told: list[tuple[int, Event]] = []
        self.recorded: list[tuple[str, tuple[Utterance, ...]]] = []
        chance = random.Random(7)
        self.persona = cast.draw(chance)
        script = script_for(self.persona, chance, START)
        caller = script.caller.model_copy(update={"patience_s": patience_s, "does": ()})
        self.switch = LiveSwitch(
            (script,),
            self.agenda,
            lambda call_id, event: self.told.append((self.agenda.now(), event)),
            lambda call_id, number, service: None,
            lambda operator: manned,
            chance,
            8.0,
            cast,
            lambda call_id, name, lines: self.recorded.append((name, lines)),
        )
        self.call_id = self.switch.place(script.model_copy(update={"caller": caller}), self.persona)

    @property
    def line(self) -> LiveLine:
        return self.switch.lines[self.call_id]

    def let_pass(self, seconds: float) -> None:
        over: list[bool] = []
        self.agenda.call_at(self.agenda.now() + round(seconds * 1000), lambda: over.append(True))
        while not over:
            self.agenda.step()

    def hung_up(self) -> list[int]:
        return [at - START for at, event in self.told if isinstance(event, CallerHungUp)]


def test_who_is_connected_says_what_it_is_about_and_answers(cast: Cast):
    desk = Desk(cast)
    with pytest.raises(NobodyListensError):
        desk.line.say(Question.PLACE)
    desk.line.perform((RingOperator("anna"), Connect("anna", "1")))
    assert desk.line.say(Question.HURT) == desk.persona.answer(Question.HURT)
    assert desk.line.conversation is not None
    said = [(one.by_caller, one.words) for one in desk.line.conversation.lines]
    assert said == [
        (True, desk.persona.opening),
        (False, question_words(Question.HURT, desk.persona.language)),
        (True, desk.persona.answer(Question.HURT)),
    ]


def test_a_caller_on_hold_answers_nothing_and_does_not_begin_again(cast: Cast):
    desk = Desk(cast)
    desk.line.perform((RingOperator("anna"), Connect("anna", "1"), Hold()))
    with pytest.raises(NobodyListensError):
        desk.line.say(Question.NAME)
    desk.line.perform((Connect("anna", "2"),))
    assert desk.line.conversation is not None
    assert [one.words for one in desk.line.conversation.lines] == [desk.persona.opening]
    desk.line.perform((RingOperator("bo"), Connect("bo", "3")))
    assert [name for name, _ in desk.recorded] == ["1"]


def test_kept_waiting_for_too_long_a_caller_hangs_up_and_is_patient_while_talking(cast: Cast):
    desk = Desk(cast, patience_s=60.0)
    desk.line.perform((Hold(),))
    desk.let_pass(50)
    desk.line.perform((Hold(),))  # after an announcement in the queue: it is the same wait
    desk.let_pass(5)
    assert desk.hung_up() == []
    desk.line.perform((RingOperator("anna"), Connect("anna", "1")))
    desk.let_pass(600)
    assert desk.hung_up() == []
    desk.line.perform((Hold(),))
    desk.let_pass(120)
    assert desk.hung_up() == [715_000]


def test_a_conversation_at_a_desk_is_recorded_if_that_was_asked_for(cast: Cast):
    desk = Desk(cast)
    desk.line.perform((RingOperator("anna"), Connect("anna", "1")))
    desk.line.say(Question.PLACE)
    desk.line.perform((Hold(),))
    desk.line.perform((Connect("anna"),))
    desk.line.perform((Hold(),))
    ((name, lines),) = desk.recorded
    assert name == "1"
    assert [one.by_caller for one in lines] == [True, False, True]


def test_a_colleagues_conversation_is_not_recorded(cast: Cast):
    desk = Desk(cast, manned=False)
    desk.line.perform((RingOperator("anna"), Connect("anna", "1"), Hold()))
    assert desk.recorded == []


def test_the_truth_of_a_call_is_kept_for_the_summary(cast: Cast):
    desk = Desk(cast)
    assert desk.switch.truths == {desk.call_id: desk.persona.truth}


def test_lines_are_let_go_when_they_are_many_but_never_one_with_a_caller(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("vagtcentral.sim.live.LINES_KEPT", 5)
    desk = Desk(cast)
    script = desk.line.script
    others = [desk.switch.place(script) for _ in range(3)]
    desk.switch.lines[others[0]].perform((HangUp(),))
    others += [desk.switch.place(script) for _ in range(4)]
    assert others[0] not in desk.switch.lines
    assert set(desk.switch.lines) == {desk.call_id, *others[1:]}


def test_the_cast_rings_by_itself_and_each_caller_has_a_story(cast: Cast):
    desk = Desk(cast)
    desk.switch.start()
    desk.let_pass(400)
    desk.switch.stop()
    assert len(desk.switch.lines) > 20
    assert set(desk.switch.truths) == set(desk.switch.lines)
    assert all(line.conversation is not None for line in desk.switch.lines.values())
