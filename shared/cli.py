"""The ``cermin`` command."""

import secrets
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from shared.api_keys import api_key
from shared.backup import backup, restore
from shared.clock import SteadyClock
from shared.config import SERVICES, BadSettings, Settings, load
from shared.demo import sample
from shared.demo.command import demo
from shared.doctor import doctor
from shared.errors import Refused
from shared.host import Host
from shared.logs import configure
from shared.operate import dead_letters
from shared.receipts import verify_receipt
from shared.web.serving import serving


class _Cermin(click.Group):
    """Adds the commands of services; turns what a person can mend into a message and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        try:
            return sorted({*super().list_commands(ctx), *_of_services()})
        except BadSettings:
            return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _of_services().get(cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BadSettings as problem:
            click.echo(str(problem), err=True)
        except Refused as refusal:
            click.echo(refusal.detail, err=True)
            for part in refusal.problems:
                click.echo(f"  {part.where}: {part.message}", err=True)
        except (OperationalError, ProgrammingError):
            click.echo(
                "The database is not there or not up to date: see that it runs, then `cermin migrate`.", err=True
            )
        sys.exit(2)


@click.group(cls=_Cermin)
@click.version_option(package_name="cermin")
def main() -> None:
    """360-degree behaviour surveys with anonymous one-time links."""


def settings() -> Settings:
    """Settings of this process, with logging set up."""
    found = load()
    configure(found.log_level)
    return found


def _of_services() -> dict[str, click.Command]:
    """Commands that the services bring along, by name."""
    host = Host(settings())
    return {str(command.name): command for service in host.services.values() for command in service.commands}


main.add_command(dead_letters)
main.add_command(api_key)
main.add_command(backup)
main.add_command(restore)
main.add_command(doctor)


_services = click.argument("services", nargs=-1, type=click.Choice(SERVICES))


@main.command()
@_services
@click.option("--sample", "sample_data", is_flag=True, help="Begin with a made-up office and an open round.")
def up(services: Sequence[str], sample_data: bool) -> None:
    """Run web pages and workers of SERVICES (default: all three) until interrupted."""
    host = Host(settings(), services or SERVICES, SteadyClock())
    host.migrate()
    stop = _stop_on_signal()
    threads = host.start(stop)
    with serving(host.wsgi(), host=host.settings.host, port=host.settings.port):
        if sample_data:
            _fill(host)
        click.echo(f"Cermin runs on {host.settings.public_url} (stop with Ctrl-C)", err=True)
        for line in (line for service in host.services.values() for line in service.welcome()):
            click.echo(line, err=True)
        stop.wait()
    for thread in threads:
        thread.join(timeout=10)
    host.close()


def _fill(host: Host) -> None:
    """Sample data and somebody who may look at it."""
    sample.fill(host, lambda line: click.echo(line, err=True))
    staff = _of_services()["staff"]
    click.echo("Sign in as `sample`:", err=True)
    staff.main(["add", "sample", "--name", "Petugas Contoh", "--role", "hr"], standalone_mode=False)


@main.command()
@_services
def work(services: Sequence[str]) -> None:
    """Run the workers of SERVICES without web pages: relay, consumer and jobs."""
    host = Host(settings(), services or SERVICES, SteadyClock())
    stop = _stop_on_signal()
    threads = host.start(stop)
    stop.wait()
    for thread in threads:
        thread.join(timeout=10)
    host.close()


@main.command()
@_services
def migrate(services: Sequence[str]) -> None:
    """Bring the databases of SERVICES to the newest form."""
    host = Host(settings(), services or SERVICES)
    host.migrate()
    host.close()


main.add_command(demo)
main.add_command(verify_receipt)


@main.command()
def secret() -> None:
    """Print a new secret for CERMIN_EVENT_SECRETS or CERMIN_SERVICE_SECRETS."""
    click.echo(secrets.token_urlsafe(32))


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    return stop


if __name__ == "__main__":
    main()
