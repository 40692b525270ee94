"""What the server tells browsers about every answer: what a page may load, run and be put into.

A second wall behind the one that keeps data out of the markup (OWASP, HTTP Security Response Headers Cheat
Sheet). NiceGUI builds its pages with inline scripts and styles and compiles templates, so those stay allowed;
handlers in attributes, frames, plug-ins, and every address but this server's are not.
"""

from collections.abc import Callable, MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "script-src-attr 'none'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

Message = MutableMapping[str, Any]


def guarded(send: Callable[[Message], Any]) -> Callable[[Message], Any]:
    """The same `send` of an ASGI application, with these headers on what it answers over HTTP."""

    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_guarded
