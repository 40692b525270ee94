"""What can be wrong or noteworthy with a location message that came over HTTP, beyond the message itself."""

from vagtcentral.location.named import Named


class FormAnomaly(Named):
    """One thing about a posted message that a careful reader must know; `meaning` is one sentence."""

    NOT_A_FORM = "not-a-form", "None of the fields of the HTTPS transport was found."
    NOT_JSON = "not-json", "The gateway's message is no JSON object; all of it was taken for the text."
    NOT_UTF8 = "not-utf8", "The body is not UTF-8; it was read as Latin-1, so that nothing is lost."
    TOO_LONG = "too-long", "The body is longer than 64 KiB; only its beginning was kept, and no call gets it."
    CUT_SHORT = "cut-short", "The sender went away before the body was whole: no call gets the message."
    HMAC_INVALID = "hmac-invalid", "The HMAC is missing or does not fit the key: no call gets the message."
    TOKEN_INVALID = (
        "token-invalid",
        "The gateway's token is missing or wrong: no call gets the message.",
    )
    NUMBER_MISSING = (
        "number-missing",
        "There is no caller's number: the message can be matched with no call.",
    )
    PLUS_LOST = "plus-lost", "The `+` of the number was not written as `%2B` and came as a blank; put back."
    VERSION_UNFAMILIAR = (
        "version-unfamiliar",
        "The version is none of 1, 2, 3; the form was read all the same.",
    )
    CONFIDENCE_PERCENT = (
        "confidence-percent",
        "`location_confidence` came as percent (68) instead of a fraction (0.68).",
    )
    TIME_IN_SECONDS = "time-in-seconds", "A time came in seconds instead of milliseconds; it was converted."
    BAD_RECEIVED = "bad-received", "The gateway's `received` is no ISO 8601 time; our own time counts."
