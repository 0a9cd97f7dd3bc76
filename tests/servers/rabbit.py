"""A private RabbitMQ node: ``with server() as rabbit: url = rabbit.vhost()``."""

import contextlib
import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pika
from pika.exceptions import AMQPError

from tests.servers import processes
from tests.servers.processes import ServerFailed, ServerMissing

ADVICE = "RabbitMQ is not installed (Debian package rabbitmq-server)"
PROGRAMS = Path("/usr/lib/rabbitmq/bin")


@dataclass(slots=True)
class Rabbit:
    """A node that can be killed and started again on the same data. ``home`` is None for a given server."""

    url: str
    """With the default vhost, ``/``."""
    home: Path | None
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the node and wait until it takes connections."""
        assert self.home is not None
        log = self.home / "output"
        self.process = processes.start([str(PROGRAMS / "rabbitmq-server")], log, self.environment)
        processes.wait_until(lambda: answers(self.url), self.process, log, 90)

    def kill(self) -> None:
        """SIGKILL, as a power failure would. Wait a second after declaring a queue before you do this."""
        assert self.process is not None
        processes.kill(self.process)

    def stop(self) -> None:
        """Stop the node in good order."""
        assert self.process is not None
        processes.stop(self.process, signal.SIGTERM, seconds=20)

    def vhosts(self, count: int) -> list[str]:
        """URLs of fresh vhosts. A given server has only its own, which the tests then take in turns."""
        if self.home is None:
            return [self.url] * count
        names = [f"v{uuid.uuid4().hex[:12]}" for _ in range(count)]
        listed = ",".join(f'<<"{name}">>' for name in names)
        self._eval(
            f'[begin rabbit_vhost:add(V, <<"test">>), rabbit_auth_backend_internal:set_permissions('
            f'<<"guest">>, V, <<".*">>, <<".*">>, <<".*">>, <<"test">>) end || V <- [{listed}]].'
        )
        return [f"{self.url.rpartition('/')[0]}/{name}" for name in names]

    def control(self, *arguments: str) -> None:
        """``rabbitmqctl ARGUMENTS`` on a node of one's own."""
        command = [str(PROGRAMS / "rabbitmqctl"), "-q", *arguments]
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            env=self.environment,
            cwd="/",
            timeout=60,
            **processes.unprivileged(),
        )

    def _eval(self, erlang: str) -> None:
        command = [str(PROGRAMS / "rabbitmqctl"), "-q", "eval", erlang]
        result = subprocess.run(
            command, capture_output=True, env=self.environment, cwd="/", timeout=60, **processes.unprivileged()
        )
        if result.returncode:
            raise ServerFailed(f"rabbitmqctl: {(result.stderr + result.stdout).decode(errors='replace')[-2000:]}")


@contextmanager
def server() -> Iterator[Rabbit]:
    """A node in a fresh folder, or the one that ``TEST_AMQP_URL`` names (with its vhost).

    Raises ``ServerMissing`` when RabbitMQ is not installed.
    """
    if given := os.environ.get("TEST_AMQP_URL"):
        yield Rabbit(given, None)
        return
    if not (PROGRAMS / "rabbitmq-server").exists():
        raise ServerMissing(ADVICE)
    with processes.folder("cermin-mq-") as home:
        port = processes.free_port()
        rabbit = Rabbit(f"amqp://guest:guest@127.0.0.1:{port}/%2F", home, _environment(home, port))
        try:
            rabbit.start()
            yield rabbit
        finally:
            if rabbit.process is not None:
                rabbit.stop()
            _stop_epmd(rabbit.environment)


def _environment(home: Path, port: int) -> dict[str, str]:
    (home / "rabbitmq.conf").write_text(
        "log.console.level = warning\nlog.file = false\nlog.console = true\ndisk_free_limit.absolute = 50MB\n"
        "heartbeat = 60\n"
    )
    (home / "plugins").write_text("[].\n")
    for name in ("rabbitmq.conf", "plugins"):
        (home / name).chmod(0o644)
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "RABBITMQ_NODENAME": f"t{uuid.uuid4().hex[:10]}@localhost",
        "RABBITMQ_MNESIA_BASE": str(home / "data"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(processes.free_port()),
        "ERL_EPMD_PORT": str(processes.free_port()),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none",
        "RABBITMQ_CTL_ERL_ARGS": "+S 1:1 +sbwt none",
    }


def _stop_epmd(environment: dict[str, str]) -> None:
    epmd = shutil.which("epmd")
    if epmd:
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                [epmd, "-kill"], capture_output=True, env=environment, timeout=10, **processes.unprivileged()
            )


def answers(url: str) -> bool:
    """Whether a connection can be opened."""
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = 2
    parameters.stack_timeout = 5
    parameters.connection_attempts = 1
    try:
        pika.BlockingConnection(parameters).close()
    except (AMQPError, OSError):
        return False
    return True
