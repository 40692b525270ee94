"""What a caller is going to do, on whichever switch: whom he calls, which keys he presses, when he goes."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CallPlan:
    """One caller's part of a call; instants are milliseconds since he was answered.

    `number` None is a hidden one. `keys` are in their order. `leaves_at` is when he hangs up, None if he
    waits to be hung up on; `over_at` is when either is expected.
    """

    service: str
    number: str | None = field(repr=False)
    keys: tuple[tuple[int, str], ...]
    leaves_at: int | None
    over_at: int
