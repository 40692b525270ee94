"""What can go wrong between us and the switch, each with a text of one line and without credentials."""
# ruff: noqa: N818 -- each is named for what has happened, and is seen only in `except`

import re

_LONGEST = 200

#: What might be a telephone number in the words of the switch.
_NUMBER = re.compile(r"\+?\d(?:[ -]?\d){5,}")


class AriError(Exception):
    """The switch did not do what was asked. `status` is the HTTP status, 0 where there was no answer.

    `path` is the resource without its parameters, and `message` the words of the switch without long numbers,
    so that no caller's number reaches a log line.
    """

    def __init__(self, status: int, method: str, path: str, message: str) -> None:
        self.status = status
        self.method = method
        self.path = path
        self.message = _NUMBER.sub("(number)", " ".join(message.split()))[:_LONGEST]
        super().__init__(f"{method} {path}: {status or 'no answer'}: {self.message}")


class Refused(AriError):
    """The switch does not let us in (401) or not do this (403). Asking again does not help."""


class NotFound(AriError):
    """The channel, bridge, playback or recording is not there, or not any more (404)."""


class Conflict(AriError):
    """The thing is in a state that forbids it, or there is one of this id already (409)."""


class Rejected(AriError):
    """The switch finds the request wrong (any other 4xx), as 422 for a channel that is not ours."""


class ServerFault(AriError):
    """The switch failed (5xx), or answered with something that cannot be read."""


class Unreachable(AriError):
    """No answer: no connection, a closed socket, or time ran out.

    `maybe_done` says whether the request may have reached the switch, so that it may have been carried out.
    """

    def __init__(self, method: str, path: str, message: str, *, maybe_done: bool) -> None:
        super().__init__(0, method, path, message)
        self.maybe_done = maybe_done


class Closed(Unreachable):
    """We have closed the connection ourselves, or not opened it yet; the request was not sent."""

    def __init__(self, method: str, path: str) -> None:
        super().__init__(method, path, "the client is not running", maybe_done=False)


class Replaced(AriError):
    """Another program has connected as the same application and gets the events from now on."""


def error_of(status: int, method: str, path: str, message: str) -> AriError:
    """The error of its kind for an answer that is not 2xx."""
    kinds: dict[int, type[AriError]] = {401: Refused, 403: Refused, 404: NotFound, 409: Conflict}
    kind = kinds.get(status) or (Rejected if 400 <= status < 500 else ServerFault)
    return kind(status, method, path, message)
