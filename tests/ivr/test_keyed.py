"""What a caller keys of where he is: which digits name a place, and how the record spells them."""

from dataclasses import replace

import pytest

from vagtcentral.ivr.keyed import FORMS, spelled
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.location.rescue import RescueSign, RescueTable
from vagtcentral.menus.model import Entry


@pytest.mark.parametrize(
    ("entry", "keyed", "known"),
    [
        (Entry.POSTCODE, "8000", True),
        (Entry.POSTCODE, "0000", False),
        (Entry.SQUARE, "6223576", True),
        (Entry.SQUARE, "622357", False),  # no square has six digits
        (Entry.SQUARE, "62235760", False),
        (Entry.SQUARE, "621707250", True),  # in the Sound, off Helsingør
        (Entry.SQUARE, "622057600", False),  # in Scania
        (Entry.SQUARE, "6100435", False),  # in the German Bight, 30 km from Denmark
        (Entry.SQUARE, "6035890", False),  # in the sea, far from land
        (Entry.SQUARE, "7223576", False),
        (Entry.RESCUE, "77001", True),
        (Entry.RESCUE, "77999", False),
        (Entry.RESCUE, "7777001", True),  # S001: S is the fourth letter of its key
        (Entry.RESCUE, "66667001", False),  # no key has five letters
        (Entry.RESCUE, "333510", False),  # the invented signs begin with N
        (Entry.NUMBER, "1", False),
    ],
)
def test_only_digits_that_name_a_place_in_or_near_denmark_are_known(entry, keyed, known):
    assert shipped_setting().knows_place(entry, keyed) is known


def test_a_table_of_the_site_says_which_signs_there_are():
    signs = {"F510": RescueSign("F510", 57.72, 10.58, "Grenen", "1460")}
    setting = replace(shipped_setting(), rescue_numbers=RescueTable(signs, "signs.csv", False))
    assert setting.knows_place(Entry.RESCUE, "333510")
    assert not setting.knows_place(Entry.RESCUE, "77001")


def test_a_rescue_number_is_shown_as_on_its_sign_and_all_else_as_keyed():
    assert spelled(Entry.RESCUE, "333510") == "F510"
    assert spelled(Entry.SQUARE, "6223576") == "6223576"
    assert spelled(Entry.POSTCODE, "8000") == "8000"


def test_every_entry_that_tells_a_place_has_a_form_of_evidence():
    assert FORMS.keys() == set(Entry) - {Entry.NUMBER}
