"""What the log says while the switch cannot be reached."""

import logging
import time

from vagtcentral.ivr.asterisk.ari_errors import AriError

log = logging.getLogger(__name__)


class Trouble:
    """Says that the switch cannot be reached: at once, when the reason changes, every `remind_s` seconds."""

    def __init__(self, remind_s: float) -> None:
        self._remind_s = remind_s
        self._reason = ""
        self._said_at = 0.0
        self._attempts = 0

    def note(self, error: AriError) -> None:
        """One more attempt has failed."""
        self._attempts += 1
        now = time.monotonic()
        if str(error) != self._reason or now - self._said_at >= self._remind_s:
            log.warning("no connection to the switch after %d attempts, going on: %s", self._attempts, error)
            self._reason, self._said_at = str(error), now

    def over(self) -> None:
        """The switch is reached."""
        after = f" after {self._attempts} failed attempts" if self._attempts else ""
        log.info("connected to the switch%s", after)
        self._reason, self._attempts = "", 0
