"""Commands for the operator about API clients: their keys are made, listed and taken away."""

from collections.abc import Sequence

import click

from shared import audit
from shared.config import SERVICES, load
from shared.database import reading, transaction
from shared.errors import missing
from shared.host import Host
from shared.logs import configure
from shared.web.access import SCOPES, SCOPES_OF, clients, create_client, new_key, revoke_client

ACTOR = "operator"
_OWNERS = [name for name in SERVICES if name in SCOPES_OF]


@click.group("api-key")
def api_key() -> None:
    """Keys of programs that use the API."""


@api_key.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES))
def add(name: str, scopes: Sequence[str]) -> None:
    """Make a key called NAME with the given scopes; it is shown once.

    The services that own the scopes store a digest of it; one key may serve both.
    """
    wanted = {service: sorted(set(scopes) & set(owned)) for service, owned in SCOPES_OF.items()}
    wanted = {service: found for service, found in wanted.items() if found}
    host, key = _host(list(wanted)), new_key()
    for service, found in wanted.items():
        with transaction(host.services[service].engine) as session:
            create_client(session, name, found, host.clock(), key)
            audit.record(session, host.clock(), ACTOR, "client.added", name, {"scopes": found})
    click.echo(key)


@api_key.command("list")
@click.argument("services", nargs=-1, type=click.Choice(_OWNERS))
def show(services: Sequence[str]) -> None:
    """Show the clients of SERVICES (default: those whose database is named here) with their scopes."""
    host = _host(services or _OWNERS)
    for name in services or _OWNERS:
        with reading(host.services[name].engine) as session:
            for row in clients(session):
                click.echo(f"{name}\t{row.name}\t{row.created_at:%Y-%m-%d}\t{' '.join(row.scopes)}")


@api_key.command()
@click.argument("name")
@click.argument("services", nargs=-1, type=click.Choice(_OWNERS))
def revoke(name: str, services: Sequence[str]) -> None:
    """Take the key called NAME away from SERVICES (default: all that know it); it ends at once."""
    host, found = _host(services or _OWNERS), []
    for service in services or _OWNERS:
        with transaction(host.services[service].engine) as session:
            if revoke_client(session, name):
                audit.record(session, host.clock(), ACTOR, "client.revoked", name)
                found.append(service)
    if not found:
        raise missing("client_unknown", f"There is no client called {name}; `cermin api-key list` shows them.")
    click.echo(f"revoked in: {', '.join(found)}")


def _host(names: Sequence[str]) -> Host:
    settings = load()
    configure(settings.log_level)
    return Host(settings, names)
