"""Location messages find their call by the caller's number: before, during and after it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.ivr.matching import LATE_MS, WINDOW_MS, LocationMatcher, number_key

NUMBER = "+4520304050"
T = 1_700_000_000_000
MINUTE = 60_000


def sms(text="one", at=T, form=LocationForm.AML_SMS):
    return LocationReceived(at, form, text)


def give(matcher, text="one", at=T, number=NUMBER, form=LocationForm.AML_SMS):
    return matcher.message(number, sms(text, at, form), at)


@pytest.mark.parametrize(
    "written",
    [
        "+4520304050",
        "4520304050",
        "004520304050",
        "20304050",
        "20 30 40 50",
        "+45 20 30 40 50",
        " 45 20304050 ",
        "(+45) 20-30.40/50",
        "sip:+4520304050@ims.example.dk;user=phone",
        "tel:+45-20-30-40-50",
    ],
)
def test_one_number_has_one_key_however_it_is_written(written):
    assert number_key(written) == "+4520304050"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("+447477593102", "+447477593102"),
        ("447477593102", "+447477593102"),
        ("00447477593102", "+447477593102"),
        ("+46701234567", "+46701234567"),
        ("112", "112"),
        ("+112", "112"),
        ("1204", "1204"),
        ("9" * 60, "9" * 60),
        (None, None),
        ("", None),
        ("anonymous", None),
        ("unknown", None),
        ("0", None),
        ("000000", None),
        ("+", None),
        ("٢٠٣٠٤٠٥٠", None),
        ("sip:anonymous@anonymous.invalid", None),
        ("20304050 or 20304051", None),
    ],
)
def test_foreign_numbers_short_codes_and_hidden_numbers(written, key):
    assert number_key(written) == key


@given(st.text(max_size=80))
def test_any_text_has_a_key_or_none_and_a_key_is_its_own_key(text):
    key = number_key(text)
    if key is not None:
        assert number_key(key) == key


def test_a_message_before_the_call_waits_for_it():
    matcher = LocationMatcher()
    assert give(matcher, "first", T) is None
    assert give(matcher, "second", T + MINUTE) is None
    got = matcher.call_arrived("a", "20 30 40 50", T + 2 * MINUTE)
    assert got == [sms("first", T + 2 * MINUTE), sms("second", T + 2 * MINUTE)]
    assert list(matcher.waiting(T + 2 * MINUTE)) == []


def test_no_event_of_a_call_lies_before_its_arrival():
    matcher = LocationMatcher()
    give(matcher, at=T)
    assert [event.at for event in matcher.call_arrived("a", NUMBER, T + 5)] == [T + 5]


def test_a_message_waits_for_its_window_and_no_longer():
    for wait, found in ((WINDOW_MS, 1), (WINDOW_MS + 1, 0)):
        matcher = LocationMatcher()
        give(matcher, at=T)
        assert len(list(matcher.waiting(T + wait))) == found
        assert len(matcher.call_arrived("a", NUMBER, T + wait)) == found


def test_a_message_during_the_call_goes_to_it():
    matcher = LocationMatcher()
    matcher.call_arrived("a", NUMBER, T)
    assert give(matcher, at=T + 1, number="20304050") == "a"
    assert give(matcher, at=T + 2, number="20304051") is None


def test_a_late_message_goes_to_the_call_that_the_number_made_last():
    matcher = LocationMatcher()
    matcher.call_arrived("a", NUMBER, T)
    matcher.call_arrived("b", NUMBER, T + 5 * MINUTE)
    matcher.call_closed("a")
    matcher.call_closed("b")
    assert give(matcher, "late", T + 50 * MINUTE) == "b"
    assert matcher.is_closed("b")
    assert give(matcher, "later", T + 5 * MINUTE + LATE_MS) == "b"


def test_an_hour_after_its_call_a_message_is_kept_for_another():
    matcher = LocationMatcher()
    matcher.call_arrived("a", NUMBER, T)
    assert give(matcher, at=T + LATE_MS + 1) is None
    assert matcher.is_closed("a")
    assert len(matcher.call_arrived("b", NUMBER, T + LATE_MS + 2)) == 1


def test_a_caller_who_rings_again_brings_his_message_along():
    matcher = LocationMatcher()
    matcher.call_arrived("a", NUMBER, T)
    assert give(matcher, at=T + 1) == "a"
    matcher.call_closed("a")
    assert matcher.call_arrived("b", NUMBER, T + 3 * MINUTE) == [sms("one", T + 3 * MINUTE)]
    assert not matcher.is_closed("b")


def test_a_message_that_comes_twice_is_given_once():
    matcher = LocationMatcher()
    give(matcher, at=T)
    assert give(matcher, at=T + 1) is None
    assert len(matcher.call_arrived("a", NUMBER, T + 2)) == 1
    assert give(matcher, at=T + 3) is None
    assert give(matcher, at=T + 4, form=LocationForm.AML_HTTPS) == "a"
    assert matcher.tally.duplicates == 2
    assert matcher.tally.given == 2


def test_the_same_cell_at_the_next_call_is_no_duplicate():
    matcher = LocationMatcher()
    matcher.call_arrived("a", NUMBER, T)
    assert give(matcher, at=T + 1, form=LocationForm.CELL) == "a"
    assert give(matcher, at=T + 2, form=LocationForm.CELL) is None
    matcher.call_closed("a")
    later = T + 20 * MINUTE
    assert matcher.call_arrived("b", NUMBER, later) == []
    assert give(matcher, at=later + 1, form=LocationForm.CELL) == "b"
    assert give(matcher, at=later + 2, form=LocationForm.CELL) is None


def test_the_same_text_from_another_number_is_no_duplicate():
    matcher = LocationMatcher()
    matcher.call_arrived("a", NUMBER, T)
    matcher.call_arrived("b", "+4520304051", T)
    assert (give(matcher), give(matcher, number="+4520304051")) == ("a", "b")


def test_hidden_callers_and_messages_without_number_never_meet():
    matcher = LocationMatcher()
    assert matcher.call_arrived("a", None, T) == []
    assert give(matcher, number=None) is None
    assert give(matcher, number="anonymous") is None
    assert matcher.call_arrived("b", "anonymous", T + 1) == []
    assert matcher.tally.without_number == 2
    assert len(matcher) == 0


def test_a_call_reported_twice_gets_its_messages_once():
    matcher = LocationMatcher()
    give(matcher)
    assert len(matcher.call_arrived("a", NUMBER, T)) == 1
    assert matcher.call_arrived("a", NUMBER, T + 1) == []


def test_too_many_messages_push_out_the_oldest_and_are_counted():
    matcher = LocationMatcher(most=3)
    for number in range(5):
        give(matcher, at=T + number, number=f"+45203040{number:02}")
    assert len(matcher) == 3
    assert matcher.tally.dropped == 2
    assert matcher.call_arrived("a", "+4520304001", T + 9) == []
    assert len(matcher.call_arrived("b", "+4520304002", T + 9)) == 1


def test_too_many_calls_push_out_the_oldest():
    matcher = LocationMatcher(most=2)
    for number in range(3):
        matcher.call_arrived(str(number), f"+45203040{number:02}", T)
    assert give(matcher, number="+4520304000") is None
    assert give(matcher, number="+4520304002") == "2"


def test_nothing_is_remembered_of_old_numbers():
    matcher = LocationMatcher()
    for number in range(50):
        matcher.call_arrived(str(number), f"+45203040{number:02}", T)
        give(matcher, at=T, number=f"+45203040{number:02}")
    give(matcher, at=T + LATE_MS + WINDOW_MS, number="+4511111111")
    assert len(matcher) == 1
    assert len(matcher._callers) == 1
    assert not matcher._calls


def test_messages_that_no_call_came_for_are_forgotten_with_their_numbers():
    matcher = LocationMatcher()
    for number in range(50):
        give(matcher, at=T, number=f"+45203040{number:02}")
    matcher.call_arrived("a", NUMBER, T + LATE_MS + 1)
    assert (len(matcher), len(matcher._callers)) == (0, 1)


def test_bounds_that_make_no_sense_are_refused():
    for wrong in ({"window_ms": -1}, {"late_ms": -1}, {"most": 0}):
        with pytest.raises(ValueError, match="0 or more, at least 1"):
            LocationMatcher(**wrong)


steps = st.tuples(
    st.sampled_from(["call", "message", "close"]),
    st.sampled_from(["+4520304050", "20304050", "+4520304051", "+4520304052", None]),
    st.integers(0, 5),
    st.integers(0, 20 * MINUTE),
)


@given(st.lists(steps, max_size=60), st.sampled_from([1, 3, 1_000]))
def test_in_any_order_a_call_gets_each_message_of_its_own_number_at_most_once(events, most):
    matcher = LocationMatcher(most=most)
    at = T
    numbers, got = {}, Counter()
    for step, (kind, number, text, pause) in enumerate(events):
        at += pause
        if kind == "call":
            numbers[str(step)] = number_key(number)
            for event in matcher.call_arrived(str(step), number, at):
                assert event.at == at
                got[str(step), event.content] += 1
        elif kind == "message":
            content = f"{number_key(number)} {text} {step // 10}"
            call = matcher.message(number, sms(content, at), at)
            if call is not None:
                assert numbers[call] == number_key(number)
                got[call, content] += 1
        else:
            matcher.call_closed(str(text))
        assert len(matcher) <= most
        assert len(matcher._calls) <= most
        assert sum(len(caller.messages) for caller in matcher._callers.values()) == len(matcher)
    for call, content in got:
        assert content.split()[0] == str(numbers[call])
    if most == 1_000:
        assert all(times == 1 for times in got.values())
