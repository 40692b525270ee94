"""Everything that can be odd about a location that came as XML (PIDF-LO, LoST, MLP), by name."""

from vagtcentral.location.named import Named


class XmlOddity(Named):
    """One thing about a location that a careful reader must know; the value is its name in the record."""

    WRONG_NAMESPACE = (
        "wrong-namespace",
        "An element stands in another namespace than the standard's; it was read by its name.",
    )
    NO_TUPLE = "no-tuple", "The location stands in no device, tuple or person."
    MISPLACED = "misplaced", "A part of the location stands in another element than it should."
    SEVERAL_SHAPES = "several-shapes", "One location holds several shapes; each is given by itself."
    COMPOUND = "compound", "The location holds both a shape and a civic address (RFC 5491, rule 7)."
    CIVIC_ONLY = "civic-only", "There is a civic address and no shape."
    SEVERAL_GEOLOCATIONS = (
        "several-geolocations",
        "The request names several locations in its Geolocation headers: all were read, by value first.",
    )
    LOCATION_PART_MISSING = (
        "location-part-missing",
        "A Geolocation header names a part of the request that is not there.",
    )
    BY_REFERENCE = "by-reference", "The location is an address to fetch it from; nobody has fetched it."
    NO_LOCATION = "no-location", "The element that should hold the location holds none."
    UNKNOWN_SHAPE = "unknown-shape", "The shape is none that this reader knows."
    DOCTYPE = "doctype", "The document names a document type; it was skipped and not fetched."
    CRS_SPELLING = "crs-spelling", "The reference system is spelt another way than the standard's."
    CRS_MISSING = "crs-missing", "No reference system is named; WGS84, latitude first, was taken."
    CRS_UNKNOWN = "crs-unknown", "The reference system is not WGS84; the shape was not read."
    CRS_ETRS89 = "crs-etrs89", "The reference system is ETRS89, which is within a metre of WGS84."
    DIMENSION_MISMATCH = (
        "dimension-mismatch",
        "There are more or fewer numbers in a position than its reference system has axes.",
    )
    COMMA_SEPARATED = "comma-separated", "The numbers of a position are separated by commas."
    DECIMAL_COMMA = "decimal-comma", "A number had a comma where a point belongs."
    BAD_COORDINATE = "bad-coordinate", "A coordinate is not a finite number of degrees in its range."
    AXES_SWAPPED = (
        "axes-swapped",
        "Exchanged, latitude and longitude would lie in or near Denmark: they were not exchanged, nor used.",
    )
    AXES_NAMED_OTHERWISE = (
        "axes-named-otherwise",
        "The letters (N, S, E, W) show that longitude came first; they were followed.",
    )
    AXIS_LETTERS_ALIKE = (
        "axis-letters-alike",
        "Both coordinates have letters of the same axis (N and N): latitude was taken to come first.",
    )
    BAD_LENGTH = "bad-length", "A radius, axis or height is not a finite length of 0 m or more."
    BAD_ANGLE = "bad-angle", "An angle is not a finite number."
    RADIUS_UNKNOWN = "radius-unknown", "The radius is 0: that means unknown, never exact."
    AXES_EXCHANGED = "axes-exchanged", "The minor axis is longer than the major one; they were exchanged."
    UNIT_MISSING = "unit-missing", "A length or angle names no unit; metres or degrees were taken."
    WRONG_UNIT = "wrong-unit", "A length or angle names an unfit unit; metres or degrees were taken."
    RING_UNCLOSED = "ring-unclosed", "A polygon does not end where it began; it was closed."
    RING_CROSSES_ITSELF = "ring-crosses-itself", "A polygon crosses itself."
    RING_HOLE = "ring-hole", "A polygon has holes, which the standard forbids; they were filled."
    ALTITUDE_VARIES = "altitude-varies", "The corners differ in altitude; the lowest was taken."
    CONFIDENCE_DEFAULT = "confidence-default", "No confidence is stated: 95 % (RFC 7459, section 4.1)."
    CONFIDENCE_UNKNOWN = "confidence-unknown", "The confidence is stated to be unknown."
    CONFIDENCE_FRACTION = "confidence-fraction", "The confidence came as a fraction (0.68), not percent."
    CONFIDENCE_ON_POINT = (
        "confidence-on-point",
        "A point has no area and so no confidence (RFC 7459, section 4.1); it was left out.",
    )
    BAD_CONFIDENCE = "bad-confidence", "The confidence is not between 0 and 100 % exclusive."
    BAD_PDF = "bad-pdf", "The distribution is none of unknown, normal, rectangular."
    TIME_MISSING = "time-missing", "There is no time."
    TIME_WITHOUT_ZONE = "time-without-zone", "The time names no zone; UTC was taken."
    BAD_TIME = "bad-time", "The time is no valid time."
    STALE_FIX = "stale-fix", "The position is over two minutes older than its message."
    FUTURE_FIX = "future-fix", "The position is over half a minute later than its message."
    UNKNOWN_METHOD = "unknown-method", "The method is none that this reader knows."
    QUALITY_NOT_MET = "quality-not-met", "The location server says it missed the quality asked for."
    LETTER_CASE = "letter-case", "A word is in other letters than the standard's."
    POSITION_ERROR = "position-error", "The location server gives a reason instead of a position."
    MSID_MISSING = "msid-missing", "The position does not say whose it is."
