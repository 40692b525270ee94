"""Who is asking, and who did something."""

from dataclasses import dataclass

from vagtcentral.console.accounts.permissions import Permission, Role


class AccountError(Exception):
    """What was asked of the accounts cannot be done; one line with the place, the value, what is allowed."""


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, for the log: an account's name, or `os:LOGIN` at the command line; from where."""

    who: str | None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in, or a program with a token of his.

    `operator` is the operator of the staff file as whom he takes calls. `session` and `token` name what he
    came with (the hash of the session's id, the id of the token); one of them is None. `expires_at` is when
    that ends at the latest, in milliseconds since 1970 UTC, None for a token without an end.
    """

    name: str
    role: Role
    operator: str | None
    permissions: frozenset[Permission]
    expires_at: int | None
    session: str | None = None
    token: str | None = None

    def may(self, permission: Permission) -> bool:
        """Whether he may do that: by his role, and with a token by its scopes too."""
        return permission in self.permissions
