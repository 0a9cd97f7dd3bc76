"""``cermin staff``: accounts of the personnel office."""

import secrets

import click

from shared.database import transaction
from shared.service import Context
from shared.staff import ROLES
from survey_service.usecases import accounts


def staff_commands(context: Context) -> click.Group:
    """The group of commands, bound to the database of this installation."""
    group = click.Group("staff", help="Accounts of the personnel office.")

    @group.command()
    @click.argument("login")
    @click.option("--name", required=True, help="The person's name, shown on every page.")
    @click.option("--role", required=True, type=click.Choice(ROLES))
    @click.option("--unit", help="For a unit administrator: the unit.")
    @click.option("--ask", is_flag=True, help="Ask for the password instead of making one.")
    def add(login: str, name: str, role: str, unit: str | None, ask: bool) -> None:
        """Add an account and print its password once, unless --ask."""
        chosen = _password(ask)
        with transaction(context.engine) as session:
            accounts.add_account(session, login, name, role, unit, chosen, context.clock())
        _tell(ask, chosen)

    @group.command()
    @click.argument("login")
    @click.option("--ask", is_flag=True, help="Ask for the password instead of making one.")
    def password(login: str, ask: bool) -> None:
        """Set another password and end every sign-in of the account."""
        chosen = _password(ask)
        with transaction(context.engine) as session:
            accounts.set_password(session, login, chosen, context.clock())
        _tell(ask, chosen)

    @group.command()
    @click.argument("login")
    def disable(login: str) -> None:
        """Disable an account and end every sign-in of it."""
        with transaction(context.engine) as session:
            accounts.disable(session, login, context.clock())

    return group


def _password(ask: bool) -> str:
    if ask:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return "-".join(secrets.token_urlsafe(4) for _ in range(4))


def _tell(asked: bool, password: str) -> None:
    if not asked:
        click.echo(f"Password (shown once): {password}")
