"""What a call makes of the positions it gets: fused, explained, decided by the costs of the setting."""

from dataclasses import replace

import pytest

from benchmarks.aml_decode import forms
from vagtcentral.ivr.commands import ShowLocation
from vagtcentral.ivr.events import LocationForm, LocationReceived
from vagtcentral.ivr.setting import shipped_setting
from vagtcentral.ivr.whereabouts import MOST_POSITIONS, Whereabouts
from vagtcentral.location.decision import Costs
from vagtcentral.location.located import Action
from vagtcentral.location.position import Position, Source
from vagtcentral.location.sms_write import deliver_parts

T = 1_551_694_505_000  # 2019-03-04 10:15:05 UTC
AML = (
    'A"ML=1;lt=+55.67610;lg=+012.56830;rd=14;top=20190304101500;lc=68;pm=G;si=238011234567890;'
    "ei=356708041746734;mcc=238;mnc=01;ml=129"
)
HTTPS = (
    "location_latitude=55.676101&location_longitude=12.568302&location_accuracy=14.2&location_confidence=0.68"
    "&location_time=1551694500000&location_source=gps"
)
BORDER = "55.70,12.45,3300"


def tell(where: Whereabouts, *contents: str, at: int = T) -> ShowLocation:
    """Give messages, told apart by how they look; returns what is shown after the last."""
    shown = where.shown()
    for content in contents:
        form = LocationForm.CELL_CIRCLE
        if content.startswith("A"):
            form = LocationForm.AML_SMS
        elif "&" in content:
            form = LocationForm.AML_HTTPS
        shown = where.received(LocationReceived(at, form, content))
    return shown


def position(shown: ShowLocation) -> Position:
    assert shown.located is not None
    return shown.located.position


@pytest.fixture
def where() -> Whereabouts:
    return Whereabouts(shipped_setting(), "114")


def test_before_anything_is_known_112_is_routed_and_114_asks() -> None:
    assert Whereabouts(shipped_setting(), "112").decision.action is Action.ROUTE
    asks = Whereabouts(shipped_setting(), "114")
    assert asks.decision.action is Action.ASK
    assert not asks.spared
    assert asks.district is None


def test_one_position_counts_as_it_came_and_needs_no_explanation(where: Whereabouts) -> None:
    shown = tell(where, "55.6790,12.5850,850")
    assert position(shown) == Position(55.679, 12.585, 850.0, None, T, Source.CELL)
    assert shown.evidence == shown.anomalies == ()


def test_a_handsets_fix_counts_alone_beside_the_cell_around_it(where: Whereabouts) -> None:
    shown = tell(where, "55.6790,12.5850,3000", AML)
    assert position(shown).source is Source.GNSS
    assert shown.evidence == (
        "cell 3000 m at 95 %, weight 0.00: agrees, but is too coarse to add to the most certain",
        "gnss 48 m at 95 %, 5 s old, weight 1.00: most certain",
    )
    assert shown.anomalies == ()


def test_two_circles_that_agree_are_fused(where: Whereabouts) -> None:
    shown = tell(where, "55.6790,12.5850,900", "55.6790,12.5950,900")
    assert position(shown).source is Source.FUSED
    assert position(shown).longitude == pytest.approx(12.59)
    assert [sentence.rpartition(": ")[2] for sentence in shown.evidence] == ["agrees", "most certain"]


def test_what_a_position_counted_for_is_told_with_its_model_and_age(where: Whereabouts) -> None:
    shown = tell(where, AML)
    assert shown.radius_95_m == pytest.approx(14 * 1.65 + 25, abs=0.1)
    assert (shown.radius_model, shown.age_s) == ("rfc7459-normal-2d", 5)
    assert (where.shown().radius_95_m, tell(where).radius_model) == (shown.radius_95_m, shown.radius_model)
    assert Whereabouts(shipped_setting(), "114").shown().radius_model == ""


@pytest.mark.parametrize(
    ("rd", "top", "action"),
    [
        ("14", "20190304101500", Action.ROUTE),
        ("0", "20190304101500", Action.ASK),
        ("N", "20190304101500", Action.ASK),
        ("10", "20190304081500", Action.ASK),
    ],
)
def test_neither_an_unknown_radius_nor_an_old_fix_is_routed_unasked(
    where: Whereabouts, rd: str, top: str, action: Action
) -> None:
    aml = AML.replace("+55.67610", "+55.70500").replace("+012.56830", "+012.45500").replace("pm=G", "pm=N")
    shown = tell(where, aml.replace("rd=14", f"rd={rd}").replace("20190304101500", top))
    assert shown.decision.action is action


def test_a_contradiction_is_an_anomaly_and_its_outlier_moves_nothing(where: Whereabouts) -> None:
    shown = tell(where, "56.1572,10.2107,900", AML)
    assert position(shown).source is Source.GNSS
    assert shown.anomalies == ("cell and gnss 156.3 km apart, 95 % radii 900 m and 48 m",)
    assert "outlier" in shown.evidence[0]


def test_the_same_fix_by_text_message_and_by_https_counts_once(where: Whereabouts) -> None:
    shown = tell(where, AML, HTTPS)
    assert position(shown).latitude == 55.676101  # the one with more decimals
    assert shown.evidence == ()
    assert tell(where, AML, HTTPS, AML) == shown


def test_a_newer_fix_in_parts_with_the_same_reference_moves_the_caller(where: Whereabouts) -> None:
    aarhus = AML.replace("+55.67610", "+56.15720").replace("+012.56830", "+010.21070")
    sent = T - 5_000
    for text, later in ((AML, 0), (aarhus.replace("20190304101500", "20190304101525"), 25_000)):
        for part in deliver_parts(text, "+4520123456", sent + later, reference=9, room=70):
            shown = where.received(LocationReceived(T + later, LocationForm.AML_SMS, part.hex()))
    assert position(shown).latitude == 56.1572
    assert where.district == "1461"


def test_a_position_abroad_gives_way_to_one_in_denmark(where: Whereabouts) -> None:
    london = AML.replace("+55.67610", "+51.50000").replace("+012.56830", "-000.12000")
    assert tell(where, london).located.municipality is None  # type: ignore[union-attr]
    shown = tell(where, "55.6790,12.5850,3000")
    assert position(shown).source is Source.CELL
    assert "km apart" in shown.anomalies[0]


def test_a_flood_of_messages_is_cut_to_the_newest_and_that_is_said(where: Whereabouts) -> None:
    circles = [f"55.{6000 + nth},12.5,900" for nth in range(MOST_POSITIONS + 1)]
    assert tell(where, *circles[:-1]).anomalies.count("positions-dropped") == 0
    shown = tell(where, circles[-1])
    assert len(shown.evidence) == MOST_POSITIONS
    assert shown.anomalies.count("positions-dropped") == 1


def test_the_costs_of_the_setting_decide() -> None:
    dear = replace(shipped_setting(), costs=Costs(ask=90))
    assert tell(Whereabouts(shipped_setting(), "114"), BORDER).decision.action is Action.ASK
    assert tell(Whereabouts(dear, "114"), BORDER).decision.action is Action.ROUTE


def test_the_nearer_the_end_of_the_wait_the_cheaper_it_is_and_after_it_there_is_none() -> None:
    setting = replace(shipped_setting(), costs=Costs(hold_s=20, better_fix=0.9))
    where = Whereabouts(setting, "114", T + 20_000)
    assert tell(where, BORDER).decision.action is Action.ASK
    assert where.decide(T + 10_000).action is Action.HOLD
    assert "hold for up to 10 s" in where.decision.reason
    assert where.decide(T + 20_000).action is Action.ASK
    assert Whereabouts(setting, "114").decide(T).action is Action.ASK  # nothing is expected of this caller


def test_after_the_menu_the_caller_is_not_asked_any_more(where: Whereabouts) -> None:
    where.leave_menu()
    assert tell(where, BORDER).decision.action is Action.ROUTE


def test_another_model_brings_radii_to_95_percent_and_the_record_names_it(where: Whereabouts) -> None:
    wide = Whereabouts(replace(shipped_setting(), radius_model="normal-1d"), "114")
    shown = tell(wide, AML)
    assert position(tell(where, AML)).radius_m == 14
    assert position(shown).radius_m == pytest.approx(14 * 1.971, abs=0.01)
    assert position(shown).confidence == 0.95
    assert (shown.radius_model, shown.anomalies) == ("normal-1d", ())


def test_by_another_model_too_a_part_that_completes_a_message_takes_its_place() -> None:
    """A position that counts must not stand twice because the first one was converted."""
    first, second = forms()["two parts, 7-bit"].split("\n")
    wide = Whereabouts(replace(shipped_setting(), radius_model="normal-1d"), "114")
    for text in (first, second):
        wide.received(LocationReceived(T, LocationForm.AML_SMS, text))
    assert len(wide._positions) == 1
