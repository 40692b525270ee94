"""Every list of oddities: names for the record, sentences for people."""

import pytest

from vagtcentral.location.anomaly import Anomaly
from vagtcentral.location.form_anomaly import FormAnomaly
from vagtcentral.location.named import Named
from vagtcentral.location.xml_oddity import XmlOddity

LISTS = (Anomaly, FormAnomaly, XmlOddity)


def test_all_lists_of_this_room_are_known_here():
    here = {one for one in Named.__subclasses__() if one.__module__.startswith("vagtcentral.location.")}
    assert here == set(LISTS)


@pytest.mark.parametrize("names", LISTS)
def test_member_is_its_name_in_the_record_and_explains_itself_in_a_sentence(names):
    for member in names:
        assert member == member.value == member.name.lower().replace("_", "-") == names(member.value)
        assert member.meaning[0].isupper() or member.meaning.startswith("`")
        assert member.meaning.endswith(".")
        assert "\n" not in member.meaning
    assert len({member.meaning for member in names}) == len(names)
