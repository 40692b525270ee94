"""What the carrier knows of one call on the switch: its channels, what the caller hears, its bridge."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class OperatorLeg:
    """The channel to one operator, and whether he has taken it."""

    channel: str
    answered: bool = False


@dataclass(slots=True)
class AsteriskLine:
    """One call on the switch.

    `caller` is the channel of the caller, None while he is off the line. `ending` holds the channels that we
    hang up ourselves, so that their end is not reported as somebody's act.
    """

    call_id: str
    caller: str | None
    caller_answered: bool = True
    playing: str | None = None
    holding: bool = False
    bridge: str | None = None
    operators: dict[str, OperatorLeg] = field(default_factory=dict)
    ending: set[str] = field(default_factory=set)

    def operator_on(self, channel: str) -> str | None:
        """The operator whose channel this is."""
        return next((name for name, leg in self.operators.items() if leg.channel == channel), None)

    def channels(self) -> tuple[str, ...]:
        """Every channel of the call that is not being ended."""
        legs = [leg.channel for leg in self.operators.values()]
        return tuple(channel for channel in (self.caller, *legs) if channel and channel not in self.ending)
