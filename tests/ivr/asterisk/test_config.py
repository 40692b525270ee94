"""The files of a switch, read as text: every option arrives, secrets are secret, none means two things."""

import configparser
import stat
import wave
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from vagtcentral.ivr.asterisk.config import (
    CDR_COLUMNS,
    CONF_FILES,
    BadOptionError,
    ConfigOptions,
    ForeignConfigurationError,
    OperatorPhone,
    Written,
    foreign_files,
    write_config,
)

ANNA = OperatorPhone(name="anna")
BO = OperatorPhone(name="bo", contact="127.0.0.1:6100")


def sections(path: Path) -> list[tuple[str, dict[str, list[str]]]]:
    """An Asterisk file: its sections in order, several of one name among them, and their repeated keys."""
    found: list[tuple[str, dict[str, list[str]]]] = []
    for line in path.read_text().splitlines():
        text = line.partition(";")[0].strip() if line.lstrip().startswith(";") else line.strip()
        if text.startswith("["):
            found.append((text.strip("[]"), {}))
        elif "=" in text:
            key, _, value = text.partition("=")
            found[-1][1].setdefault(key.strip(), []).append(value.removeprefix(">").strip())
    return found


def section(path: Path, name: str, kind: str | None = None) -> dict[str, str]:
    (one,) = [
        {key: values[0] for key, values in keys.items()}
        for title, keys in sections(path)
        if title == name and (kind is None or keys.get("type") == [kind])
    ]
    return one


def write(folder: Path, **options: Any) -> Written:
    return write_config(folder, ConfigOptions(**options))


def wav(path: Path, rate: int = 8000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(1600))
    return path


#: For each option: a value that is not the default, and a line that it must put into a file.
SHOWN_IN: dict[str, tuple[dict[str, Any], str, str]] = {
    "application": ({"application": "vagt"}, "extensions.conf", "Stasis(vagt,${EXTEN})"),
    "ari_port": ({"ari_port": 18088}, "http.conf", "bindport = 18088"),
    "ari_password": ({"ari_password": "a" * 20}, "ari.conf", "password = " + "a" * 20),
    "sip_host": ({"sip_host": "127.0.0.2"}, "pjsip.conf", "media_address = 127.0.0.2"),
    "sip_port": ({"sip_port": 15060}, "pjsip.conf", "bind = 127.0.0.1:15060"),
    "rtp_ports": ({"rtp_ports": (30000, 30099)}, "rtp.conf", "rtpend = 30099"),
    "network_hosts": ({"network_hosts": ("127.0.0.9", "10.0.0.0/24")}, "pjsip.conf", "match = 10.0.0.0/24"),
    "network_contact": ({"network_contact": "127.0.0.1:6000"}, "pjsip.conf", "contact = sip:127.0.0.1:6000"),
    "operators": ({"operators": (ANNA, BO)}, "pjsip.conf", "contact = sip:bo@127.0.0.1:6100"),
    "emergency_fallback": (
        {"emergency_fallback": "+4511", "network_contact": "127.0.0.1:6000"},
        "extensions.conf",
        "Dial(PJSIP/+4511@network,60)",
    ),
    "emergency_message": ({"emergency_message": "beep"}, "extensions.conf", "Playback(beep)"),
    "service_message": ({"service_message": "sorry&goodbye"}, "extensions.conf", "Playback(sorry&goodbye)"),
    "prompt_folders": (
        {"prompt_folders": (Path("/srv/prompts"),)},
        "asterisk.conf",
        "prompts => /srv/prompts",
    ),
    "state": ({"state": Path("STATE")}, "asterisk.conf", "astlogdir => STATE/log"),
    "session_expires_s": ({"session_expires_s": 90}, "pjsip.conf", "timers_sess_expires = 90"),
    "rtp_timeout_s": ({"rtp_timeout_s": 30}, "pjsip.conf", "rtp_timeout = 30"),
    "system_name": ({"system_name": "aarhus"}, "asterisk.conf", "systemname = aarhus"),
    "extra_modules": ({"extra_modules": ("app_queue",)}, "modules.conf", "require = app_queue.so"),
}


@pytest.mark.parametrize("option", [field.name for field in fields(ConfigOptions)])
def test_every_option_arrives_in_a_file(tmp_path: Path, option: str) -> None:
    options, name, line = SHOWN_IN[option]
    if option == "state":
        options, line = {"state": tmp_path / "other"}, line.replace("STATE", f"{tmp_path}/other")
    written = write(tmp_path / "a", **options)
    plain = write(tmp_path / "b")
    assert line in (written.folder / name).read_text()
    assert line not in (plain.folder / name).read_text()


def test_every_template_is_written_and_is_filled_in(tmp_path: Path) -> None:
    templates = {
        path.name
        for path in files("vagtcentral.ivr.asterisk").joinpath("templates").iterdir()
        if path.name.endswith(".conf")
    }
    assert templates - {"pjsip_operator.conf"} == {f"{name}.conf" for name in CONF_FILES}
    written = write(tmp_path, operators=(ANNA,))
    assert {path.name for path in written.files} == {f"{name}.conf" for name in CONF_FILES} | {"ari.secret"}
    for path in written.files:
        assert "%{" not in path.read_text(), path.name


def test_secrets_are_long_random_and_new_each_time(tmp_path: Path) -> None:
    first = write(tmp_path, operators=(ANNA, BO))
    seen = {first.ari_password, *first.operator_passwords.values()}
    second = write(tmp_path, operators=(ANNA, BO))
    seen |= {second.ari_password, *second.operator_passwords.values()}
    assert len(seen) == 6
    assert min(map(len, seen)) >= 32
    assert section(tmp_path / "ari.conf", "vagtcentral")["password"] == second.ari_password
    assert second.ari_password_file.read_text() == second.ari_password + "\n"
    assert section(tmp_path / "pjsip.conf", "bo", "auth")["password"] == second.operator_passwords["bo"]
    assert all(secret not in repr(second) for secret in seen)


def test_files_with_secrets_and_recordings_are_for_the_owner_only(tmp_path: Path) -> None:
    written = write(tmp_path, operators=(ANNA,))
    secrets = {written.ari_password, *written.operator_passwords.values()}
    for path in written.files:
        holds_secret = any(secret in path.read_text() for secret in secrets)
        assert stat.S_IMODE(path.stat().st_mode) == (0o600 if holds_secret else 0o644), path.name
    assert stat.S_IMODE(written.state.stat().st_mode) == 0o700
    assert written.recordings.is_dir()
    assert written.call_records.parent.is_dir()


def test_nothing_listens_beyond_the_loopback_unless_told_to(tmp_path: Path) -> None:
    write(tmp_path)
    assert section(tmp_path / "http.conf", "general")["bindaddr"] == "127.0.0.1"
    assert section(tmp_path / "pjsip.conf", "udp")["bind"] == "127.0.0.1:5060"
    assert section(tmp_path / "pjsip.conf", "network", "identify")["match"] == "127.0.0.1"
    write(tmp_path, sip_host="0.0.0.0", network_hosts=("10.1.2.3",))
    assert section(tmp_path / "http.conf", "general")["bindaddr"] == "127.0.0.1"
    assert "media_address" not in section(tmp_path / "pjsip.conf", "network", "endpoint")
    write(tmp_path, sip_host="::", network_hosts=("fd00::/8",))
    assert section(tmp_path / "pjsip.conf", "udp")["bind"] == "[::]:5060"
    assert "media_address" not in section(tmp_path / "pjsip.conf", "network", "endpoint")


def test_the_network_is_known_by_its_address_only_and_operators_by_their_secret(tmp_path: Path) -> None:
    write(tmp_path, operators=(ANNA, BO))
    network = section(tmp_path / "pjsip.conf", "network", "endpoint")
    assert network["identify_by"] == "ip"
    assert network["geoloc_incoming_call_profile"] == "<prefer_incoming>"
    for name in ("anna", "bo"):
        phone = section(tmp_path / "pjsip.conf", name, "endpoint")
        assert (phone["auth"], phone["aors"], phone["identify_by"]) == (name, name, "username")
        assert (phone["dtmf_mode"], phone["allow"], phone["direct_media"]) == ("rfc4733", "alaw,ulaw", "no")
        assert phone["context"] == "operators"
        assert section(tmp_path / "pjsip.conf", name, "aor")["max_contacts"] == "1"


def test_the_server_under_ari_keeps_many_connections(tmp_path: Path) -> None:
    write(tmp_path)
    http = section(tmp_path / "http.conf", "general")
    assert (http["sessionlimit"], http["session_keep_alive"]) == ("1000", "60000")


@pytest.mark.parametrize(
    ("target", "dial"),
    [
        ("anna", "PJSIP/anna"),
        ("sip:vagt@127.0.0.1:6112", "PJSIP/network/sip:vagt@127.0.0.1:6112"),
        ("+4533141448", "PJSIP/+4533141448@network"),
    ],
)
def test_112_falls_back_to_a_phone_an_address_or_a_number(tmp_path: Path, target: str, dial: str) -> None:
    write(tmp_path, operators=(ANNA,), network_contact="127.0.0.1:6000", emergency_fallback=target)
    steps = (tmp_path / "extensions.conf").read_text().split("exten => ")
    emergency, attempt = (one for one in steps if one.startswith("112,"))
    order = ["Stasis(", "STASISSTATUS", "Playback(", "Dial(Local/112@fallback/n,60)", "Goto(again)"]
    assert sorted(order, key=emergency.index) == order
    assert attempt.index(f"Dial({dial},60)") < attempt.index("Hangup(16)")
    assert all("Dial(" not in one for one in steps if not one.startswith("112,"))


def test_a_spoken_message_of_ones_own_is_played_and_its_folder_shown_to_the_switch(tmp_path: Path) -> None:
    message = wav(tmp_path / "lukket.wav")
    write(tmp_path / "a", service_message=str(message))
    assert f"Playback({tmp_path}/lukket)" in (tmp_path / "a" / "extensions.conf").read_text()
    assert f"prompts => {tmp_path}\n" in (tmp_path / "a" / "asterisk.conf").read_text()


def test_a_message_that_asterisk_would_not_play_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadOptionError, match=r"16000 Hz, 1 channel\(s\), 16 bits; Asterisk plays 8000 Hz"):
        ConfigOptions(service_message=str(wav(tmp_path / "wide.wav", rate=16000)))
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    with pytest.raises(BadOptionError, match="no readable WAV file"):
        ConfigOptions(service_message=str(tmp_path / "broken.wav"))


def test_the_call_records_have_the_columns_that_are_promised(tmp_path: Path) -> None:
    write(tmp_path)
    mapping = section(tmp_path / "cdr_custom.conf", "mappings")["calls.csv"]
    assert mapping.count("${CSV_QUOTE(${CDR(") == len(CDR_COLUMNS)
    assert {"uniqueid", "start", "answer", "end", "disposition", "userfield"} <= set(CDR_COLUMNS)


def test_the_hold_tone_is_quiet_and_in_the_form_that_asterisk_plays(tmp_path: Path) -> None:
    write(tmp_path)
    assert section(tmp_path / "musiconhold.conf", "default")["directory"] == f"{tmp_path}/moh"
    with wave.open(str(tmp_path / "moh" / "hold.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        samples = memoryview(file.readframes(file.getnframes())).cast("h")
    assert 1000 < max(samples) < 4000


def test_additions_of_ones_own_outlive_a_new_writing(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "pjsip_local.conf").write_text("[mine]\n")
    assert foreign_files(tmp_path) == []
    write(tmp_path)
    assert (tmp_path / "pjsip_local.conf").read_text() == "[mine]\n"
    assert "#tryinclude pjsip_local.conf" in (tmp_path / "pjsip.conf").read_text()


def test_a_folder_of_someone_elses_configuration_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "queues.conf").write_text("[theirs]\n")
    with pytest.raises(ForeignConfigurationError, match=r"queues\.conf was not written by vagtcentral"):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["queues.conf"]


@pytest.mark.parametrize(
    "options",
    [
        {"application": "vagt\nread_only = yes"},
        {"ari_password": "short"},
        {"ari_password": "a;comment-that-is-long"},
        {"network_contact": "127.0.0.1:6000\ncontact=sip:x"},
        {"sip_host": "::1%x\nevil = yes"},
        {"sip_host": "fe80::1%eth0"},
        {"network_hosts": ("fe80::1%x\n[evil]\ntype=endpoint",)},
        {"service_message": __file__},
        {"emergency_fallback": "anna,60)"},
        {"emergency_fallback": "sip:x@127.0.0.1,60,g"},
        {"service_message": "beep)&System(x"},
        {"service_message": "${SHELL(x)}"},
        {"prompt_folders": (Path("/srv/a b"),)},
        {"prompt_folders": (Path("relative"),)},
        {"extra_modules": ("app_queue.so\nload = app_system",)},
        {"system_name": "a b"},
        {"rtp_ports": (20000, 20001)},
        {"session_expires_s": 10},
    ],
)
def test_a_value_that_could_mean_something_else_is_refused_in_one_line(options: dict[str, Any]) -> None:
    with pytest.raises(BadOptionError) as error:
        ConfigOptions(**options)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "name", ["anna hansen", "anna]", "", "1anna", "anna\n[x]", "network", "a" * 41, "Åse"]
)
def test_a_name_that_cannot_be_an_operators_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(BadOptionError, match="operator") as error:
        OperatorPhone(name=name)
    assert "\n" not in str(error.value)


def test_a_folder_too_deep_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadOptionError, match="too long for a socket: 107 bytes at most"):
        write(tmp_path / ("x" * 90))


def test_a_secret_given_is_not_shown_in_the_complaint() -> None:
    with pytest.raises(BadOptionError) as error:
        ConfigOptions(ari_password="tell-nobody")
    assert "tell-nobody" not in str(error.value)


def test_the_files_have_no_line_that_asterisk_would_not_understand(tmp_path: Path) -> None:
    written = write(tmp_path, operators=(ANNA, BO), emergency_fallback="anna")
    for path in written.files:
        if path.suffix == ".conf" and path.name != "extensions.conf":
            text = path.read_text().replace("#tryinclude", ";")
            configparser.ConfigParser(
                comment_prefixes=(";",), delimiters=("=>", "="), strict=False, interpolation=None
            ).read_string(text)


def test_the_manual_says_what_every_file_and_column_is_for(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[3] / "docs" / "asterisk.md").read_text()
    for path in write(tmp_path).files:
        assert f"`{path.name}`" in manual, path.name
    assert ", ".join(CDR_COLUMNS) in " ".join(manual.split())
