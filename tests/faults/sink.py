"""A mail server that writes what it takes into one file and says yes: ``serve`` never returns."""

import asyncio
import json
import socket
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """One JSON line per mail: safe in the file before the sender hears yes."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        with self._file.open("a") as file:
            file.write(json.dumps({"to": envelope.rcpt_tos, "mail": envelope.content.decode("ascii")}) + "\n")
        return "250 queued"


def serve(door: socket.socket, file: Path) -> None:
    """Take mails at ``door`` until the process ends."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        handler = Sink(file)
        server = await loop.create_server(lambda: SMTP(handler, hostname="sink"), sock=door)
        await server.serve_forever()

    asyncio.run(run())
