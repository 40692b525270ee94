"""The settings become the setting that calls are run with."""

import os

import pytest

from vagtcentral.console.live_setting import live_setting
from vagtcentral.console.settings import PREFIX, SettingsError, load_settings
from vagtcentral.location.decision import Costs

CELLS = "radio,mcc,net,area,cell,unit,lon,lat,range\nLTE,238,1,1011,257,1,10.2039,56.1629,900\n"
NUMBERS = "number,latitude,longitude,name,district\nF510,57.72,10.58,Grenen,1460\n"


@pytest.fixture
def setting(monkeypatch):
    """Makes the setting with these variables, and no others."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)

    def made(**values):
        for name, value in values.items():
            monkeypatch.setenv(PREFIX + name.upper(), str(value))
        return live_setting(load_settings())

    return made


def test_without_settings_calls_are_never_held_and_tables_are_the_invented_ones(setting):
    made = setting()
    assert made.costs == Costs()
    assert made.costs.hold_s == 0
    assert made.cells is made.rescue_numbers is None


def test_costs_are_named_and_those_left_out_keep_their_own(setting):
    assert setting(costs="hold_s=20, better_fix=0.9").costs == Costs(hold_s=20, better_fix=0.9)


def test_cells_and_rescue_numbers_come_from_their_files(setting, tmp_path):
    cells, numbers = tmp_path / "cells.csv", tmp_path / "numbers.csv"
    cells.write_text(CELLS, encoding="utf-8")
    numbers.write_text(NUMBERS, encoding="utf-8")
    made = setting(cells=cells, rescue_numbers=numbers)
    assert len(made.cells) == 1
    assert made.rescue_numbers.signs.keys() == {"F510"}
    assert not made.rescue_numbers.synthetic


@pytest.mark.parametrize("name", ["cells", "rescue_numbers"])
def test_a_table_that_cannot_be_read_is_one_line_with_the_variable_and_the_file(setting, tmp_path, name):
    file = tmp_path / "table.csv"
    file.write_text("nonsense\n", encoding="utf-8")
    for path in (file, tmp_path):
        with pytest.raises(SettingsError) as refusal:
            setting(**{name: path})
        (line,) = refusal.value.lines
        assert line.startswith(f"{PREFIX}{name.upper()}: {path}: ")
        assert "\n" not in line
