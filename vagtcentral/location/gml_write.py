"""The shapes as GML elements, in the one spelling of RFC 5491, section 5.2: prefixes `gml` and `gs`."""

from decimal import Decimal
from typing import Any

from lxml import etree

from vagtcentral.location.shapes import (
    ArcBand,
    Circle,
    Ellipse,
    Ellipsoid,
    Point,
    Polygon,
    Prism,
    Shape,
    Sphere,
)
from vagtcentral.location.xml_names import CRS_2D, CRS_3D, DEGREE, GML, METRE, SHAPES

PREFIXES: dict[str | None, str] = {"gml": GML, "gs": SHAPES}


def shape_element(shape: Shape) -> Any:
    """The lxml element of a shape. Rings are closed and run anticlockwise, as GML has them."""
    match shape:
        case Point():
            element = _placed(GML, "Point", shape.latitude, shape.longitude, shape.altitude)
        case Circle():
            element = _placed(SHAPES, "Circle", shape.latitude, shape.longitude)
            _measure(element, radius=shape.radius)
        case Ellipse():
            element = _placed(SHAPES, "Ellipse", shape.latitude, shape.longitude)
            _measure(element, semiMajorAxis=shape.semi_major, semiMinorAxis=shape.semi_minor)
            _turn(element, orientation=shape.orientation)
        case ArcBand():
            element = _placed(SHAPES, "ArcBand", shape.latitude, shape.longitude)
            _measure(element, innerRadius=shape.inner_radius, outerRadius=shape.outer_radius)
            _turn(element, startAngle=shape.start_angle, openingAngle=shape.opening_angle)
        case Sphere():
            element = _placed(SHAPES, "Sphere", shape.latitude, shape.longitude, shape.altitude)
            _measure(element, radius=shape.radius)
        case Ellipsoid():
            element = _placed(SHAPES, "Ellipsoid", shape.latitude, shape.longitude, shape.altitude)
            _measure(
                element,
                semiMajorAxis=shape.semi_major,
                semiMinorAxis=shape.semi_minor,
                verticalAxis=shape.vertical,
            )
            _turn(element, orientation=shape.orientation)
        case Polygon():
            element = polygon_element([shape.corners], shape.altitude)
        case Prism():
            element = _element(SHAPES, "Prism", srsName=CRS_3D)
            base = etree.SubElement(element, f"{{{SHAPES}}}base")
            base.append(polygon_element([shape.corners], shape.altitude, named=False))
            _measure(element, height=shape.height)
    return element


def polygon_element(
    rings: list[tuple[tuple[float, float], ...]], altitude: float | None = None, named: bool = True
) -> Any:
    """A `gml:Polygon` of an outer ring and any holes, corners as (latitude, longitude), not closed."""
    crs = {"srsName": CRS_2D if altitude is None else CRS_3D} if named else {}
    element = _element(GML, "Polygon", **crs)
    for at, corners in enumerate(rings):
        side = etree.SubElement(element, f"{{{GML}}}interior" if at else f"{{{GML}}}exterior")
        ring = etree.SubElement(side, f"{{{GML}}}LinearRing")
        outward = _anticlockwise(corners)
        ordered = outward if not at else (outward[0], *outward[:0:-1])
        for latitude, longitude in (*ordered, ordered[0]):
            _pos(ring, latitude, longitude, altitude)
    return element


def plain(value: float) -> str:
    """A number as decimal digits that read back as the same number, never with an exponent."""
    text = format(Decimal(repr(float(value))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _anticlockwise(corners: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    pairs = zip(corners, (*corners[1:], corners[0]), strict=True)
    twice = sum(east * north2 - east2 * north for (north, east), (north2, east2) in pairs)
    return corners if twice >= 0 else (corners[0], *corners[:0:-1])


def _element(namespace: str, name: str, **attributes: str) -> Any:
    return etree.Element(f"{{{namespace}}}{name}", attributes, nsmap=PREFIXES)


def _placed(
    namespace: str, name: str, latitude: float, longitude: float, altitude: float | None = None
) -> Any:
    element = _element(namespace, name, srsName=CRS_2D if altitude is None else CRS_3D)
    _pos(element, latitude, longitude, altitude)
    return element


def _pos(parent: Any, latitude: float, longitude: float, altitude: float | None) -> None:
    values = (latitude, longitude) if altitude is None else (latitude, longitude, altitude)
    etree.SubElement(parent, f"{{{GML}}}pos").text = " ".join(plain(value) for value in values)


def _measure(parent: Any, **lengths: float) -> None:
    for name, metres in lengths.items():
        etree.SubElement(parent, f"{{{SHAPES}}}{name}", uom=METRE).text = plain(metres)


def _turn(parent: Any, **angles: float) -> None:
    for name, angle in angles.items():
        etree.SubElement(parent, f"{{{SHAPES}}}{name}", uom=DEGREE).text = plain(angle)
