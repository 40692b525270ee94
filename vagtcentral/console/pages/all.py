"""Imports every page. The order of the navigation is that of `NAVIGATION` in the shell."""

from vagtcentral.console.pages import (  # noqa: F401
    accounts_page,
    api_page,
    call_page,
    calls,
    desk,
    entry,
    keypad,
    menus,
    replay,
    shift,
    wallboard,
)
