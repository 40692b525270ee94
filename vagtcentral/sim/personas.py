"""Simulated callers with a story: what they say, how they key, how long they wait, and what is true of them.

    cast = Cast(Atlas.built_in())
    persona = cast.draw(chance)
    script = script_for(persona, chance, at)

Everything is drawn from the given `random.Random`, so that the same seed gives the same callers. The stories
are synthetic (`personas.yaml`), and so is how often each is heard.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from math import cos, log, pi, radians, sin, sqrt
from typing import Annotated, Literal

import shapely
from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from vagtcentral.location.atlas import Atlas
from vagtcentral.location.territory import read_rows
from vagtcentral.location.uncertainty import EARTH_RADIUS_M, sigmas_holding
from vagtcentral.sim.script import Caller, CallerStep, LocationMessage, OperatorAct, Script

Share = Annotated[float, Field(ge=0, le=1)]

#: A degree of latitude in metres.
_DEGREE_M = pi * EARTH_RADIUS_M / 180
#: The circle of a cell: its radius in metres is lognormal about this, within these bounds. An assumption.
_CELL_M, _CELL_SPREAD, _CELL_LEAST_M, _CELL_MOST_M = 1_500.0, 0.7, 150.0, 15_000.0
#: The confidence that handsets state for their radius (ETSI TS 103 625, `lc`), and that of a cell's circle.
_AML_CONFIDENCE, _CELL_CONFIDENCE = 0.68, 0.95
_AML_TIME = "%Y%m%d%H%M%S"


class Question(StrEnum):
    """What an operator asks every caller."""

    PLACE = "place"
    HAPPENED = "happened"
    HURT = "hurt"
    OTHERS = "others"
    NAME = "name"
    CALL_BACK = "call_back"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """The same in both languages."""

    da: str
    en: str

    def of(self, language: str) -> str:
        """The words in this language."""
        return self.en if language == "en" else self.da


class Errand(_Part):
    """Why somebody calls. `skill` and `code` are right whatever the caller dialled and keyed.

    `keys` says what is pressed at which prompt of the menu; `postcode` stands for the four digits.
    """

    name: str
    service: Literal["112", "114"]
    skill: str
    code: str
    weight: Annotated[float, Field(gt=0)]
    talks_s: Annotated[float, Field(gt=0)]
    keys: Mapping[str, str] = {}
    opening: Words
    happened: Words
    hurt: Words
    others: Words


class Stories(_Part):
    """The file of the callers' stories."""

    synthetic: Literal[True]
    share_112: Share
    share_english: Share
    share_keys_wrong: Share
    share_without_address: Share
    share_hidden_number: Share
    share_with_aml: Share
    share_aml_late: Share
    patience_s: Mapping[str, float]
    shortest_patience_s: float
    names: Mapping[str, tuple[str, ...]]
    streets: tuple[str, ...]
    questions: Mapping[Question, Words]
    answers: Mapping[str, Words]
    errands: tuple[Errand, ...]


@cache
def stories() -> Stories:
    """The stories that come with the project."""
    text = (files("vagtcentral.sim") / "personas.yaml").read_text(encoding="utf-8")
    return Stories.model_validate(YAML(typ="safe").load(text))


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of a call, and what no operator is shown before the shift is over. Degrees in WGS84."""

    latitude: float
    longitude: float
    municipality: str
    district: str
    skill: str
    code: str


@dataclass(frozen=True, slots=True)
class Persona:
    """One simulated caller. `keys` are pairs of a prompt and what is pressed when it is heard."""

    errand: str
    service: Literal["112", "114"]
    language: str
    name: str
    number: str | None
    truth: Truth
    patience_s: float
    talks_s: float
    opening: str
    answers: Mapping[Question, str]
    keys: tuple[tuple[str, str], ...]

    def answer(self, question: Question) -> str:
        """What the caller says to a standard question, in the language of the caller."""
        return self.answers[question]


def question_words(question: Question, language: str) -> str:
    """How an operator asks it in this language."""
    return stories().questions[question].of(language)


class Cast:
    """Draws callers: people live in every municipality by its population, and stand on land."""

    def __init__(self, atlas: Atlas, stories_told: Stories | None = None) -> None:
        self._stories = stories() if stories_told is None else stories_told
        self._atlas = atlas
        self._polygons = dict(zip(atlas.codes, atlas.polygons, strict=True))
        for polygon in self._polygons.values():
            shapely.prepare(polygon)
        rows = atlas.territory.municipalities
        self._codes = [code for code in atlas.codes if rows[code].population]
        self._people = [rows[code].population for code in self._codes]
        self._postcodes = read_rows("postcodes.csv")

    def draw(self, chance: random.Random) -> Persona:
        """A caller by chance."""
        told = self._stories
        service: Literal["112", "114"] = "112" if chance.random() < told.share_112 else "114"
        errands = [errand for errand in told.errands if errand.service == service]
        errand = _weighted(chance, errands)
        language = "en" if chance.random() < told.share_english else "da"
        municipality = chance.choices(self._codes, self._people)[0]
        latitude, longitude = self._on_land(chance, municipality)
        place = self._postcode(municipality, latitude, longitude)
        hidden = service == "114" and chance.random() < told.share_hidden_number
        said = {
            "name": chance.choice(told.names[language]),
            "street": chance.choice(told.streets),
            "number": str(chance.randrange(1, 99)),
            "town": place["name"],
        }
        district = self._atlas.district_of(municipality)
        return Persona(
            errand=errand.name,
            service=service,
            language=language,
            name=said["name"],
            number=None if hidden else f"+45{chance.randrange(20_000_000, 32_000_000)}",
            truth=Truth(latitude, longitude, municipality, district, errand.skill, errand.code),
            patience_s=self._patience(chance, service),
            talks_s=errand.talks_s * chance.lognormvariate(-0.125, 0.5),
            opening=errand.opening.of(language).format(**said),
            answers=self._answers(chance, errand, language, said, hidden),
            keys=self._keys(chance, errand, errands, language, place["code"]),
        )

    def _on_land(self, chance: random.Random, municipality: str) -> tuple[float, float]:
        """A place inside the municipality's polygon, every spot of it as likely as any other."""
        polygon = self._polygons[municipality]
        west, south, east, north = polygon.bounds
        while True:
            longitude, latitude = chance.uniform(west, east), chance.uniform(south, north)
            if shapely.contains_xy(polygon, longitude, latitude):
                return latitude, longitude

    def _postcode(self, municipality: str, latitude: float, longitude: float) -> dict[str, str]:
        """The nearest postcode of the municipality, or of the country where it has none of its own."""
        narrow = cos(radians(latitude))

        def away(row: dict[str, str]) -> float:
            north, east = float(row["latitude"]) - latitude, float(row["longitude"]) - longitude
            return north**2 + (east * narrow) ** 2

        own = [row for row in self._postcodes if row["municipality"] == municipality]
        return min(own or self._postcodes, key=away)

    def _patience(self, chance: random.Random, service: str) -> float:
        told = self._stories
        return max(told.shortest_patience_s, chance.expovariate(1 / told.patience_s[service]))

    def _answers(
        self, chance: random.Random, errand: Errand, language: str, said: Mapping[str, str], hidden: bool
    ) -> dict[Question, str]:
        told = self._stories
        lost = chance.random() < told.share_without_address
        words = {
            Question.PLACE: told.answers["place_unknown" if lost else "place_known"],
            Question.HAPPENED: errand.happened,
            Question.HURT: errand.hurt,
            Question.OTHERS: errand.others,
            Question.NAME: told.answers["name"],
            Question.CALL_BACK: told.answers["call_back_hidden" if hidden else "call_back_yes"],
        }
        return {question: text.of(language).format(**said) for question, text in words.items()}

    def _keys(
        self,
        chance: random.Random,
        errand: Errand,
        errands: Sequence[Errand],
        language: str,
        postcode: str,
    ) -> tuple[tuple[str, str], ...]:
        """What is keyed: the way to the errand, or on purpose the way to another one of the same service."""
        astray = [one for one in errands if one.skill != errand.skill and one.keys]
        if errand.keys and astray and chance.random() < self._stories.share_keys_wrong:
            errand = chance.choice(astray)
        keyed = tuple((heard, postcode if key == "postcode" else key) for heard, key in errand.keys.items())
        return (("main", "9"), *keyed) if keyed and language == "en" else keyed


def script_for(persona: Persona, chance: random.Random, at: int) -> Script:
    """The call of this caller, arriving at `at` (ms since 1970 UTC).

    The network's circle comes at once. On 112 most phones send their position by AML after some seconds, some
    late, some never; on 114 none does.
    """
    does = tuple(
        CallerStep(on=f"hears {heard}", after_s=round(chance.uniform(1.5, 6.0), 1), keys=key)
        for heard, key in persona.keys
    )
    colleague = OperatorAct(
        answers_after_s=round(chance.uniform(2.0, 8.0), 1), talks_s=round(persona.talks_s, 1)
    )
    return Script(
        name=persona.errand,
        title=persona.errand,
        about="A simulated caller with a story. Synthetic.",
        at=datetime.fromtimestamp(at / 1000, UTC),
        service=persona.service,
        menu=persona.service,
        caller=Caller(number=persona.number, does=does, patience_s=round(persona.patience_s, 1)),
        location=tuple(_location(persona, chance, at)),
        operators=(colleague,),
        staff=(),
    )


def _location(persona: Persona, chance: random.Random, at: int) -> list[LocationMessage]:
    told, truth = stories(), persona.truth
    radius = min(max(chance.lognormvariate(log(_CELL_M), _CELL_SPREAD), _CELL_LEAST_M), _CELL_MOST_M)
    # As many callers are outside the circle as the network's confidence says.
    away = radius * (
        sqrt(chance.random()) if chance.random() < _CELL_CONFIDENCE else chance.uniform(1.0, 1.6)
    )
    latitude, longitude = _beside(chance, truth.latitude, truth.longitude, away)
    messages = [LocationMessage(after_s=0.3, cell=f"{latitude:.5f},{longitude:.5f},{radius:.0f}")]
    if persona.service == "112" and persona.number is not None and chance.random() < told.share_with_aml:
        late = chance.random() < told.share_aml_late
        after_s = round(chance.uniform(25.0, 90.0) if late else chance.uniform(2.0, 15.0), 1)
        messages.append(LocationMessage(after_s=after_s, aml=_aml(truth, chance, at + round(1000 * after_s))))
    return messages


def _aml(truth: Truth, chance: random.Random, fixed_at: int) -> str:
    """A text message of Advanced Mobile Location (ETSI TS 103 625), honest about its uncertainty."""
    method, radius = chance.choice((("G", chance.uniform(5, 40)), ("W", chance.uniform(20, 120))))
    sigma = radius / sigmas_holding(_AML_CONFIDENCE)
    away = sigma * sigmas_holding(chance.random())
    latitude, longitude = _beside(chance, truth.latitude, truth.longitude, away)
    top = datetime.fromtimestamp(fixed_at / 1000, UTC).strftime(_AML_TIME)
    body = (
        f'A"ML=1;lt={latitude:+09.5f};lg={longitude:+010.5f};rd={radius:.0f};top={top};'
        f"lc={100 * _AML_CONFIDENCE:.0f};pm={method};si=238020000000000;ei=350000000000000;mcc=238;mnc=02;ml="
    )
    return f"{body}{len(body) + 3}"


def _beside(chance: random.Random, latitude: float, longitude: float, away_m: float) -> tuple[float, float]:
    """A place so many metres away, in any direction."""
    direction = chance.uniform(0, 2 * pi)
    north, east = away_m * cos(direction), away_m * sin(direction)
    return latitude + north / _DEGREE_M, longitude + east / (_DEGREE_M * cos(radians(latitude)))


def _weighted(chance: random.Random, errands: Sequence[Errand]) -> Errand:
    return chance.choices(errands, [errand.weight for errand in errands])[0]
