"""How long a sign-in has to wait after failures: a pure rule, with figures for accounts and for addresses.

The wait grows from failure to failure, and never for good: nobody must be able to keep an operator away from
his desk by failing in his name. That is why the longest wait of an address is far longer than that of an
account: one address alone cannot keep an account waiting.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

#: Failures are forgotten when nobody has failed for so long, in milliseconds.
QUIET_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Slope:
    """How waits grow: the first `free` failures cost nothing, then 1 s, 2 s, 4 s and so to `longest_ms`."""

    free: int
    longest_ms: int

    def wait_ms(self, failures: int) -> int:
        """How long after the last of so many failures the next attempt may come, in milliseconds."""
        costly = failures - self.free
        if costly <= 0:
            return 0
        return min(self.longest_ms, 1_000 << min(costly - 1, 30))

    def left_ms(self, failures: int, last_at: int, now: int) -> int:
        """How much of that wait is left; none where the clock was set back by more than the wait."""
        wait = self.wait_ms(failures)
        left = last_at + wait - now
        return left if 0 < left <= wait else 0


ACCOUNT = Slope(free=5, longest_ms=60_000)
#: A whole control room may stand behind one address, and all of it signs in when the shift begins.
ADDRESS = Slope(free=20, longest_ms=900_000)


def address_group(address: str | None) -> str:
    """What of an address is counted together: an IPv4 address whole, of IPv6 the /64 of one network."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)
