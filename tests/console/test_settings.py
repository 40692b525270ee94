"""Settings from the environment: safe defaults, one line for what is wrong, and a manual that is whole."""

import os
import re
from pathlib import Path

import pytest

from vagtcentral.console.settings import (
    PREFIX,
    Settings,
    SettingsError,
    allowed,
    is_secret,
    load_settings,
    unknown_settings,
    variable,
)

MANUAL = Path(__file__).parents[2] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(VAGTCENTRAL_[A-Z_]+)` \| (.*?) \| (.+?) \|$", re.MULTILINE)


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """An environment without settings."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def loaded(monkeypatch, **values):
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def refused(monkeypatch, **values):
    with pytest.raises(SettingsError) as error:
        loaded(monkeypatch, **values)
    return error.value.lines


def test_without_settings_nothing_outside_is_reached_and_nothing_is_secret():
    settings = load_settings()
    assert (settings.host, settings.port, settings.carrier) == ("127.0.0.1", 8114, "sim")
    assert settings.ari_password is settings.aml_hmac_key is settings.aml_gateway_token is None
    assert settings.menus == {"112": "112", "114": "114"}
    assert (settings.prompts, settings.studio, settings.aml_window_s) == (Path("var/prompts"), None, 600)


def test_settings_come_from_the_environment(monkeypatch, tmp_path):
    settings = loaded(
        monkeypatch,
        VAGTCENTRAL_PORT="9000",
        VAGTCENTRAL_CARRIER="asterisk",
        VAGTCENTRAL_ARI_URL="https://pbx.example.dk:8089/",
        VAGTCENTRAL_ARI_PASSWORD="hush",
        VAGTCENTRAL_STUDIO=str(tmp_path),
        VAGTCENTRAL_VOICES="da=da, en=en-us,de=de",
        VAGTCENTRAL_MENUS="114=my-menu.yaml",
        VAGTCENTRAL_LOG_LEVEL="debug",
        VAGTCENTRAL_AML_HMAC_KEY="AML",
    )
    assert (settings.port, settings.ari_url) == (9000, "https://pbx.example.dk:8089")
    assert settings.ari_password.get_secret_value() == "hush"
    assert settings.voices == {"da": "da", "en": "en-us", "de": "de"}
    assert settings.menus == {"112": "112", "114": "my-menu.yaml"}
    assert (settings.log_level, settings.studio) == ("DEBUG", tmp_path)
    assert "hush" not in repr(settings)
    assert "AML'" not in repr(settings)


def test_a_comma_in_the_folder_of_the_prompts_is_refused_where_a_switch_plays_them(monkeypatch, tmp_path):
    line = "a folder; with asterisk no comma in its whole path"
    real = {"VAGTCENTRAL_CARRIER": "asterisk", "VAGTCENTRAL_ARI_PASSWORD": "hush"}
    given = {"VAGTCENTRAL_PROMPTS": "/srv/p,q"}
    assert refused(monkeypatch, **real, **given) == (f"VAGTCENTRAL_PROMPTS: '/srv/p,q'; {line}",)
    assert loaded(monkeypatch, VAGTCENTRAL_CARRIER="sim").prompts == Path("/srv/p,q")
    here = tmp_path / "p,q"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.delenv("VAGTCENTRAL_PROMPTS")
    (said,) = refused(monkeypatch, **real)
    assert said.startswith("VAGTCENTRAL_PROMPTS: '/")
    assert said.endswith(line)


def test_an_empty_variable_is_as_if_it_were_not_there(monkeypatch):
    settings = loaded(monkeypatch, VAGTCENTRAL_PORT="", VAGTCENTRAL_STAFF="", VAGTCENTRAL_AML_HMAC_KEY="")
    assert (settings.port, settings.staff, settings.aml_hmac_key) == (8114, None, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "99999"),
        ("PORT", "http"),
        ("HOST", "not a host"),
        ("CARRIER", "twilio"),
        ("ARI_URL", "pbx"),
        ("ARI_URL", "ftp://pbx"),
        ("ARI_URL", "http://pbx:99999999"),
        ("ARI_APP", "a b"),
        ("MENUS", "113=113"),
        ("MENUS", "112"),
        ("MENUS", "112=a,112=b"),
        ("VOICES", "da"),
        ("VOICE_RATE", "1000"),
        ("STAFF", "/nowhere/staff.yaml"),
        ("STUDIO", "/nowhere"),
        ("AML_WINDOW_S", "-1"),
        ("AML_WINDOW_S", "10.5"),
        ("AML_HMAC_HASH", "md5"),
        ("LOG_LEVEL", "loud"),
        ("COSTS", "ask"),
        ("COSTS", "asking=1"),
        ("COSTS", "ask=much"),
        ("COSTS", "hold_s=61"),
        ("TARGETS", "112=90"),
        ("TARGETS", "112=101/10"),
        ("TARGETS", "113=90/10"),
        ("CELLS", "/nowhere/cells.csv"),
        ("RESCUE_NUMBERS", "/nowhere/numbers.csv"),
        ("ATLAS", "/nowhere/dagi.atlas"),
        ("RADIUS_MODEL", "normal"),
        ("ARI_TRANSPORT", "carrier pigeon"),
        ("CALLER_ID", "Vagtcentral <114>"),
        ("CALLER_ID", "1"),
        ("TRUNK", "PJSIP/network"),
        ("LOST_SOURCE", "lost"),
        ("LOST_DOMAIN", "politi example"),
        ("LOST_ADDRESSES", "1459=tel:114"),
        ("LOST_ADDRESSES", "1470=kbh.example"),
        ("LOST_ADDRESSES", "1470=tel:114 http:kbh"),
        ("LOST_UPDATED", "yesterday"),
    ],
)
def test_a_bad_value_is_one_line_with_the_variable_the_value_and_what_is_allowed(monkeypatch, name, value):
    lines = refused(monkeypatch, **{PREFIX + name: value})
    assert lines == (f"{PREFIX}{name}: {value!r}; {allowed(name.lower())}",)
    assert allowed(name.lower())


def test_no_address_of_a_district_is_shown_as_it_may_hold_a_password(monkeypatch):
    (line,) = refused(monkeypatch, VAGTCENTRAL_LOST_ADDRESSES="1459=sip:a:hush@kbh.example")
    assert line.startswith("VAGTCENTRAL_LOST_ADDRESSES: a value that is not shown; pairs such as 1470=sip:")


def test_what_is_given_goes_before_the_environment(monkeypatch):
    monkeypatch.setenv("VAGTCENTRAL_CARRIER", "asterisk")  # which needs a password
    assert load_settings(carrier="sim").carrier == "sim"


def test_a_service_without_a_target_keeps_its_own(monkeypatch):
    settings = loaded(monkeypatch, VAGTCENTRAL_TARGETS="114=80/20")
    assert settings.targets == {"112": "90/10", "114": "80/20"}


def test_every_bad_value_has_its_line(monkeypatch):
    lines = refused(monkeypatch, VAGTCENTRAL_PORT="x", VAGTCENTRAL_CARRIER="y")
    assert [line.partition(":")[0] for line in lines] == ["VAGTCENTRAL_PORT", "VAGTCENTRAL_CARRIER"]


def test_asterisk_needs_a_password(monkeypatch):
    assert refused(monkeypatch, VAGTCENTRAL_CARRIER="asterisk") == (
        "VAGTCENTRAL_ARI_PASSWORD: missing; "
        "the password of that user; needed with VAGTCENTRAL_CARRIER=asterisk",
    )


def test_a_password_in_an_address_is_refused_and_not_shown(monkeypatch):
    (line,) = refused(monkeypatch, VAGTCENTRAL_ARI_URL="http://user:hush@pbx:8088")
    assert line.startswith("VAGTCENTRAL_ARI_URL: a value that is not shown; an address")
    assert "hush" not in line


def test_a_slip_of_the_pen_is_told():
    environment = {"VAGTCENTRAL_PROT": "1", "VAGTCENTRAL_PORT": "1", "VAGTCENTRAL_SEARCH": "20", "PATH": "x"}
    environment |= {
        "VAGTCENTRAL_ASTERISK": "/srv/asterisk",
        "VAGTCENTRAL_DEBIAN_MIRROR": "https://deb.example",
    }
    assert unknown_settings(environment) == ["VAGTCENTRAL_PROT: no such setting; is VAGTCENTRAL_PORT meant?"]


def test_secrets_are_known_as_such():
    secrets = {name for name in Settings.model_fields if is_secret(name)}
    assert secrets == {"ari_password", "aml_hmac_key", "aml_gateway_token"}


def test_the_manual_describes_every_setting_and_no_other_with_its_default():
    rows = {name: (default, text) for name, default, text in ROW.findall(MANUAL.read_text(encoding="utf-8"))}
    assert list(rows) == [variable(name) for name in Settings.model_fields]
    for name, field in Settings.model_fields.items():
        value = field.default
        if isinstance(value, dict):
            value = ",".join(f"{key}={meant}" for key, meant in value.items())
        default, text = rows[variable(name)]
        assert default == ("none" if value is None else f"`{value}`"), name
        assert len(text) > 20, name
