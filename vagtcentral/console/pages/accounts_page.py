"""Who may come in, and who looked at what. Accounts are made and changed at the command line (`user …`)."""

from nicegui import ui

from vagtcentral.console.accounts.access_log import Deed, Entry
from vagtcentral.console.accounts.guard import address_of
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.person import By
from vagtcentral.console.pages.format import date_time, word
from vagtcentral.console.pages.html_table import html_table
from vagtcentral.console.pages.parts import button, choice, entry, panel, table, text
from vagtcentral.console.pages.shell import Visit, page
from vagtcentral.console.pages.wallboard import STYLE
from vagtcentral.console.words import Say
from vagtcentral.evaluation.schema import StoreError

#: So many lines of the log are shown at once.
LOG_LINES = 100


@page("/accounts", Permission.MANAGE_ACCOUNTS, title="nav_accounts")
async def accounts(visit: Visit) -> None:
    """All accounts, and the log for those who may read it."""
    say = visit.say
    ui.add_css(STYLE)
    with panel(say("nav_accounts")):
        text("p", say("accounts_about"), "soft")
        rows = [
            [
                one.name,
                say(f"role_{one.role.value}"),
                one.operator or "–",
                say("yes" if one.totp else "no"),
                date_time(one.disabled_at) or say("no"),
            ]
            for one in await visit.services.accounts.accounts.all()
        ]
        columns = ("user_name", "account_role", "account_operator", "account_totp", "account_disabled")
        table([say(column) for column in columns], rows, name=say("nav_accounts"))
    if visit.person.may(Permission.READ_ACCESS_LOG):
        shown = AccessLogPanel(visit)
        shown.draw()
        await shown.read()


def detail_of(line: Entry, say: Say) -> str:
    """What a line of the log says nearer, in words; names, ids and scopes stand as they are."""
    detail = line.detail
    if not detail:
        return "–"
    match line.deed:
        case Deed.SEARCHED_CALLS:
            return say("log_sought", what=", ".join(word("sought", one, say) for one in detail.split(", ")))
        case Deed.SIGN_IN_FAILED:
            return word("refusal", detail, say)
        case Deed.ACCOUNT_ADDED | Deed.ROLE_SET:
            return word("role", detail, say)
        case Deed.LOOKED_AT_CALL:
            return say("log_earlier_calls")
    return detail


class AccessLogPanel:
    """The log, newest first: of one call, one account, one kind of deed, or all. Each reading is logged."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._say = visit.say

    def draw(self) -> None:
        """Draw the form, and where the lines will stand."""
        say = self._say
        with panel(say("access_log")):
            with ui.element("form").classes("search").on("submit.prevent", lambda: self.read()):
                self._call = entry(say("call_id"))
                self._who = entry(say("log_who"))
                deeds = {"": say("any")} | {deed.value: word("deed", deed.value, say) for deed in Deed}
                self._deed = choice(say("log_deed"), deeds, "")
                with ui.element("div").classes("acts"), ui.element("button") as sought:
                    sought.props("type=submit").classes("act main")
                    ui.label(say("search"))
            self._lines = ui.element("div").classes("wide-scroll").props("role=status")
            self._older = ui.element("div").classes("acts")

    async def read(self, before: int | None = None) -> None:
        """Show the lines that fit what stands in the form now; those before that id, where one is given."""
        visit, log = self._visit, self._visit.services.accounts.log
        wanted = next((deed for deed in Deed if deed.value == self._deed.value), None)
        self._lines.clear()
        self._older.clear()
        try:
            lines = await log.read(
                call_id=self._call.value.strip() or None,
                who=self._who.value.strip() or None,
                deed=wanted,
                before=before,
                limit=LOG_LINES,
            )
            by = By(visit.person.name, address_of(visit.request))
            await log.write(Deed.READ_ACCESS_LOG, by, call_id=self._call.value.strip() or None)
        except StoreError:
            with self._lines:
                text("p", self._say("look_not_logged"), "refused").props("role=alert")
            return
        self._show(lines)

    def _show(self, lines: list[Entry]) -> None:
        say = self._say
        with self._lines:
            if not lines:
                text("p", say("log_nothing"), "soft")
                return
            columns = ("log_when", "log_who", "log_deed", "log_what", "log_detail", "log_from")
            rows = [
                [
                    date_time(one.at),
                    one.who or "–",
                    word("deed", one.deed.value, say),
                    one.call_id or one.account or "–",
                    detail_of(one, say),
                    one.address or "–",
                ]
                for one in lines
            ]
            ui.html(html_table(say("access_log"), [say(one) for one in columns], rows), sanitize=False)
        if len(lines) == LOG_LINES:
            with self._older:
                button(say("older"), lambda: self.read(lines[-1].id))
