"""The settings made into what calls are run with: menus, geometry, tables, policy."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from vagtcentral.console.settings import SERVICES, Settings, SettingsError, variable
from vagtcentral.ivr.setting import CallPolicy, Setting
from vagtcentral.location.atlas import Atlas
from vagtcentral.location.cells_index import CellIndex
from vagtcentral.location.decision import costs_of
from vagtcentral.location.rescue import RescueTable
from vagtcentral.menus.load import find_menu, load_menu, shipped_menu, shipped_names

Table = TypeVar("Table")


def live_setting(settings: Settings) -> Setting:
    """The menus and the geometry that the settings name.

    Raises `MenuError` for a menu that cannot be used, `SettingsError` for one that has no survey of its name.
    """
    menus = {name: shipped_menu(name) for name in shipped_names()}
    menus |= {service: load_menu(find_menu(settings.menus[service])) for service in SERVICES}
    for service in SERVICES:
        survey = menus[service].survey
        if survey is not None and survey not in menus:
            known = ", ".join(sorted(menus))
            named = settings.menus[service]
            raise SettingsError(
                [f"{variable('menus')}: {service}={named}: survey: {survey}; known menus are: {known}"]
            )
    policy = CallPolicy(ring_ms=settings.ring_s * 1000, wrap_up_ms=settings.wrap_up_s * 1000)
    atlas = _table("atlas", settings.atlas, Atlas.load) or Atlas.built_in()
    cells = _table("cells", settings.cells, CellIndex.read)
    rescue_numbers = _table("rescue_numbers", settings.rescue_numbers, RescueTable.read)
    costs = costs_of(settings.costs)
    return Setting(menus, atlas, policy, costs, cells, rescue_numbers, settings.radius_model)


def _table(name: str, path: Path | None, read: Callable[[Path], Table]) -> Table | None:
    """The table in a file of the settings; None where none is named. `SettingsError` if it cannot be read."""
    try:
        return None if path is None else read(path)
    except (OSError, ValueError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        reason = reason if reason.startswith(str(path)) else f"{path}: {reason}"
        raise SettingsError([f"{variable(name)}: {reason}"]) from None
