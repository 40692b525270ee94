"""Pages that need nothing but HTML: what cannot be shown is said in the reader's language and colours."""

from html import escape

from fastapi import Request
from fastapi.responses import HTMLResponse

from vagtcentral.console.pages.shell import STYLE, THEME_COOKIE, language_of
from vagtcentral.console.words import say_in


def plain_page(request: Request, status: int, title: str, words: str) -> HTMLResponse:
    """A page with a title, a sentence and the way back; `title` and `words` are keys of the catalogue."""
    language = language_of(request)
    say = say_in(language)
    dark = request.cookies.get(THEME_COOKIE) == "dark"
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(say(title))} – {say('app_name')}</title><style>{STYLE}</style>"
        f'<body class="{"body--dark" if dark else ""}"><main class="content" id="content">'
        f"<h1>{escape(say(title))}</h1><p class=refused role=alert>{escape(say(words))}</p>"
        f'<p><a href="/">{say("app_name")}</a></p></main></body></html>',
        status_code=status,
        headers={"Cache-Control": "no-store"},
    )
