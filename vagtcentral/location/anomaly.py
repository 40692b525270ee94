"""Everything that can be wrong or noteworthy with a location message, by name."""

from vagtcentral.location.named import Named


class Anomaly(Named):
    """One thing about an AML message that a careful reader must know; none makes a message worthless.

    The value is the name in the record; `meaning` is one sentence that explains it.
    """

    NOT_AML = "not-aml", "Neither the header nor any AML key was found."
    OVERLONG = "overlong", "The message is longer than any form of AML can be: it was kept and not read."
    HEADER_MISSING = (
        "header-missing",
        'There are AML keys but no header `A"ML=`; they were read as version 1.',
    )
    HEADER_VARIANT = (
        "header-variant",
        "The header was spelt another way, e.g. `AML=` or with a curly quotation mark.",
    )
    UNKNOWN_VERSION = (
        "unknown-version",
        "The version is neither 1 nor 2; keys change their meaning, so none was read.",
    )
    PADDING = "padding", "Characters before the header or after the end (NUL, `@`, blanks) were taken off."
    LENGTH_MISMATCH = (
        "length-mismatch",
        "`ml` is not the number of characters received; common, even in Google's own example.",
    )
    EMPTY_FIELD = "empty-field", "Two separators with nothing between them."
    MALFORMED_FIELD = "malformed-field", "A part without `=`."
    KEY_SPELLING = "key-spelling", "A known key in other letters or with blanks around it."
    UNKNOWN_KEY = "unknown-key", "A key that this version does not define; it stays in the raw text."
    DUPLICATE_KEY = "duplicate-key", "A key came twice; the last value that is not empty counts."
    MISSING_FIELD = "missing-field", "A key that every sender of this version sends is not there."
    NO_POSITION = "no-position", "There is no position: the handset found none, or it cannot be read."
    BAD_COORDINATE = (
        "bad-coordinate",
        "Latitude or longitude is not a number of degrees within -90..90 and -180..180.",
    )
    ZERO_POSITION = (
        "zero-position",
        "Latitude and longitude are 0 although a radius was sent: certainly not Denmark.",
    )
    AXES_SWAPPED = (
        "axes-swapped",
        "Exchanged, latitude and longitude would lie in or near Denmark: they were not exchanged.",
    )
    RADIUS_UNKNOWN = (
        "radius-unknown",
        "The radius is 0, `N` or missing: the position may be any distance off.",
    )
    BAD_RADIUS = "bad-radius", "The radius is neither a number of 0 or more nor `N`; it counts as unknown."
    RADIUS_OUT_OF_RANGE = (
        "radius-out-of-range",
        "The radius is over 99 999 m, more than the message format allows.",
    )
    BAD_CONFIDENCE = (
        "bad-confidence",
        "The confidence is missing or not between 0 and 100 % exclusive; it counts as unknown.",
    )
    CONFIDENCE_FRACTION = (
        "confidence-fraction",
        "The confidence came as a fraction (0.68) instead of percent (68).",
    )
    BAD_TIME = "bad-time", "The time of the position is missing or no valid UTC time."
    STALE_FIX = (
        "stale-fix",
        "The position is over two minutes older than the message: the caller may have moved.",
    )
    FUTURE_FIX = "future-fix", "The position is over half a minute later than the message: a clock is wrong."
    STALE_EVENT = (
        "stale-event",
        "The emergency call that the message is of began over an hour before the message came.",
    )
    UNKNOWN_METHOD = "unknown-method", "The positioning method is none of the letters defined."
    METHOD_UNSTATED = (
        "method-unstated",
        "The method is `N` (none) although a position was sent, as by older fused providers.",
    )
    DECIMAL_COMMA = "decimal-comma", "A number had a comma where a point belongs."
    ODD_MINUS = "odd-minus", "A number had a typographic minus sign (U+2212)."
    IMSI_EMPTY = "imsi-empty", "The key for the IMSI has no value."
    IMSI_ZEROED = "imsi-zeroed", "The IMSI is all zeros: it identifies nobody."
    IMSI_TRUNCATED = (
        "imsi-truncated",
        "Only the first six digits of the IMSI are real, as newer handsets send it.",
    )
    IMSI_MALFORMED = "imsi-malformed", "The IMSI is not 6 to 15 digits."
    IMEI_EMPTY = "imei-empty", "The key for the IMEI has no value."
    IMEI_ZEROED = "imei-zeroed", "The IMEI is all zeros, or zeros after the eight digits of the model."
    IMEI_MALFORMED = "imei-malformed", "The IMEI is not 14 to 16 digits."
    NETWORK_UNKNOWN = (
        "network-unknown",
        "The serving network's country or network code is missing, zero or not digits.",
    )
    CUT_OFF = (
        "cut-off",
        "The message ends in the middle: the number at its end may be half of one and was not read.",
    )
    LEGACY_PACKING = "legacy-packing", "The septets fill each octet from the top, as with older senders."
    HEADER_LEFT_ON = (
        "header-left-on",
        "A user data header stood before the message and was taken off.",
    )
    BAD_HEADER = "bad-header", "A user data header is announced but does not add up; it was read as text."
    ENCODING_BROKEN = (
        "encoding-broken",
        "A character does not belong to the hexadecimal or base64 text; it was read up to there.",
    )
    PDU_TRUNCATED = "pdu-truncated", "The message ends before the length that it states."
    PDU_TRAILING = "pdu-trailing", "Octets follow after the length that the message states: they were read."
    SENDER_UNREADABLE = "sender-unreadable", "The number that sent the message is empty or no number."
    BAD_SENT_TIME = (
        "bad-sent-time",
        "The service centre's time is no time, or later than the receipt; our own time counts.",
    )
    LATE_MESSAGE = (
        "late-message",
        "The message was under way for over two minutes after its service centre had got it.",
    )
    PART_MISSING = (
        "part-missing",
        "Parts of the message are missing; what was cut in two at a gap was not read.",
    )
    PART_DUPLICATE = "part-duplicate", "A part of the message came twice; it counts once."
    PART_CONFLICT = (
        "part-conflict",
        "Two different parts have the same number: the later one began a message anew.",
    )
    PARTS_MIXED = (
        "parts-mixed",
        "There are parts of several messages; only the first whole message was read.",
    )
