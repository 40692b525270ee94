"""`vagtcentral asterisk config` as its users see it: what is printed, what is refused, what stays secret."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vagtcentral.console.asterisk import app
from vagtcentral.console.settings import PREFIX, load_settings

STAFF = """\
- {name: anna, skills: [emergency], endpoint: PJSIP/anna}
- {name: bo, skills: [theft], endpoint: PJSIP/bo-7}
- {name: carl, skills: [theft]}
"""


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without settings."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["config", *map(str, arguments)])


def one_line(result: Result) -> str:
    """The complaint: status 2, one line on stderr, nothing on stdout."""
    assert (result.exit_code, result.stdout) == (2, "")
    line, end = result.stderr.split("\n")
    assert end == ""
    assert line.startswith("vagtcentral: ")
    return line.removeprefix("vagtcentral: ")


def test_it_prints_what_the_controller_needs_and_no_secret(tmp_path: Path) -> None:
    result = run(tmp_path / "a", "--ari-port", 18088, "--operator", "anna", "--emergency-fallback", "anna")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "VAGTCENTRAL_ARI_URL=http://127.0.0.1:18088/ari",
        "VAGTCENTRAL_ARI_USER=vagtcentral",
        f"VAGTCENTRAL_ARI_PASSWORD_FILE={tmp_path}/a/ari.secret",
        "VAGTCENTRAL_SIP_ADDRESS=127.0.0.1:5060",
        f"VAGTCENTRAL_RECORDINGS={tmp_path}/a/state/spool/recording",
        f"VAGTCENTRAL_PROMPTS={Path.cwd()}/var/prompts",
    ]
    secret = (tmp_path / "a" / "ari.secret").read_text().strip()
    assert len(secret) >= 32
    assert secret not in result.output


def test_as_json_it_is_one_document_without_a_secret(tmp_path: Path) -> None:
    result = run(tmp_path / "a", "--operator", "bo=127.0.0.1:6100", "--operator", "anna", "--json")
    document = json.loads(result.stdout)
    assert document["operators"] == ["anna", "bo"]
    assert document["sip"] == "127.0.0.1:5060"
    assert set(document["files"]) == {path.name for path in (tmp_path / "a").iterdir() if path.is_file()}
    assert (tmp_path / "a" / "ari.secret").read_text().strip() not in result.output
    assert "contact = sip:bo@127.0.0.1:6100" in (tmp_path / "a" / "pjsip.conf").read_text()


def test_without_options_the_switch_is_that_of_the_settings_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = tmp_path / "staff.yaml"
    staff.write_text(STAFF)
    for name, value in {
        "CARRIER": "asterisk",  # whose password is only being made
        "ARI_PASSWORD_FILE": str(tmp_path / "a" / "ari.secret"),
        "ARI_APP": "vagt-kbh",
        "ARI_URL": "http://127.0.0.1:18088",
        "SIP_ADDRESS": "127.0.0.2:15060",
        "PROMPTS": str(tmp_path / "sound"),
        "STAFF": str(staff),
    }.items():
        monkeypatch.setenv(PREFIX + name, value)
    result = run(tmp_path / "a", "--json")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert (document["application"], document["sip"]) == ("vagt-kbh", "127.0.0.2:15060")
    assert document["operators"] == ["anna", "bo-7"]
    assert document["environment"]["VAGTCENTRAL_ARI_URL"] == "http://127.0.0.1:18088/ari"
    assert document["environment"]["VAGTCENTRAL_PROMPTS"] == str(tmp_path / "sound")
    assert f"prompts => {tmp_path}/sound" in (tmp_path / "a" / "asterisk.conf").read_text()


def test_options_go_before_the_settings_and_what_the_switch_lacks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = tmp_path / "staff.yaml"
    staff.write_text(STAFF)
    monkeypatch.setenv("VAGTCENTRAL_STAFF", str(staff))
    monkeypatch.setenv("VAGTCENTRAL_SIP_ADDRESS", "127.0.0.2:15060")
    monkeypatch.setenv("VAGTCENTRAL_TRUNK", "tdc")
    given = ("--operator", "anna", "--sip-port", 5070, "--prompts", tmp_path / "mine")
    result = run(tmp_path / "a", *given, "--json")
    document = json.loads(result.stdout)
    assert (document["operators"], document["sip"]) == (["anna"], "127.0.0.2:5070")
    assert document["environment"]["VAGTCENTRAL_PROMPTS"] == str(tmp_path / "mine")
    assert f"{staff}: bo-7: no such phone on this switch" in result.stderr
    assert "VAGTCENTRAL_TRUNK is tdc; the network's endpoint on this switch is network" in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("STAFF", "staff.yaml", "staff.yaml: no list of operators"),
        ("PORT", "none", "VAGTCENTRAL_PORT: 'none'; a whole number"),
        ("SIP_ADDRESS", "pbx:5060", "SIP address 'pbx': an IP address"),
    ],
)
def test_a_setting_that_is_no_use_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, seen: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "staff.yaml").write_text("nobody\n")
    monkeypatch.setenv(PREFIX + name, value)
    assert seen in one_line(run(tmp_path / "a"))
    assert not (tmp_path / "a").exists()


def test_it_says_so_when_112_has_nowhere_to_fall_back_to(tmp_path: Path) -> None:
    assert "no --emergency-fallback" in run(tmp_path / "a").stderr
    assert (
        "no --emergency-fallback"
        not in run(tmp_path / "b", "--emergency-fallback", "sip:vagt@127.0.0.1").stderr
    )


def test_configuration_of_someone_else_is_not_overwritten_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[their-trunk]\n")
    assert f"{tmp_path}/pjsip.conf was not written by vagtcentral" in one_line(run(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["pjsip.conf"]
    assert run(tmp_path, "--force").exit_code == 0
    assert "their-trunk" not in (tmp_path / "pjsip.conf").read_text()


@pytest.mark.parametrize(
    ("arguments", "seen"),
    [
        (["--operator", "anna hansen"], "operator 'anna hansen': a letter, then letters, digits, - and _"),
        (["--operator", "anna]"], "operator 'anna]': a letter"),
        (["--operator", "4512"], "operator '4512': a letter"),
        (["--operator", "anna="], "operator anna: contact '': must be host:port, an IPv6"),
        (["--operator", "anna", "--operator", "anna"], "operator anna is named twice"),
        (["--emergency-fallback", "112"], "emergency fallback 112: for a number, the network contact must"),
        (
            ["--emergency-fallback", "anna"],
            "emergency fallback 'anna': a number, the name of an operator given",
        ),
        (["--ari-port", "0"], "ARI port 0: 1 to 65535"),
        (["--rtp-ports", "100"], "--rtp-ports '100': must be FIRST-LAST"),
        (["--sip-host", "lokal"], "SIP address 'lokal': an IP address such as 127.0.0.1"),
        (["--sip-host", "::1%x\nevil = yes"], r"SIP address '::1%x\nevil = yes': an IP address such as"),
        (["--network-host", "fe80::1%x\n[evil]\ntype=endpoint"], r"network host 'fe80::1%x\n[evil]\ntype"),
        (["--network-host", "10.0.0.1/8"], "network host '10.0.0.1/8': an IP address, or a network"),
        (["--service-message", "/nowhere/closed.wav"], "sound /nowhere/closed.wav: there is no such file"),
        (["--emergency-message", __file__], ".py: its name must end in .wav, .gsm, .alaw, .ulaw, .sln"),
    ],
)
def test_a_bad_option_is_refused_in_one_line_and_nothing_is_written(
    tmp_path: Path, arguments: list[str], seen: str
) -> None:
    assert seen in one_line(run(tmp_path / "a", *arguments))
    assert not (tmp_path / "a").exists()


def test_a_built_in_sound_that_the_installed_switch_does_not_have_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sounds = tmp_path / "switch" / "usr/share/asterisk/sounds/en_US"
    sounds.mkdir(parents=True)
    for name in ("beep", "im-sorry", "please-try-call-later"):
        (sounds / f"{name}.gsm").write_text("")
    monkeypatch.setenv("VAGTCENTRAL_ASTERISK", str(tmp_path / "switch"))
    seen = one_line(run(tmp_path / "a", "--emergency-message", "beep&nosuchsound"))
    assert seen.startswith("sound 'nosuchsound': no built-in sound of the switch, ")
    assert run(tmp_path / "a", "--emergency-message", "beep").exit_code == 0
    monkeypatch.setenv("VAGTCENTRAL_ASTERISK", str(tmp_path / "nothing installed"))
    assert run(tmp_path / "a", "--emergency-message", "tt-monkeys").exit_code == 0, "an Asterisk of one's own"


def test_an_ipv6_address_is_bound_and_is_printed_as_the_settings_take_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = ("--sip-host", "::1", "--sip-port", 5662, "--network-host", "::1", "--operator", "bo=[::1]:6100")
    result = run(tmp_path / "a", *where)
    assert "VAGTCENTRAL_SIP_ADDRESS=[::1]:5662" in result.stdout.splitlines()
    written = (tmp_path / "a" / "pjsip.conf").read_text()
    for line in ("bind = [::1]:5662", "media_address = ::1", "match = ::1", "contact = sip:bo@[::1]:6100"):
        assert line in written.splitlines()
    monkeypatch.setenv("VAGTCENTRAL_SIP_ADDRESS", "[::1]:5662")
    assert load_settings().sip_address == "[::1]:5662"
    assert run(tmp_path / "b").exit_code == 0
    assert "bind = [::1]:5662" in (tmp_path / "b" / "pjsip.conf").read_text().splitlines()


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert f"{tmp_path}/file" in one_line(run(tmp_path / "file" / "a"))
