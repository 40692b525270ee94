"""Settings of the live system: environment variables that begin with `VAGTCENTRAL_`; see docs/settings.md.

Secrets come from the environment only, and no value of one is ever shown.
"""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from vagtcentral.console.lost_setting import instant_of_date
from vagtcentral.evaluation.target import target_of
from vagtcentral.ivr.matching import WINDOW_MS
from vagtcentral.location.decision import COST_NAMES, Costs, costs_of
from vagtcentral.location.territory import built_in_territory
from vagtcentral.location.uncertainty import MODELS, RFC_7459_NORMAL_2D
from vagtcentral.menus.prompts import FASTEST, RATE, SLOWEST, VOICES

PREFIX = "VAGTCENTRAL_"
SERVICES = ("112", "114")
#: Variables with the prefix that are for others: tests, pictures and the installation of a switch.
OTHERS = frozenset(f"VAGTCENTRAL_{name}" for name in ("SEARCH", "ASTERISK", "DEBIAN_MIRROR", "PICTURES"))

_PAIRS = "pairs such as {}, separated by commas"
#: Addresses that a district can be reached at: SIP or a telephone number, without blanks and commas.
_ADDRESS = re.compile(r"sips?:[^\s,<>\"]+|tel:\+?[0-9-]+")


class SettingsError(Exception):
    """Settings that cannot be used; `lines` has one line for each variable: its value and what is allowed."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(lines))


def _setting(allowed: str, **options: Any) -> Any:
    """A setting and what is allowed for it, said so that a bad value can be put right."""
    return Field(json_schema_extra={"allowed": allowed}, **options)


class Settings(BaseSettings):
    """Everything that can be set for `vagtcentral serve`. Paths are relative to where it is started."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    store: str = _setting("a file, or sqlite:///FILE", default="var/vagtcentral.sqlite", min_length=1)
    host: str = _setting(
        "an address or name of this machine", default="127.0.0.1", pattern=r"^[A-Za-z0-9.:_-]+$"
    )
    port: int = _setting("a whole number from 1 to 65535", default=8114, ge=1, le=65_535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _setting(
        "DEBUG, INFO, WARNING or ERROR", default="INFO"
    )
    log_format: Literal["text", "json"] = _setting("text or json", default="text")
    carrier: Literal["sim", "asterisk"] = _setting("sim or asterisk", default="sim")
    ari_url: str = _setting(
        "an address such as http://127.0.0.1:8088, without user and password", default="http://127.0.0.1:8088"
    )
    ari_user: str = _setting("a user of ari.conf", default="vagtcentral", min_length=1)
    ari_password: SecretStr | None = _setting(
        "the password of that user; needed with VAGTCENTRAL_CARRIER=asterisk", default=None
    )
    ari_password_file: Path | None = _setting("a file that is there, instead of the password", default=None)
    ari_app: str = _setting(
        "letters, digits, - and _, as in the dialplan",
        default="vagtcentral",
        pattern=r"^[A-Za-z0-9_-]{1,60}$",
    )
    ari_transport: Literal["http", "socket"] = _setting("http or socket", default="http")
    sip_address: str = _setting(
        "HOST:PORT, as `asterisk config` has it; an IPv6 address as [::1]:PORT",
        default="127.0.0.1:5060",
        pattern=r"^([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}$",
    )
    caller_id: str = _setting(
        "a number of 2 to 15 digits, with + before it or without",
        default="114",
        pattern=r"^\+?[0-9]{2,15}$",
    )
    trunk: str = _setting(
        "an endpoint of pjsip.conf: a letter, then letters, digits, - and _",
        default="network",
        pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$",
    )
    menus: Annotated[dict[str, str], NoDecode] = _setting(
        _PAIRS.format("112=112,114=my-menu.yaml") + "; the services are 112 and 114",
        default={"112": "112", "114": "114"},
    )
    staff: Path | None = _setting("a YAML file that is there", default=None)
    sim_calls: str = _setting(
        "`personas`, `all`, or names of recorded calls separated by commas", default="personas", min_length=1
    )
    sim_every_s: float = _setting("a number of seconds from 0.05 to 3600", default=8.0, ge=0.05, le=3600)
    sim_speed: float = _setting("a number from 1 to 60", default=1.0, ge=1, le=60)
    ring_s: int = _setting("a whole number of seconds from 3 to 120", default=15, ge=3, le=120)
    wrap_up_s: int = _setting("a whole number of seconds from 0 to 3600", default=60, ge=0, le=3600)
    costs: Annotated[dict[str, str], NoDecode] = _setting(
        _PAIRS.format("hold_s=20,better_fix=0.8") + f"; names: {', '.join(COST_NAMES)}",
        default={name: f"{getattr(Costs(), name):g}" for name in COST_NAMES},
    )
    targets: Annotated[dict[str, str], NoDecode] = _setting(
        _PAIRS.format("112=90/10,114=70/90") + ": per cent within seconds; the services are 112 and 114",
        default={"112": "90/10", "114": "70/90"},
    )
    atlas: Path | None = _setting("a file that `districts import` wrote", default=None)
    radius_model: str = _setting(f"one of {', '.join(MODELS)}", default=RFC_7459_NORMAL_2D)
    cells: Path | None = _setting("a file of cells that is there", default=None)
    rescue_numbers: Path | None = _setting("a file of rescue numbers that is there", default=None)
    prompts: Path = _setting(
        "a folder; with asterisk no comma in its whole path",
        default=Path("var/prompts"),
        validate_default=True,
    )
    studio: Path | None = _setting("a folder that is there", default=None)
    voices: Annotated[dict[str, str], NoDecode] = _setting(
        _PAIRS.format("da=da,en=en-gb"), default=dict(VOICES)
    )
    voice_rate: int = _setting(
        f"a whole number from {SLOWEST} to {FASTEST}, in words a minute", default=RATE, ge=SLOWEST, le=FASTEST
    )
    recordings: Path = _setting("a folder", default=Path("var/recordings"))
    aml_hmac_key: SecretStr | None = _setting("any text; none: every form counts", default=None)
    aml_hmac_hash: Literal["sha1", "sha256", "sha512"] = _setting("sha1, sha256 or sha512", default="sha1")
    aml_gateway_token: SecretStr | None = _setting("any text; none: every text message counts", default=None)
    aml_window_s: int = _setting(
        "a whole number of seconds from 1 to 86400", default=WINDOW_MS // 1000, ge=1, le=86_400
    )
    lost_source: str = _setting("a dotted name such as lost.police.example", default="lost.police.example")
    lost_domain: str = _setting(
        "a domain such as police.example", default="police.example", pattern=r"^[A-Za-z0-9.-]{1,253}$"
    )
    lost_addresses: Annotated[dict[str, str] | None, NoDecode] = _setting(
        _PAIRS.format("1470=sip:vagt@kbh.example sips:vagt@kbh.example,1471=sip:vagt@bhm.example")
        + "; the codes are 1460 to 1471",
        default=None,
    )
    lost_updated: str | None = _setting("a date or an instant such as 2026-03-01T08:00Z", default=None)

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("menus", "voices", "costs", "targets", "lost_addresses", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        """`a=b,c=d` as a mapping."""
        if not isinstance(value, str):
            return value
        pairs = {}
        for part in value.split(","):
            name, equals, meant = (piece.strip() for piece in part.partition("="))
            if not (name and equals and meant) or name in pairs:
                raise PydanticCustomError("pairs", "not pairs")
            pairs[name] = meant
        return pairs

    @field_validator("menus")
    @classmethod
    def _services(cls, menus: dict[str, str]) -> dict[str, str]:
        """A service that is not named keeps its shipped menu."""
        if not menus.keys() <= set(SERVICES):
            raise PydanticCustomError("service", "no such service")
        return {service: menus.get(service, service) for service in SERVICES}

    @field_validator("costs")
    @classmethod
    def _can_be(cls, costs: dict[str, str]) -> dict[str, str]:
        """Only names and numbers that the decision knows."""
        try:
            costs_of(costs)
        except ValueError:
            raise PydanticCustomError("costs", "no such costs") from None
        return costs

    @field_validator("targets")
    @classmethod
    def _targets(cls, targets: dict[str, str]) -> dict[str, str]:
        """Only services and targets; a service that is not named keeps its own."""
        try:
            for text in targets.values():
                target_of(text)
        except ValueError:
            raise PydanticCustomError("targets", "no such target") from None
        if not targets.keys() <= set(SERVICES):
            raise PydanticCustomError("service", "no such service")
        return dict(cls.model_fields["targets"].default) | targets

    @field_validator("staff", "studio", "ari_password_file", "atlas", "cells", "rescue_numbers")
    @classmethod
    def _there(cls, path: Path | None) -> Path | None:
        if path is not None and not path.exists():
            raise PydanticCustomError("missing_path", "is not there")
        return path

    @field_validator("prompts")
    @classmethod
    def _one_medium(cls, folder: Path, settings: ValidationInfo) -> Path:
        """To the switch a comma ends the name of a sound; every prompt would be silence."""
        if settings.data.get("carrier") == "asterisk" and "," in str(folder.absolute()):
            raise PydanticCustomError("comma", "has a comma")
        return folder

    @field_validator("radius_model")
    @classmethod
    def _model(cls, name: str) -> str:
        if name not in MODELS:
            raise PydanticCustomError("model", "no such model")
        return name

    @field_validator("lost_source")
    @classmethod
    def _dotted(cls, name: str) -> str:
        from vagtcentral.location.lost_directory import is_source  # with it comes all the geometry

        if not is_source(name):
            raise PydanticCustomError("source", "is no dotted name")
        return name

    @field_validator("lost_addresses")
    @classmethod
    def _reachable(cls, addresses: dict[str, str] | None) -> dict[str, str] | None:
        """Only districts that there are, each with one address or several between blanks."""
        for code, text in (addresses or {}).items():
            if code not in built_in_territory().districts:
                raise PydanticCustomError("district", "no such district")
            if not all(map(_ADDRESS.fullmatch, text.split())):
                raise PydanticCustomError("address", "is no address")
        return addresses

    @field_validator("lost_updated")
    @classmethod
    def _instant(cls, text: str | None) -> str | None:
        if text is not None and instant_of_date(text) is None:
            raise PydanticCustomError("instant", "is no instant")
        return text

    @field_validator("ari_url")
    @classmethod
    def _address(cls, text: str) -> str:
        try:
            url = urlsplit(text)
            right = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
        except ValueError:
            raise PydanticCustomError("address", "is no address") from None
        if "@" in text:
            raise PydanticCustomError("credentials", "has a user or password in it")
        if not right or url.query or url.fragment:
            raise PydanticCustomError("address", "is no address")
        return text.rstrip("/")

    @model_validator(mode="after")
    def _password_for_asterisk(self) -> "Settings":
        if self.carrier == "asterisk" and self.ari_password is None and self.ari_password_file is None:
            raise PydanticCustomError("ari_password", "missing")
        return self


def ari_password(settings: Settings) -> str:
    """The password for the switch, empty where none is set; `SettingsError` if its file cannot be read."""
    if settings.ari_password is not None:
        return settings.ari_password.get_secret_value()
    if settings.ari_password_file is None:
        return ""
    try:
        return settings.ari_password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not text"
        line = f"{variable('ari_password_file')}: {settings.ari_password_file}: {reason}"
        raise SettingsError([line]) from None


def load_settings(**instead: Any) -> Settings:
    """The settings in the environment; `SettingsError` has a line for each that cannot be used.

    What is given here by a setting's name is taken in place of the environment's.
    """
    try:
        return Settings(**instead)
    except ValidationError as error:
        raise SettingsError([_line(detail) for detail in error.errors(include_url=False)]) from None


def unknown_settings(environment: Mapping[str, str] = os.environ) -> list[str]:
    """A line for each variable with our prefix that is no setting, with the nearest one: likely a slip."""
    known = {variable(name) for name in Settings.model_fields}
    lines = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name.upper() not in known | OTHERS:
            near = difflib.get_close_matches(name, known, n=1)
            lines.append(f"{name}: no such setting" + (f"; is {near[0]} meant?" if near else ""))
    return lines


def variable(name: str) -> str:
    """The environment variable of a setting: `aml_window_s` is `VAGTCENTRAL_AML_WINDOW_S`."""
    return f"{PREFIX}{name.upper()}"


def allowed(name: str) -> str:
    """What is allowed for a setting, in words."""
    extra = Settings.model_fields[name].json_schema_extra
    return str(extra["allowed"]) if isinstance(extra, dict) else ""


def is_secret(name: str) -> bool:
    """Whether the setting's value must never be shown."""
    return "SecretStr" in str(Settings.model_fields[name].annotation)


def _line(detail: Any) -> str:
    name = str(detail["loc"][0]) if detail["loc"] else "ari_password"
    given = detail.get("input")
    given = str(given.absolute()) if isinstance(given, Path) else given
    if not detail["loc"]:
        seen = "missing"
    elif is_secret(name) or "@" in str(given):
        seen = "a value that is not shown"
    else:
        seen = repr(os.environ.get(variable(name), given))
    seen = seen if len(seen) <= 80 else f"{seen[:77]}..."
    return f"{variable(name)}: {seen}; {allowed(name)}"
