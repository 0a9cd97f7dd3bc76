"""A mail server that takes everything at once: ``python -m bench.sink PORT``. It counts what it took."""

import asyncio
import sys


class Sink(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out: asyncio.Transport = transport  # type: ignore[assignment]
        self._buffer, self._reading = b"", False
        self._out.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answers = []
        while (found := self._next()) is not None:
            answers.append(found)
        if answers:
            self._out.write(b"".join(answers))

    def _next(self) -> bytes | None:
        end = self._buffer.find(b"\r\n.\r\n" if self._reading else b"\r\n")
        if end < 0:
            return None
        line, self._buffer = self._buffer[:end], self._buffer[end + (5 if self._reading else 2) :]
        if self._reading:
            self._reading = False
            return b"250 taken\r\n"
        word = line[:4].upper()
        self._reading = word == b"DATA"
        return {
            b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
            b"DATA": b"354 go on\r\n",
            b"QUIT": b"221 bye\r\n",
        }.get(word, b"250 ok\r\n")


async def main(port: int) -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
