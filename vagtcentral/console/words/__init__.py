"""The words of the pages in Danish and English: YAML files beside this one, one for each part of the console.

Each key has both languages, or reading them fails: nothing can be left untranslated.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

LANGUAGES = ("da", "en")

#: Gives the words for a key: `say("calls_waiting", count=3)`.
Say = Callable[..., str]


class WordsError(Exception):
    """A catalogue that cannot be used: file, key, what is wrong."""


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """All keys with their words by language; `WordsError` for one that lacks a language or stands twice."""
    words: dict[str, Mapping[str, str]] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".yaml"):
            continue
        for key, translations in YAML(typ="safe").load(file.read_text(encoding="utf-8")).items():
            if key in words:
                raise WordsError(f"{file.name}: {key} is in another file too")
            if not isinstance(translations, dict) or set(translations) != set(LANGUAGES):
                raise WordsError(f"{file.name}: {key}: needs {' and '.join(LANGUAGES)}, and nothing else")
            words[key] = {language: str(text) for language, text in translations.items()}
    return words


def has_words(key: str) -> bool:
    """Whether there are words for this key."""
    return key in catalogue()


def say_in(language: str) -> Say:
    """The words of one language; `KeyError` for a key that is in no catalogue."""

    def say(key: str, /, **given: object) -> str:
        text = catalogue()[key][language]
        return text.format(**given) if given else text

    return say


def preferred(accept_language: str | None, chosen: str | None) -> str:
    """The language to use: the one chosen, else the first that the browser asks for, else Danish.

    `accept_language` is the header of that name (RFC 9110, section 12.5.4).
    """
    if chosen in LANGUAGES:
        return chosen
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate((accept_language or "").split(",")):
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        ranked.append((-quality, place, tag.split("-")[0].lower()))
    spoken = [language for quality, _, language in sorted(ranked) if quality < 0 and language in LANGUAGES]
    return spoken[0] if spoken else "da"
