"""What calls are run with by commands that take no settings of their own: the settings in the environment."""

from typing import TYPE_CHECKING, NoReturn

from vagtcentral.console.output import note, refuse

if TYPE_CHECKING:
    from vagtcentral.console.settings import Settings
    from vagtcentral.ivr.setting import Setting


def setting_in_use() -> "Setting":
    """Menus, geometry, tables and policy as `serve` would have them; ends with status 2 if they are no use.

    Without a setting in the environment that is what comes with the program.
    """
    from vagtcentral.console.live_setting import live_setting
    from vagtcentral.console.settings import SettingsError
    from vagtcentral.menus.problems import MenuError

    settings = settings_in_use()
    try:
        return live_setting(settings)
    except SettingsError as error:
        refuse_lines(error.lines)
    except MenuError as error:
        from vagtcentral.console.menu import refuse_menu

        refuse_menu(error)


def settings_in_use() -> "Settings":
    """The settings in the environment; ends with status 2 and a line for each that cannot be used.

    Nothing here signs in to a switch, so its password need not be there.
    """
    from vagtcentral.console.settings import SettingsError, load_settings

    try:
        return load_settings(carrier="sim", ari_password_file=None)
    except SettingsError as error:
        refuse_lines(error.lines)


def refuse_lines(lines: tuple[str, ...]) -> NoReturn:
    """End with status 2 and these lines."""
    *others, last = lines
    for line in others:
        note(f"vagtcentral: {line}")
    refuse(last)
