"""Who may come in, and who looked at what. Accounts are made and changed at the command line (`user …`)."""

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.guard import address_of
from vagtcentral.console.accounts.permissions import Permission
from vagtcentral.console.accounts.person import By
from vagtcentral.console.pages.format import date_time
from vagtcentral.console.pages.parts import panel, table, text
from vagtcentral.console.pages.shell import Visit, page

#: So many of the latest lines of the log are shown.
LOG_LINES = 200


@page("/accounts", Permission.MANAGE_ACCOUNTS, title="nav_accounts")
async def accounts(visit: Visit) -> None:
    """All accounts, and the log for those who may read it."""
    say = visit.say
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
        table([say(column) for column in columns], rows)
    if visit.person.may(Permission.READ_ACCESS_LOG):
        await _draw_log(visit)


async def _draw_log(visit: Visit) -> None:
    say, log = visit.say, visit.services.accounts.log
    await log.write(Deed.READ_ACCESS_LOG, By(visit.person.name, address_of(visit.request)))
    with panel(say("access_log")):
        rows = [
            [
                date_time(one.at),
                one.who or "–",
                one.deed.value,
                one.call_id or one.account or "–",
                one.address or "–",
            ]
            for one in await log.read(limit=LOG_LINES)
        ]
        columns = ("log_when", "log_who", "log_deed", "log_what", "log_from")
        table([say(column) for column in columns], rows)
