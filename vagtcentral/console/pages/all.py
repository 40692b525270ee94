"""Imports every page. The order of the navigation is that of `NAVIGATION` in the shell."""

from vagtcentral.console.pages import (  # noqa: F401
    api_page,
    desk,
    entry,
    keypad,
    menus,
    replay,
    wallboard,
)
