"""Waits grow, are drawn, and end at a bound."""

from vagtcentral.ivr.asterisk.ari_backoff import Backoff


def test_the_first_attempt_is_at_once_and_the_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(0.1, 1.0, lambda: 1.0)
    assert [round(backoff.next(), 3) for _ in range(7)] == [0.0, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_chance_takes_away_up_to_half_of_a_wait() -> None:
    backoff = Backoff(0.1, 1.0, lambda: 0.0)
    assert [round(backoff.next(), 3) for _ in range(6)] == [0.0, 0.05, 0.1, 0.2, 0.4, 0.5]


def test_after_a_reset_the_next_attempt_is_at_once_again() -> None:
    backoff = Backoff(0.1, 1.0, lambda: 1.0)
    for _ in range(5_000):  # an outage of more than an hour
        backoff.next()
    backoff.reset()
    assert backoff.next() == 0.0
