"""The LoST endpoint of the whole web application, with the addresses and the geometry of the settings."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from tests.console.other_atlas import other_atlas
from tests.console.whole_web import web
from tests.location.test_lost import FIND, LOST, grammar
from vagtcentral.console.lost_setting import instant_of_date, live_directory
from vagtcentral.console.settings import Settings
from vagtcentral.location.atlas import Atlas

LIST = b'<listServices xmlns="urn:ietf:params:xml:ns:lost1"><service>urn:service:sos</service></listServices>'
ADDRESSES = {"1470": "sip:vagt@kbh.example sips:vagt@kbh.example", "1471": "tel:+4556901448"}


async def asked(client: httpx.AsyncClient, content: bytes) -> Any:
    answer = await client.post("/lost", content=content, headers={"Content-Type": "application/lost+xml"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/lost+xml")
    root = etree.fromstring(answer.content)
    assert grammar().validate(root), grammar().error_log
    return root


async def test_find_service_and_list_services_are_answered_by_the_whole_application(tmp_path: Path) -> None:
    async with web(tmp_path) as client:
        found, listed = await asked(client, FIND), await asked(client, LIST)
    (mapping,) = found.findall(f"{LOST}mapping")
    assert mapping.findtext(f"{LOST}uri") == "sip:1470@police.example"
    assert mapping.get("source") == "lost.police.example"
    assert mapping.get("lastUpdated") == "2023-12-01T00:00:00Z"  # the date of the built-in geometry
    assert listed.findtext(f"{LOST}serviceList") == "urn:service:sos.police"


async def test_addresses_name_and_date_come_from_the_settings_and_the_place_from_the_atlas(
    tmp_path: Path,
) -> None:
    settings = {
        "lost_source": "lost.politi.example",
        "lost_domain": "politi.example",
        "lost_addresses": ADDRESSES,
        "lost_updated": "2026-03-01T08:00+01:00",
        "atlas": other_atlas(tmp_path),
    }
    async with web(tmp_path, **settings) as client:
        found = await asked(client, FIND)
    (mapping,) = found.findall(f"{LOST}mapping")
    assert [uri.text for uri in mapping.findall(f"{LOST}uri")] == ["tel:+4556901448"]
    assert mapping.get("source") == "lost.politi.example"
    assert mapping.get("lastUpdated") == "2026-03-01T07:00:00Z"
    boundary = mapping.find(f"{LOST}serviceBoundaryReference")
    assert boundary.get("key").startswith("1471.")


def test_a_district_without_an_address_keeps_the_default_one_in_the_domain() -> None:
    settings = Settings(lost_addresses=ADDRESSES, lost_domain="politi.example")
    (service,) = live_directory(settings, Atlas.built_in(), 0).services
    assert service.addresses["1470"] == ("sip:vagt@kbh.example", "sips:vagt@kbh.example")
    assert service.addresses["1465"] == ("sip:1465@politi.example",)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2023-12", 1_701_388_800_000),
        ("2023-12-01", 1_701_388_800_000),
        ("2023-12-01T01:00+01:00", 1_701_388_800_000),
        ("2023-12-01T00:00", 1_701_388_800_000),
        ("", None),
        ("2023-13", None),
        ("1969-12-31", None),
        ("in spring", None),
    ],
)
def test_dates_of_geometry_and_of_the_setting_become_instants(text: str, instant: int | None) -> None:
    assert instant_of_date(text) == instant
