"""Who may do what: the table in the manual is the table in the program."""

import re
from pathlib import Path

import pytest

from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.permissions import GRANTS, Permission, Role, allowed, permissions_of

MANUAL = (Path(__file__).parents[3] / "docs" / "accounts.md").read_text(encoding="utf-8")


def rows_of(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    section = MANUAL.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_every_role_has_its_permissions_and_nobody_all() -> None:
    assert set(GRANTS) == set(Role)
    assert set().union(*GRANTS.values()) == set(Permission)
    assert all(GRANTS[role] < set(Permission) for role in Role)


@pytest.mark.parametrize(
    ("role", "permission", "answer"),
    [
        (Role.OPERATOR, Permission.TAKE_CALLS, True),
        (Role.OPERATOR, Permission.LISTEN_TO_RECORDINGS, False),
        (Role.SUPERVISOR, Permission.LISTEN_TO_RECORDINGS, True),
        (Role.SUPERVISOR, Permission.MANAGE_ACCOUNTS, False),
        (Role.DEVELOPER, Permission.EDIT_MENUS, True),
        (Role.DEVELOPER, Permission.LISTEN_TO_RECORDINGS, False),
        (Role.ADMINISTRATOR, Permission.MANAGE_ACCOUNTS, True),
        (Role.ADMINISTRATOR, Permission.SEE_POSITIONS, False),
    ],
)
def test_a_role_may_do_what_its_work_needs(role: Role, permission: Permission, answer: bool) -> None:
    assert allowed(role, permission) is answer


def test_scopes_take_away_and_never_add() -> None:
    scopes = frozenset({Permission.WATCH_LIVE, Permission.MANAGE_ACCOUNTS})
    assert permissions_of(Role.SUPERVISOR, scopes) == {Permission.WATCH_LIVE}
    assert permissions_of(Role.SUPERVISOR) == GRANTS[Role.SUPERVISOR]


def test_the_manual_has_the_table_of_permissions() -> None:
    heading, _, *rows = rows_of("Who may do what")
    assert heading == ["permission, scope", *(role.value for role in Role), "covers"]
    assert rows == [
        [
            f"`{permission.value}`",
            *("yes" if allowed(role, permission) else "" for role in Role),
            permission.meaning,
        ]
        for permission in Permission
    ]


def test_the_manual_has_the_table_of_what_is_logged() -> None:
    _, _, *rows = rows_of("The access log")
    assert rows == [[f"`{deed.value}`", deed.meaning] for deed in Deed]
