"""Who may do what: roles, permissions, and the one table that joins them.

The value of a permission is also the scope of an API token. A person has one role; a token can do what its
scopes name, and never more than the role of its account.
"""

from collections.abc import Mapping
from enum import StrEnum

from vagtcentral.location.named import Named


class Role(StrEnum):
    """What somebody is in the control room."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    DEVELOPER = "developer"
    ADMINISTRATOR = "administrator"


class Permission(Named):
    """One thing that can be allowed; `meaning` says what it covers."""

    TAKE_CALLS = "calls:take", "Take calls at the desk, see the call at hand and earlier calls of its number."
    WATCH_LIVE = "live:watch", "Watch waiting calls, operators and load as they are now."
    LOOK_UP_CALLS = "calls:read", "Search the records of calls and open the page of one."
    SEE_POSITIONS = "positions:read", "See where the caller of a recorded call was, with every fix."
    LISTEN_TO_RECORDINGS = "recordings:listen", "Play the recording of a call."
    REPLAY_CALLS = "calls:replay", "Replay the journal of a call step by step, its positions included."
    VIEW_MENUS = "menus:read", "See the menus drawn, their findings and use, and walk them by keypad."
    EDIT_MENUS = "menus:write", "Change menus."
    READ_METRICS = "metrics:read", "Read the metrics of the running system."
    READ_API_MANUAL = "api:manual", "Read the documentation of the API."
    MANAGE_ACCOUNTS = "accounts:manage", "Make, change and disable accounts, make and revoke tokens."
    READ_ACCESS_LOG = "access-log:read", "Read who looked at what, and who signed in."


#: An administrator runs the system and has no business with callers; an operator sees the calls he takes.
GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.OPERATOR: frozenset({Permission.TAKE_CALLS, Permission.WATCH_LIVE}),
    Role.SUPERVISOR: frozenset(
        {
            Permission.WATCH_LIVE,
            Permission.LOOK_UP_CALLS,
            Permission.SEE_POSITIONS,
            Permission.LISTEN_TO_RECORDINGS,
            Permission.VIEW_MENUS,
        }
    ),
    Role.DEVELOPER: frozenset(
        {
            Permission.REPLAY_CALLS,
            Permission.VIEW_MENUS,
            Permission.EDIT_MENUS,
            Permission.READ_METRICS,
            Permission.READ_API_MANUAL,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.READ_METRICS,
            Permission.READ_API_MANUAL,
            Permission.MANAGE_ACCOUNTS,
            Permission.READ_ACCESS_LOG,
        }
    ),
}


def allowed(role: Role, permission: Permission) -> bool:
    """Whether this role may do that."""
    return permission in GRANTS[role]


def permissions_of(role: Role, scopes: frozenset[Permission] | None = None) -> frozenset[Permission]:
    """What a role may do, with a token no more than its scopes name."""
    return GRANTS[role] if scopes is None else GRANTS[role] & scopes
