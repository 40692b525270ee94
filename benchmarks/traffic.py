"""The callers and the staff of `whole_call`: a list of plans, drawn once, that both models act out.

A plan holds everything that chance decides about one call: when it comes, which keys the caller presses how
long after hearing which question (wrong ones and none among them), where he is and when the network says so,
how long he waits for an operator, how long the talk and its registration take, whether he answers the survey.
What becomes of the call is not in the plan. All of it is synthetic.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from vagtcentral.ivr.dispatch import Operator
from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.ivr.setting import Setting
from vagtcentral.ivr.whereabouts import Whereabouts
from vagtcentral.location.territory import DATA
from vagtcentral.menus.model import Menu
from vagtcentral.sim.switch import spoken_ms

#: Monday 4 March 2019, 07:00 UTC.
START = 1_551_682_800_000
#: Mean time between calls; with the staff below, operators are busy about nine tenths of the time.
MEAN_GAP_MS = 2_760
EMERGENCY_SHARE = 0.25
SURVEY_SHARE = 0.25
ENGLISH_SHARE = 0.08

_LOCAL = frozenset({"theft", "crime", "case", "licence", "local", "general"})
_ALARM = frozenset({"emergency"})
_CENTRAL = frozenset({"general", "fraud", "tips", "emergency"})

#: Share of 114 callers by matter, and the keys that lead there: question and key. "" is a postcode.
_MATTERS: tuple[tuple[int, tuple[tuple[str, str], ...]], ...] = (
    (18, (("main", "1"), ("report", "1"), ("where-it-happened", ""))),
    (10, (("main", "1"), ("report", "3"), ("where-it-happened", ""))),
    (9, (("main", "1"), ("report", "2"))),
    (14, (("main", "2"), ("where-it-happened", ""))),
    (7, (("main", "3"), ("permits", "1"))),
    (6, (("main", "3"), ("permits", "2"))),
    (8, (("main", "3"), ("permits", "3"), ("where-you-live", ""))),
    (5, (("main", "1"), ("report", "#"), ("main", "3"), ("permits", "3"), ("where-you-live", ""))),
    (5, (("main", "4"),)),
    (11, (("main", "5"), ("where-you-live", ""))),
    (3, (("main", "0"),)),
    (4, ()),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """The caller's answer to a question: keys, the first one `after_ms` from the start of what is played.

    With no keys he hangs up instead.
    """

    question: str
    after_ms: int
    keys: str
    gap_ms: int = 350


@dataclass(frozen=True, slots=True)
class Message:
    """A location message, `after_ms` from the call's arrival."""

    after_ms: int
    form: LocationForm
    content: str


@dataclass(frozen=True, slots=True)
class Place:
    """The district that the call is in, as known at some point, and whether that needs no asking."""

    district: str | None
    certain: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that chance decides about one call. `patience_ms` runs from the first waiting music.

    `places` gives what is to be known of the district after that many location messages, without and with the
    keyed postcode: worked out beforehand, for the model that has no location of its own.
    """

    call_id: str
    at: int
    service: str
    caller: str
    replies: tuple[Reply, ...]
    messages: tuple[Message, ...]
    patience_ms: int
    picks_up_ms: int
    talk_ms: int
    wrap_up_ms: int
    survey: bool
    places: Mapping[tuple[int, bool], Place]


class Mind:
    """The caller during the call: which of his replies comes next."""

    __slots__ = ("_next", "_replies")

    def __init__(self, plan: Plan) -> None:
        self._replies = plan.replies
        self._next = 0

    def reply_to(self, question: str) -> Reply | None:
        """The next reply to this question, passing over those to questions not asked; None: he is silent."""
        replies = self._replies
        for index in range(self._next, len(replies)):
            if replies[index].question == question:
                self._next = index + 1
                return replies[index]
        return None


def staff(setting: Setting) -> list[Operator]:
    """56 operators: 36 local ones shared out by population, an alarm operator per district, 8 for all."""
    districts = setting.atlas.territory.districts
    people = sum(row.population for row in districts.values())
    locals_ = [
        code for code, row in districts.items() for _ in range(max(1, round(36 * row.population / people)))
    ]
    found = [
        Operator(f"local-{n}", _LOCAL, frozenset({"da", "en"} if n % 3 else {"da"}), code)
        for n, code in enumerate(locals_[:36])
    ]
    found += [Operator(f"alarm-{code}", _ALARM, frozenset({"da", "en"}), code) for code in districts]
    found += [Operator(f"central-{n}", _CENTRAL, frozenset({"da", "en"})) for n in range(8)]
    return found


def plans(count: int, seed: int, setting: Setting) -> list[Plan]:
    """Draw the plans of `count` calls in order of arrival; the same seed gives the same plans."""
    draw = _Draw(Random(seed), setting)
    at = float(START)
    drawn = []
    for number in range(count):
        at += draw.random.expovariate(1 / MEAN_GAP_MS)
        drawn.append(draw.plan(f"call-{number:06d}", round(at)))
    return drawn


class _Draw:
    """Draws the plans, one after another."""

    def __init__(self, random: Random, setting: Setting) -> None:
        self.random = random
        self._setting = setting
        self._spots, self._weights = _spots(setting)
        self._lengths = prompt_lengths(setting.menus)

    def plan(self, call_id: str, at: int) -> Plan:
        random = self.random
        service = "112" if random.random() < EMERGENCY_SHARE else "114"
        spot = random.choices(self._spots, cum_weights=self._weights)[0]
        replies = [] if service == "112" else self._replies(spot[0])
        messages = self._messages(service, at, spot)
        talk = random.lognormvariate(4.0, 0.6) if service == "112" else random.lognormvariate(4.8, 0.6)
        patience = random.expovariate(1 / (90 if service == "112" else 240))
        survey = service == "114" and random.random() < SURVEY_SHARE
        if survey:
            replies += self._survey_replies()
        return Plan(
            call_id=call_id,
            at=at,
            service=service,
            caller=f"+45{random.randrange(20_000_000, 99_999_999)}",
            replies=tuple(replies),
            messages=messages,
            patience_ms=round(patience * 1000) + 5_000,
            picks_up_ms=random.randint(1_000, 5_000),
            talk_ms=round(talk * 1000) + 5_000,
            wrap_up_ms=round(random.expovariate(1 / 25_000)),
            survey=survey,
            places=self._places(service, at, messages, spot[0]),
        )

    # --- keys ---------------------------------------------------------------------------------

    def _replies(self, postcode: str) -> list[Reply]:
        random = self.random
        (_, path) = random.choices(_MATTERS, [share for share, _ in _MATTERS])[0]
        quick = random.random() < 0.45
        language = "da"
        replies = []
        if random.random() < ENGLISH_SHARE:
            replies.append(self._reply("main", "9", language, quick))
            language = "en"
        for question, key in path:
            if random.random() < 0.03:
                replies.append(self._reply(question, "", language, True))
                break
            if key == "":
                replies += self._postcode(question, postcode, language, quick)
                continue
            if random.random() < 0.10:
                replies.append(self._reply(question, "7", language, quick))
            elif random.random() < 0.05:
                replies.append(self._reply(question, "*", language, quick))
            replies.append(self._reply(question, key, language, quick))
        return replies

    def _postcode(self, question: str, postcode: str, language: str, quick: bool) -> list[Reply]:
        chance = self.random.random()
        if chance < 0.15:
            return []
        right = self._reply(question, postcode, language, quick)
        if chance < 0.22:
            return [self._reply(question, "0000", language, quick), right]
        if chance < 0.27:
            return [self._reply(question, postcode[:2], language, quick), right]
        return [right]

    def _survey_replies(self) -> list[Reply]:
        replies = []
        for question in ("waiting-time", "right-person", "clarified"):
            chance = self.random.random()
            if chance < 0.05:
                replies.append(self._reply(question, "5", "da", False))
            if chance < 0.92:
                replies.append(self._reply(question, self.random.choice("1234"), "da", False))
        return replies

    def _reply(self, question: str, keys: str, language: str, quick: bool) -> Reply:
        """A quick caller keys into the prompt; another hears it out, and may be too late for the timer."""
        random = self.random
        length = self._lengths[question, language]
        after = length * random.uniform(0.2, 0.95) if quick else length + random.expovariate(1 / 2_000)
        return Reply(question, round(after), keys, random.randint(200, 900))

    # --- places -------------------------------------------------------------------------------

    def _messages(self, service: str, at: int, spot: tuple[str, float, float]) -> tuple[Message, ...]:
        random = self.random
        _, latitude, longitude = spot
        messages = []
        if random.random() < (0.85 if service == "112" else 0.35):
            radius = random.randint(500, 6_000)
            near = (latitude + random.gauss(0, 0.005), longitude + random.gauss(0, 0.008))
            after = random.randint(300, 2_000)
            circle = f"{near[0]:.5f},{near[1]:.5f},{radius}"
            messages.append(Message(after, LocationForm.CELL_CIRCLE, circle))
        if service == "112" and random.random() < 0.7:
            after = random.randint(3_000, 25_000)
            messages.append(Message(after, LocationForm.AML_SMS, self._aml(at + after, latitude, longitude)))
        return tuple(messages)

    def _aml(self, at: int, latitude: float, longitude: float) -> str:
        random = self.random
        fields = (
            f"lt={latitude + random.gauss(0, 0.004):+.5f};lg={longitude + random.gauss(0, 0.006):+010.5f};"
            f"rd={random.randint(5, 60)};top={_stamp(at - random.randint(1_000, 8_000))};lc=68;pm=G;"
            f"si=2380{random.randrange(10**10):010d};ei={random.randrange(10**15):015d};mcc=238;mnc=02;ml="
        )
        message = f'A"ML=1;{fields}'
        return f"{message}{len(message) + 3}"

    def _places(
        self, service: str, at: int, messages: Sequence[Message], postcode: str
    ) -> dict[tuple[int, bool], Place]:
        places = {}
        for keyed in (False, True):
            for count in range(len(messages) + 1):
                whereabouts = Whereabouts(self._setting.atlas, service)
                for one in messages[:count]:
                    whereabouts.received(LocationReceived(at + one.after_ms, one.form, one.content))
                if keyed:
                    whereabouts.keyed_postcode(postcode, at + 30_000)
                places[count, keyed] = Place(whereabouts.district, whereabouts.certain)
        return places


def prompt_lengths(menus: Mapping[str, Menu]) -> dict[tuple[str, str], int]:
    """How long each prompt takes to speak, in milliseconds, by prompt and language, of the menus used here."""
    return {
        (spoken.name, spoken.language): spoken_ms(spoken)
        for name in ("112", "114", "survey")
        for translations in menus[name].prompts.values()
        for spoken in translations.values()
    }


def _stamp(at: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y%m%d%H%M%S")


@cache
def _spots_table() -> list[dict[str, str]]:
    with (DATA / "postcodes.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _spots(setting: Setting) -> tuple[list[tuple[str, float, float]], list[float]]:
    """Postcodes with their middles, and running weights by which they are drawn: their people, roughly."""
    rows = _spots_table()
    municipalities = setting.atlas.territory.municipalities
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["municipality"]] = counts.get(row["municipality"], 0) + 1
    running, weights = 0.0, []
    for row in rows:
        running += municipalities[row["municipality"]].population / counts[row["municipality"]]
        weights.append(running)
    return [(row["code"], float(row["latitude"]), float(row["longitude"])) for row in rows], weights
