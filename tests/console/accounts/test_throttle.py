"""Waits grow, have an end, and one address cannot keep an account waiting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagtcentral.console.accounts.throttle import ACCOUNT, ADDRESS, Slope, address_group


def test_the_first_failures_are_free_and_then_waits_double_to_an_end() -> None:
    slope = Slope(free=2, longest_ms=5_000)
    assert [slope.wait_ms(failures) for failures in range(8)] == [0, 0, 0, 1_000, 2_000, 4_000, 5_000, 5_000]


@given(st.integers(0, 10**9))
def test_a_wait_never_shrinks_with_one_more_failure_and_never_passes_its_end(failures: int) -> None:
    for slope in (ACCOUNT, ADDRESS):
        assert slope.wait_ms(failures) <= slope.wait_ms(failures + 1) <= slope.longest_ms


def test_an_account_never_waits_longer_than_a_minute() -> None:
    assert ACCOUNT.wait_ms(1_000_000) == 60_000


def test_one_address_cannot_keep_an_account_waiting() -> None:
    """Who fails in another's name all day, as fast as he may, leaves the account free most of it."""
    day = 86_400_000
    now = failures = waiting = 0
    while now < day:
        failures += 1
        waiting += ACCOUNT.wait_ms(failures)
        now += max(ACCOUNT.wait_ms(failures), ADDRESS.wait_ms(failures), 100)
    assert 100 < failures < 200
    assert waiting / day < 0.1


def test_what_is_left_of_a_wait_goes_down_to_nothing() -> None:
    slope = Slope(free=0, longest_ms=60_000)
    assert [slope.left_ms(3, 1_000, now) for now in (1_000, 4_999, 5_000, 9_000)] == [4_000, 1, 0, 0]


def test_a_clock_that_was_set_back_keeps_nobody_waiting() -> None:
    assert Slope(free=0, longest_ms=60_000).left_ms(3, 1_000_000, 0) == 0


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("testclient", "unknown"),
        (None, "unknown"),
        ("", "unknown"),
    ],
)
def test_addresses_of_one_network_are_counted_together(address: str | None, group: str) -> None:
    assert address_group(address) == group
