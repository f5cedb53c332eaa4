"""A closed-loop load generator: so many connections, each with one request under way. Prints one JSON line of what it saw.

It shares the cores with what it measures, so it does as little as it can: requests are made beforehand, an answer is looked at no closer than
where it ends.
"""

import asyncio
import json
import random
import sys
import time

import uvloop


class Connection(asyncio.Protocol):
    """One keep-alive connection that asks again as soon as it is answered, or at its next turn when paced."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.asked = time.perf_counter()
        self.transport.write(random.choice(self.load.requests))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self.buffer.index(b"content-length: ") + 16
        length = int(self.buffer[at : self.buffer.index(b"\r", at)])
        if len(self.buffer) < head + 4 + length:
            return
        self.load.seen(self.buffer[9:12], time.perf_counter() - self.asked)
        self.buffer = b""
        if self.load.pause:
            asyncio.get_running_loop().call_later(random.expovariate(1 / self.load.pause), self.ask)
        else:
            self.ask()


class Load:
    """What is asked, and what came back."""

    def __init__(self, options: dict) -> None:
        self.options = options
        self.pause = options.get("pause", 0.0)
        self.times: list[float] = []
        self.statuses: dict[str, int] = {}
        self.counting = False
        self.requests = [self.request() for _ in range(20_000)]

    def request(self) -> bytes:
        number = f"{self.options['prefix']}{random.randrange(self.options['rows']) * 7919 % 10**9:09d}"
        body = json.dumps({"type": "personal_number", "value": number, "fields": ["full_name", "birth_date", "sex", "address", "phone"]}).encode()
        return self.options["head"].encode() + str(len(body)).encode() + b"\r\n\r\n" + body

    def seen(self, status: bytes, seconds: float) -> None:
        if self.counting:
            self.times.append(seconds)
            self.statuses[status.decode()] = self.statuses.get(status.decode(), 0) + 1


async def main() -> None:
    options = json.loads(sys.argv[1])
    load, loop = Load(options), asyncio.get_running_loop()
    for _ in range(options["connections"]):
        await loop.create_unix_connection(lambda: Connection(load), options["unix"])
    await asyncio.sleep(options.get("warm", 2))
    load.counting, started = True, time.perf_counter()
    await asyncio.sleep(options["seconds"])
    load.counting = False
    times = sorted(load.times)
    at = {f"p{share}": 1000 * times[int(len(times) * share / 100)] for share in (50, 99)} if times else {}
    print(json.dumps({"per_s": len(times) / (time.perf_counter() - started), "statuses": load.statuses, "longest_ms": 1000 * times[-1], **at}))


uvloop.run(main())
