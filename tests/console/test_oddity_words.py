"""What is odd about a location message is told in words, in both languages, whatever it is."""

import pytest

from vagtcentral.console.pages.format import oddity
from vagtcentral.console.words import LANGUAGES, say_in
from vagtcentral.evaluation.record import LATE_LOCATION
from vagtcentral.ivr.commands import ShowLocation
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.form_anomaly import FormAnomaly
from vagtcentral.location.xml_oddity import XmlOddity
from vagtcentral.sim.scene import play_virtual
from vagtcentral.sim.script import shipped_scripts

CODES = sorted({*Anomaly, *FormAnomaly, *XmlOddity, LATE_LOCATION, "geoloc-empty", "cell-unknown"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language: str) -> None:
    say = say_in(language)
    assert [str(code) for code in CODES if oddity(str(code), say) == code] == []


def test_a_refused_shape_of_a_call_is_told_by_what_it_was_refused_for() -> None:
    assert oddity("geoloc-axes-swapped", say_in("en")) == "Latitude and longitude may be exchanged"


def test_sources_that_disagree_are_told_in_the_language_of_the_page() -> None:
    assert oddity("gnss is 9 km from cell", say_in("da")).startswith("Kilderne er uenige")


def test_a_code_that_nobody_knows_fails_no_page() -> None:
    assert oddity("never-heard-of", say_in("da")) == "never-heard-of"


def test_whatever_is_odd_in_the_shipped_calls_has_words() -> None:
    say, odd = say_in("da"), set()
    for script in shipped_scripts():
        for turn in play_virtual(script, shipped_setting()):
            odd |= {one for c in turn.commands if isinstance(c, ShowLocation) for one in c.anomalies}
    assert odd
    assert [one for one in odd if oddity(one, say) == one] == []
