"""What is answered where there is no page, and where one of ours fails: nothing of the inside is shown."""

import logging

from fastapi import FastAPI, Request
from fastapi.responses import Response

from vagtcentral.console.accounts.problem import wrong_method
from vagtcentral.console.pages.plain import plain_page

log = logging.getLogger(__name__)


async def failed(request: Request, error: Exception) -> Response:
    """A page has failed: the log has why, without what the address named."""
    log.error("a page failed: %s", type(error).__name__, exc_info=error)
    return plain_page(request, 500, "page_failed_title", "page_failed")


def install_error_pages(pages: FastAPI, app: FastAPI) -> None:
    """Answer so in place of NiceGUI, whose pages are English and have the exception's text in them.

    What machines ask of `app` with a wrong method comes here, too. To be called before the first request.
    """

    async def not_there(request: Request, _error: Exception) -> Response:
        return wrong_method(app, request.scope) or plain_page(
            request, 404, "no_such_page_title", "no_such_page"
        )

    pages.exception_handlers[404] = not_there
    pages.exception_handlers[Exception] = failed
