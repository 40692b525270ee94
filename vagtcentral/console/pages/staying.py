"""A page that stays open: whether its visitor may still see it, asked while it is open and when he signs out.

What comes over the page's socket is no request, so nothing else would notice that a session is over, or keep
one alive that is in use.
"""

import logging
from collections.abc import Callable
from typing import Any

from nicegui import context, ui

from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.person import Person
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.evaluation.schema import StoreError

log = logging.getLogger(__name__)

#: How often an open page asks whether its session still is, in seconds.
ASK_EVERY_S = 20.0

#: How long after it was told to leave a page is closed by the server, in seconds.
CLOSE_S = 2.0

#: The name of what the browser tells when somebody presses a key or a button, at most every ten seconds.
OPERATED = "operated"

TELL_OPERATED = """<script>
(() => {
  let told = 0;
  const tell = () => {
    if (Date.now() - told < 10000 || typeof emitEvent !== "function") return;
    told = Date.now();
    emitEvent("operated");
  };
  const kinds = ["keydown", "pointerdown", "wheel"];
  for (const kind of kinds) addEventListener(kind, tell, {capture: true, passive: true});
})();
</script>"""


class Stay:
    """One open page of one person. `busy` says whether what goes on at the page is use, keys or none."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.busy: Callable[[], bool] = lambda: False
        self.on_signed_out: list[Callable[[], None]] = []
        self._operated = True
        self._left = False

    def begin(self, accounts: AccountStore, permission: Permission) -> None:
        """Watch over the page that is being drawn now. A page got with a token has no session to watch."""
        if self.person.session is None:
            return
        self._accounts, self._permission = accounts, permission
        self._client: Any = context.client
        _open.setdefault(self.person.session, []).append(self)
        self._client.on_delete(self._closed)
        ui.add_head_html(TELL_OPERATED)
        ui.on(OPERATED, self._note, args=[])
        ui.timer(ASK_EVERY_S, self.ask)

    @property
    def over(self) -> bool:
        """Whether the page has been told to go: nothing is to be done for it any more."""
        return self._left

    def _note(self) -> None:
        self._operated = True

    async def ask(self) -> None:
        """Ask whether the session still is; when it is over, or the role is another, the page is left."""
        used, self._operated = self._operated or self.busy(), False
        try:
            person = await self._accounts.sessions.again(self.person, used=used)
        except StoreError as error:
            log.warning("whether a session still is cannot be looked up now: %s", error)
            return
        if person is None:
            self.leave()
        elif person.operator != self.person.operator or not person.may(self._permission):
            self._go("location.reload()")

    def leave(self) -> None:
        """The session is over: to the sign-in, and nothing that is done here counts any more."""
        here = "encodeURIComponent(location.pathname + location.search)"
        self._go(f"location.assign('/sign-in?next=' + {here})")

    def signed_out(self) -> None:
        """Somebody has signed out in this browser."""
        self.leave()
        for tell in self.on_signed_out:
            tell()

    def _go(self, script: str) -> None:
        if self._left or self._client.is_deleted:
            return
        self._left = True
        with self._client:
            ui.run_javascript(script)
            # A browser that does not go is cut off: its page is no more.
            ui.timer(CLOSE_S, self._client.delete, once=True)

    def _closed(self) -> None:
        stays = _open.get(self.person.session or "", [])
        if self in stays:
            stays.remove(self)
        if not stays:
            _open.pop(self.person.session or "", None)


_open: dict[str, list[Stay]] = {}


def session_ended(session: str) -> None:
    """Leave every page of this session."""
    for stay in list(_open.get(session, ())):
        stay.signed_out()
