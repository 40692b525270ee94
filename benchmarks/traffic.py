"""The callers and the staff of `whole_call`: a list of plans, drawn once, that both models act out.

A plan says when the call comes, which keys the caller presses how long after hearing which question (wrong
ones and none among them), where he is and when the network says so, how long he will wait for an operator,
how long the talk and its registration take, whether he answers the survey. What becomes of the call is not
in it. All of it is synthetic.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

from benchmarks.plan import Message, Place, Plan, Reply, prompt_lengths
from vagtcentral.ivr.dispatch import Operator
from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.ivr.setting import Setting
from vagtcentral.ivr.whereabouts import Whereabouts
from vagtcentral.location.territory import read_rows

#: Monday 4 March 2019, 07:00 UTC.
START = 1_551_682_800_000
#: Mean time between calls; with the staff below, operators are busy 89 % of the time.
MEAN_GAP_MS = 2_480
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
        self._cells = {spot[0]: self._masts(spot) for spot in self._spots}

    def _masts(self, spot: tuple[str, float, float]) -> list[str]:
        """The circles of the cells that serve a postcode: three, the same for everybody there."""
        random = self.random
        _, latitude, longitude = spot
        return [
            f"{latitude + random.gauss(0, 0.005):.5f},{longitude + random.gauss(0, 0.008):.5f},"
            f"{random.randint(500, 6_000)}"
            for _ in range(3)
        ]

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
            circle = random.choice(self._cells[spot[0]])
            messages.append(Message(random.randint(300, 2_000), LocationForm.CELL_CIRCLE, circle))
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
                whereabouts = Whereabouts(self._setting, service)
                for one in messages[:count]:
                    whereabouts.received(LocationReceived(at + one.after_ms, one.form, one.content))
                if keyed:
                    whereabouts.keyed(LocationForm.POSTCODE, postcode, at + 30_000)
                places[count, keyed] = Place(whereabouts.district, whereabouts.spared)
        return places


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y%m%d%H%M%S")


def _spots(setting: Setting) -> tuple[list[tuple[str, float, float]], list[float]]:
    """Postcodes with their middles, and running weights by which they are drawn: their people, roughly."""
    rows = read_rows("postcodes.csv")
    municipalities = setting.atlas.territory.municipalities
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["municipality"]] = counts.get(row["municipality"], 0) + 1
    running, weights = 0.0, []
    for row in rows:
        running += municipalities[row["municipality"]].population / counts[row["municipality"]]
        weights.append(running)
    return [(row["code"], float(row["latitude"]), float(row["longitude"])) for row in rows], weights
