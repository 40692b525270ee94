"""Whether a request comes from a page of this server, judged by what browsers say of it.

A browser sends cookies with requests that another site's page begins. `SameSite=Strict` keeps most of them
away; this keeps away the rest, without a token in every form: OWASP, Cross-Site Request Forgery Prevention,
"Fetch Metadata headers" and "Verifying Origin", and Cross-Site WebSocket Hijacking.
"""

from urllib.parse import urlsplit

#: The `method` of a WebSocket handshake, which is a GET and yet can change things.
HANDSHAKE = "WEBSOCKET"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110, section 9.2.1, without TRACE, which nothing serves
_DEFAULT_PORTS = {"http": 80, "https": 443}


def objection(method: str, *, host: str | None, origin: str | None, fetch_site: str | None) -> str | None:
    """Why this request must be refused, None where nothing speaks against it.

    `method` is that of HTTP or `HANDSHAKE`; the others are the headers `Host`, `Origin` and `Sec-Fetch-Site`,
    None where absent. A request with neither of the last two is of no browser and carries nobody's cookie
    unasked, so it is fine; a handshake without an origin is refused, because every browser sends one.
    """
    if method in _SAFE:
        return None
    if fetch_site not in (None, "same-origin", "none"):
        return "the request was begun by a page of another site"
    if origin is None:
        return "a WebSocket needs an Origin" if method == HANDSHAKE else None
    if host is None or not _same_place(origin, host):
        return "the Origin is not the host that was asked"
    return None


def _same_place(origin: str, host: str) -> bool:
    """Whether both name one host and port. The scheme is the browser's: a proxy may have taken TLS off."""
    try:
        page, asked = urlsplit(origin), urlsplit(f"//{host}")
        default = _DEFAULT_PORTS[page.scheme]
        if page.hostname is None or (page.path, page.query, page.fragment) != ("", "", ""):
            return False
        if asked.netloc != host or "@" in page.netloc + host:
            return False
        return (page.hostname, page.port or default) == (asked.hostname, asked.port or default)
    except (KeyError, ValueError):
        return False
