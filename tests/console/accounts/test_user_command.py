"""`vagtcentral user`: what it does, what it prints where, and one line for what is wrong."""

import asyncio
import json
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from typer.testing import CliRunner, Result

from vagtcentral.console.accounts import command
from vagtcentral.console.accounts.access_log import Deed
from vagtcentral.console.accounts.permissions import Permission, Role
from vagtcentral.console.accounts.store import AccountStore
from vagtcentral.console.user import app

ROOT = Path(__file__).parents[3]
PASSWORD = "rødgrød med fløde"
UNKNOWN = "vagtcentral: account 'nobody' is unknown; `vagtcentral user list` names them\n"


@pytest.fixture
def user(file):
    """`user("add", "anna", …, typed="…")` runs a command on the store of this test."""

    def run(*words: str, typed: str | bytes = "") -> Result:
        return CliRunner().invoke(app, [*words, "--store", str(file)], input=typed)

    return run


@pytest.fixture
def anna(user):
    assert user("add", "anna", "--role", "operator", typed=PASSWORD + "\n").exit_code == 0
    return user


def ask(file, question):
    """The answer of the opened store to a question, a function that awaits something of it."""

    async def opened():
        async with await AccountStore.open(file, create=False) as store:
            return await question(store)

    return asyncio.run(opened())


def lets_in(file, password: str, code: str | None = None) -> bool:
    from vagtcentral.console.accounts.sign_in import SignInRefusedError

    try:
        return bool(ask(file, lambda store: store.sign_in("anna", password, code)))
    except SignInRefusedError:
        return False


def refused(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("vagtcentral: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_an_account_is_made_with_a_password_from_stdin_and_the_store_with_it(user, file) -> None:
    made = user("add", "anna", "--role", "operator", "--operator", "fyn-vagt", typed=PASSWORD + "\r\n")
    assert (made.exit_code, made.stdout) == (0, "")
    assert made.stderr == "anna: made, operator, takes calls as fyn-vagt\n"
    assert lets_in(file, PASSWORD)


def test_a_generated_password_is_printed_once_and_is_right(user, file) -> None:
    made = user("add", "anna", "--role", "supervisor", "--generate")
    assert made.exit_code == 0
    assert made.stderr == "anna: made, supervisor\n"
    assert re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}\n", made.stdout)
    assert lets_in(file, made.stdout.strip())
    again = user("password", "anna", "--generate", "--json")
    document = json.loads(again.stdout)
    assert document["password"] != made.stdout.strip()
    assert lets_in(file, document["password"])
    assert not lets_in(file, made.stdout.strip())


def test_what_is_typed_is_never_repeated(user) -> None:
    for words in (("add", "anna", "--role", "operator", "--json"), ("password", "anna", "--json")):
        done = user(*words, typed=PASSWORD + "\n")
        assert done.exit_code == 0
        assert PASSWORD not in done.output
        assert json.loads(done.stdout)["password"] is None


def test_no_option_takes_a_password() -> None:
    for name in ("add", "password"):
        help_text = CliRunner().invoke(app, [name, "--help"]).stdout
        assert "--password" not in help_text
        assert CliRunner().invoke(app, [name, "anna", "--password", "x"]).exit_code == 2


def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(monkeypatch) -> None:
    asked = {}
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(command.typer, "prompt", lambda text, **how: asked.update(how, text=text) or PASSWORD)
    assert command.typed_password(generate=False) == PASSWORD
    assert asked == {"text": "Password", "hide_input": True, "confirmation_prompt": True, "err": True}


@pytest.mark.parametrize(
    ("words", "typed", "line"),
    [
        (("add", "Anna", "--role", "operator"), PASSWORD, "name: 'Anna'; allowed are 1 to 40 small letters"),
        (("add", "bo", "--role", "boss"), PASSWORD, "--role: 'boss' is no role; allowed are operator, super"),
        (("add", "bo", "--role", "operator"), "kort", "password: has 4 characters; allowed are 15 to 256"),
        (("add", "bo", "--role", "operator"), "", "password: none on stdin; one line is read from there"),
        (("add", "bo", "--role", "operator"), b"\xff\n", "password: byte 0 on stdin is not UTF-8"),
        (("add", "anna", "--role", "operator"), PASSWORD, "name: 'anna' is taken; every account has a name"),
        (("add", "bo", "--role", "operator", "--operator", "anna"), PASSWORD, "operator: 'anna' is taken;"),
        (("add", "bo", "--role", "developer", "--operator", "x"), PASSWORD, "operator: 'x' given to a dev"),
        (
            ("role", "anna", "boss"),
            "",
            "ROLE: 'boss' is no role; allowed are operator, supervisor, developer",
        ),
        (("totp", "nobody"), "", "account 'nobody' is unknown; `vagtcentral user list` names them"),
        (
            ("token", "anna", "--scope", "all"),
            "",
            "--scope: 'all' is no scope; allowed are calls:take, live:",
        ),
        (
            ("token", "anna", "--scope", "calls:read"),
            "",
            "scope: 'calls:read' is not of what anna (operator)",
        ),
        (
            ("token", "anna", "--scope", "calls:take", "--expires", "soon"),
            "",
            "--expires: 'soon' is neither an ISO 8601 time, e.g. 2027-01-31, nor never",
        ),
        (
            ("token", "anna", "--scope", "calls:take", "--expires", "2019-03-04"),
            "",
            "expires: 2019-03-04T00:00:00Z is past; a token ends in the future",
        ),
        (
            ("token", "anna", "--scope", "calls:take", "--expires", "9999-12-31T23:59-12:00"),
            "",
            "--expires: '9999-12-31T23:59-12:00' is neither an ISO 8601 time",
        ),
        (("revoke", "x"), "", "token 'x' is unknown; `vagtcentral user tokens` lists them"),
    ],
)
def test_what_is_wrong_is_one_line_and_changes_nothing(anna, file, words, typed, line) -> None:
    before = ask(file, lambda store: store.log.read())
    assert line in refused(anna(*words, typed=typed))
    assert ask(file, lambda store: store.log.read()) == before


@pytest.mark.parametrize(
    "words",
    [
        ("password", "nobody", "--generate"),
        ("role", "nobody", "developer"),
        ("disable", "nobody"),
        ("enable", "nobody"),
        ("totp", "nobody", "--off"),
        ("token", "nobody", "--scope", "calls:take"),
    ],
)
def test_an_unknown_account_is_told(anna, words) -> None:
    assert refused(anna(*words)) == UNKNOWN


@pytest.mark.parametrize(
    "words", [("list",), ("tokens",), ("disable", "anna"), ("password", "anna", "--generate")]
)
def test_only_add_makes_a_store(user, file, words) -> None:
    assert refused(user(*words)) == f"vagtcentral: {file}: there is no store here\n"
    assert not file.exists()


def test_another_database_is_refused_without_its_password(user) -> None:
    result = CliRunner().invoke(app, ["list", "--store", "mysql://root:secret@db/calls"])
    assert "secret" not in refused(result)


def test_the_store_is_that_of_the_settings_where_none_is_named(anna, file, monkeypatch) -> None:
    monkeypatch.setenv("VAGTCENTRAL_STORE", f"sqlite:///{file}")
    assert CliRunner().invoke(app, ["list"]).stdout == "anna: operator, takes calls as anna\n"


def test_accounts_are_listed_for_people_and_programs(anna) -> None:
    anna("add", "bo", "--role", "developer", "--generate")
    anna("disable", "bo")
    assert anna("list").stdout == "anna: operator, takes calls as anna\nbo: developer, disabled\n"
    first, second = json.loads(anna("list", "--json").stdout)["accounts"]
    assert (first["name"], first["role"], first["operator"], first["totp"]) == (
        "anna",
        "operator",
        "anna",
        False,
    )
    assert (second["operator"], first["disabled_at"]) == (None, None)
    assert datetime.fromisoformat(second["disabled_at"]) - datetime.now(UTC) < timedelta(seconds=60)
    assert "hash" not in str(first)


def test_roles_change_and_accounts_are_disabled_and_enabled(anna, file) -> None:
    assert anna("role", "anna", "supervisor").stderr == "anna: is supervisor now\n"
    assert anna("role", "anna", "operator", "--operator", "fyn-vagt").stderr == (
        "anna: is operator now, takes calls as fyn-vagt\n"
    )
    assert anna("disable", "anna").stderr == "anna: is disabled and signed out everywhere\n"
    assert not lets_in(file, PASSWORD)
    assert anna("enable", "anna").stderr == "anna: is enabled\n"
    assert lets_in(file, PASSWORD)


def test_the_log_has_who_typed_it(anna, file) -> None:
    (entry,) = ask(file, lambda store: store.log.read())
    assert (entry.deed, entry.account, entry.address) == (Deed.ACCOUNT_ADDED, "anna", None)
    assert re.fullmatch(r"os:[\w.-]+", entry.who)


# --- codes ----------------------------------------------------------------------------------------


def test_codes_are_asked_for_once_the_app_has_proved_itself(anna, file, monkeypatch) -> None:
    """The app reads the URI and shows a code: here, when the command asks for it."""
    monkeypatch.setattr("vagtcentral.console.accounts.totp.new_secret", lambda: "A" * 32)
    app_ = pyotp.TOTP("A" * 32)
    done = anna("totp", "anna", typed=app_.at(int(time.time())) + "\n")
    assert (done.exit_code, done.stderr) == (0, "anna: signs in with codes from now on\n")
    uri = urlsplit(done.stdout.strip())
    assert (uri.path, parse_qs(uri.query)["secret"]) == ("/Vagtcentral:anna", ["A" * 32])
    assert anna("list").stdout == "anna: operator, takes calls as anna, with codes\n"
    assert not lets_in(file, PASSWORD)
    assert lets_in(file, PASSWORD, app_.at(int(time.time()) + 30))
    off = anna("totp", "anna", "--off")
    assert (off.exit_code, off.stdout) == (0, "")
    assert off.stderr == "anna: signs in without codes from now on\n"
    assert lets_in(file, PASSWORD)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (
            "000000\n",
            "vagtcentral: code: is not of this secret and minute; allowed is what the app shows now\n",
        ),
        ("", "vagtcentral: code: none on stdin; one line is read from there\n"),
    ],
)
def test_without_the_right_code_nothing_changes(anna, file, typed, line) -> None:
    done = anna("totp", "anna", typed=typed)
    assert (done.exit_code, done.stderr) == (2, line)
    assert done.stdout.startswith("otpauth://totp/Vagtcentral:anna?secret=")
    assert lets_in(file, PASSWORD)


def test_the_secret_is_new_each_time_and_one_json_document(anna) -> None:
    made = {anna("totp", "anna", "--json", typed="000000\n").stdout for _ in range(3)}
    assert {json.loads(document)["name"] for document in made} == {"anna"}
    assert len({json.loads(document)["otpauth_uri"] for document in made}) == 3


def test_whoever_answers_through_a_pipe_gets_the_secret_before_the_code_is_read(anna, file) -> None:
    words = [sys.executable, "-m", "vagtcentral", "user", "totp", "anna", "--store", str(file)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as running:
        secret = parse_qs(urlsplit(running.stdout.readline().strip()).query)["secret"][0]
        _, said = running.communicate(pyotp.TOTP(secret).at(int(time.time())) + "\n", timeout=60)
    assert (running.returncode, said) == (0, "anna: signs in with codes from now on\n")


# --- tokens ---------------------------------------------------------------------------------------


def test_a_token_is_printed_once_and_can_be_revoked(anna, file) -> None:
    made = anna("token", "anna", "--scope", "live:watch", "--scope", "calls:take")
    assert made.exit_code == 0
    text = made.stdout.strip()
    found = re.fullmatch(r"token (\w{8}) of anna, until \S+Z: calls:take, live:watch\n", made.stderr)
    person = ask(file, lambda store: store.tokens.person(text))
    assert (person.name, person.role, person.token) == ("anna", Role.OPERATOR, found[1])
    assert person.permissions == {Permission.TAKE_CALLS, Permission.WATCH_LIVE}
    listed = anna("tokens")
    assert listed.stdout == made.stderr.removeprefix("token ")
    assert anna("revoke", found[1]).stderr == f"token {found[1]}: is revoked\n"
    assert ask(file, lambda store: store.tokens.person(text)) is None
    assert f"{found[1]} of anna, until" in anna("tokens").stdout
    assert ", revoked " in anna("tokens", "anna").stdout
    assert anna("tokens", "nobody").stdout == ""


@pytest.mark.parametrize(
    ("given", "end"),
    [
        ("2099-01-31", "2099-01-31T00:00:00Z"),
        ("2099-01-31T12:00+01:00", "2099-01-31T11:00:00Z"),
        ("never", None),
    ],
)
def test_a_token_ends_when_asked_for(anna, given: str, end: str | None) -> None:
    made = anna("token", "anna", "--scope", "live:watch", "--expires", given, "--json")
    document = json.loads(made.stdout)
    (listed,) = json.loads(anna("tokens", "--json").stdout)["tokens"]
    assert document["token"].startswith("vagtcentral_")
    assert document == listed | {"token": document["token"]}
    assert (listed["scopes"], listed["expires_at"]) == (["live:watch"], end)


def test_a_token_is_good_for_a_year_where_nothing_is_said(anna) -> None:
    made = json.loads(anna("token", "anna", "--scope", "live:watch", "--json").stdout)
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=364) < left <= timedelta(days=365)


def test_help_needs_no_database_library() -> None:
    heavy = "{'sqlalchemy', 'pydantic', 'fastapi', 'argon2', 'pyotp'}"
    code = f"import sys, vagtcentral.console.user; sys.exit(bool({heavy} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
