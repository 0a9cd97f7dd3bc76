"""``cermin staff``: the operator gives people access and takes it back."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from shared.cli import main
from shared.errors import Refused
from shared.service import Context
from survey_service.console.commands import staff_commands
from tests.integration.console.conftest import send


def run(context: Context, *words: str, typed: str = ""):
    return CliRunner().invoke(staff_commands(context), words, input=typed)


def test_a_new_account_gets_a_password_that_works(context: Context, visitor: FlaskClient) -> None:
    said = run(context, "add", "Dewi", "--name", "Dewi Lestari", "--role", "hr").output
    password = said.split()[-1]
    assert send(visitor, "/console/sign-in", login="dewi", password=password).status_code == 303
    assert "Dewi Lestari" in visitor.get("/console/").text


def test_a_password_may_be_typed_instead(context: Context, visitor: FlaskClient) -> None:
    done = run(context, "password", "sari", "--ask", typed="sebuah kalimat panjang\nsebuah kalimat panjang\n")
    assert done.exit_code == 0
    assert "sebuah" not in done.output
    answer = send(visitor, "/console/sign-in", login="sari", password="sebuah kalimat panjang")
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "sari", "--name", "Sari", "--role", "hr"), "login_taken"),
        (("add", "a b", "--name", "", "--role", "unit_admin"), "bad_account"),
        (("add", "citra", "--name", "Citra", "--role", "unit_admin", "--unit", "Tidak Ada"), "bad_account"),
        (("password", "nobody"), "account"),
        (("disable", "nobody"), "account"),
    ],
)
def test_what_does_not_fit_is_refused(context: Context, visitor: FlaskClient, words: tuple, code: str) -> None:
    refusal = run(context, *words).exception
    assert isinstance(refusal, Refused)
    assert refusal.code == code


def test_every_fault_of_an_account_is_named_at_once(context: Context, visitor: FlaskClient) -> None:
    refusal = run(context, "add", "a b", "--name", " ", "--role", "unit_admin").exception
    assert {part.where for part in refusal.problems} == {"login", "name", "unit"}


def test_a_short_password_is_refused(context: Context, visitor: FlaskClient) -> None:
    refusal = run(context, "password", "sari", "--ask", typed="pendek\npendek\n").exception
    assert [part.where for part in refusal.problems] == ["password"]


def test_the_command_line_knows_it_and_says_what_to_do_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CERMIN_DATA_DIR", str(tmp_path))
    words = ["staff", "add", "dewi", "--name", "Dewi", "--role", "hr"]
    early = CliRunner().invoke(main, words)
    assert early.exit_code == 2 and "cermin migrate" in early.stderr
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 0
    assert "Password (shown once):" in CliRunner().invoke(main, words).output
    again = CliRunner().invoke(main, words)
    assert again.exit_code == 2 and "exists already" in again.stderr
