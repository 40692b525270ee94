"""The calls that are on the switch, and what is told of them: in order, and not in the midst of a turn."""

from collections.abc import Iterator
from contextlib import contextmanager

from vagtcentral.ivr.asterisk.line import AsteriskLine
from vagtcentral.ivr.asterisk.names import read_id
from vagtcentral.ivr.carrier import Report
from vagtcentral.ivr.events import Event


class AsteriskCalls:
    """The line of each call, by its id. `report_now` tells the controller at once, `report` in its turn."""

    def __init__(self, report: Report) -> None:
        self.report_now = report
        self.lines: dict[str, AsteriskLine] = {}
        self._kept: dict[str, list[Event]] = {}

    @contextmanager
    def in_turn(self, call_id: str) -> Iterator[None]:
        """While commands of a call are carried out, what happens to it waits: their failures are told first.

        Otherwise a failure could be taken for that of a later command.
        """
        self._kept[call_id] = []
        try:
            yield
        finally:
            for event in self._kept.pop(call_id):
                self.report(call_id, event)

    def report(self, call_id: str, event: Event) -> None:
        """Tell the controller, once the commands of this call are carried out."""
        kept = self._kept.get(call_id)
        if kept is None:
            self.report_now(call_id, event)
        else:
            kept.append(event)

    def tell(self, line: AsteriskLine, event: Event) -> None:
        """Tell what happened to the call of a line."""
        self.report(line.call_id, event)

    def line_of(self, channel: str) -> AsteriskLine | None:
        """The line to which a channel belongs."""
        return self.lines.get(read_id(channel).call_id)

    def playing(self) -> frozenset[str]:
        """The prompts that callers are hearing, as far as the switch has confirmed them."""
        return frozenset(line.playing for line in self.lines.values() if line.playing in line.there)

    def forget(self, line: AsteriskLine) -> None:
        """Nothing of this call is on the switch any more."""
        self.lines.pop(line.call_id, None)
