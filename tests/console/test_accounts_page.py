"""The log on the administrator's page: what was done, and what is said nearer of it, in words."""

from dataclasses import fields

import pytest

from vagtcentral.console.accounts.access_log import Deed, Entry
from vagtcentral.console.accounts.sign_in import Refusal
from vagtcentral.console.pages.accounts_page import detail_of
from vagtcentral.console.words import catalogue, say_in
from vagtcentral.evaluation.search import CallQuery


def line(deed: Deed, detail: str | None) -> Entry:
    return Entry(1, 0, deed, "anna", None, None, None, detail)


@pytest.mark.parametrize(
    ("prefix", "values"),
    [("deed", Deed), ("refusal", Refusal), ("sought", [part.name for part in fields(CallQuery)])],
)
def test_there_is_a_word_for_everything_that_the_log_names(prefix, values) -> None:
    assert {f"{prefix}_{one}" for one in values} - catalogue().keys() == set()


@pytest.mark.parametrize(
    ("deed", "detail", "told"),
    [
        (Deed.SEARCHED_CALLS, "text, since, until", "Søgt efter: tekst i registreringen, fra dato, til dato"),
        (Deed.SEARCHED_CALLS, None, "–"),
        (Deed.SIGN_IN_FAILED, "replayed code", "engangskode brugt før"),
        (Deed.ACCOUNT_ADDED, "supervisor", "leder"),
        (Deed.LOOKED_AT_CALL, "earlier calls of the number", "tidligere opkald fra nummeret"),
        (Deed.TOKEN_MADE, "8f3a look_up_calls", "8f3a look_up_calls"),
    ],
)
def test_a_detail_is_in_words_unless_it_is_a_name(deed, detail, told) -> None:
    assert detail_of(line(deed, detail), say_in("da")) == told
