"""Shapes at random, for property tests."""

from hypothesis import strategies as st

from vagtcentral.location.shapes import (
    ArcBand,
    Circle,
    Ellipse,
    Ellipsoid,
    Pdf,
    Point,
    Polygon,
    Prism,
    Sphere,
)

#: Around Denmark, where exchanged axes cannot be suspected.
latitudes = st.floats(54.0, 58.0)
longitudes = st.floats(7.5, 15.5)
lengths = st.floats(0.1, 100_000.0)
altitudes = st.floats(-500.0, 10_000.0)
stated = {
    "confidence": st.none() | st.integers(2, 99).map(lambda percent: percent / 100),
    "pdf": st.sampled_from(Pdf),
}
place = {"latitude": latitudes, "longitude": longitudes}
turns = st.floats(0.0, 179.99)
corners = st.lists(st.tuples(latitudes, longitudes), min_size=3, max_size=15, unique=True).map(tuple)

points = st.builds(Point, **place, altitude=st.none() | altitudes)
circles = st.builds(Circle, **place, radius=lengths, **stated)
spheres = st.builds(Sphere, **place, altitude=altitudes, radius=lengths, **stated)
polygons = st.builds(Polygon, corners=corners, altitude=st.none() | altitudes, **stated)
prisms = st.builds(Prism, corners=corners, altitude=altitudes, height=lengths, **stated)


@st.composite
def ellipses(draw):
    minor, major = sorted((draw(lengths), draw(lengths)))
    return draw(
        st.builds(
            Ellipse,
            **place,
            semi_major=st.just(major),
            semi_minor=st.just(minor),
            orientation=turns,
            **stated,
        )
    )


@st.composite
def ellipsoids(draw):
    flat = draw(ellipses())
    axes = (flat.semi_major, flat.semi_minor, draw(st.floats(0.0, 900.0)), flat.orientation)
    return Ellipsoid(flat.latitude, flat.longitude, draw(altitudes), *axes, flat.confidence, flat.pdf)


@st.composite
def arc_bands(draw):
    inner = draw(st.just(0.0) | lengths)
    return draw(
        st.builds(
            ArcBand,
            **place,
            inner_radius=st.just(inner),
            outer_radius=st.floats(inner + 1.0, inner + 50_000.0),
            start_angle=st.floats(0.0, 359.99),
            opening_angle=st.floats(0.1, 360.0),
            **stated,
        )
    )


areas = st.one_of(circles, ellipses(), arc_bands(), polygons, spheres, ellipsoids(), prisms)
shapes = points | areas
