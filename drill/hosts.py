"""Hosts of a site on this machine: network namespaces with addresses of their own (Linux, as root).

Each has one cable to the machine where PostgreSQL and Redis are; the cable can be pulled and put back.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from drill.ground import Ground, kill_family
from run import commands
from tests import servers

NET = "198.18.77"
"""Of the range that is kept for trying out networks (RFC 2544)."""


def possible() -> bool:
    """Whether this machine lets one make a network of its own."""
    if os.geteuid() or not shutil.which("ip"):
        return False
    name = f"jb-try-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode == 0
    if made:
        ip("netns", "del", name)
    return made


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Host:
    """One host: its programs see its own address, and the servers at the other end of its cable."""

    def __init__(self, ground: Ground, number: int) -> None:
        self.ground, self.number = ground, number
        self.name, self.cable = f"jb-{os.getpid()}-{number}", f"jb{os.getpid() % 10**6}x{number}"
        self.servers, self.address = f"{NET}.{4 * number + 1}", f"{NET}.{4 * number + 2}"
        self.port = servers.free_port()
        self.running: list[subprocess.Popen[str]] = []

    def join(self) -> None:
        ip("netns", "add", self.name)
        ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("addr", "add", f"{self.servers}/30", "dev", self.cable)
        ip("link", "set", self.cable, "up")
        for words in (
            ("addr", "add", f"{self.address}/30", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "lo", "up"),
        ):
            ip("-n", self.name, *words)

    def leave(self) -> None:
        for program in self.running:
            kill_family(program)
        for words in (("link", "del", self.cable), ("netns", "del", self.name)):
            with suppress(subprocess.CalledProcessError):
                ip(*words)

    def cut_off(self) -> None:
        """Nobody is told: what was sent is lost, and what waits for an answer waits."""
        ip("link", "set", self.cable, "down")

    def reconnect(self) -> None:
        ip("link", "set", self.cable, "up")

    def environment(self) -> dict[str, str]:
        here = self.ground.environment
        there = {
            name: here[name].replace("127.0.0.1", self.servers) for name in ("DATABASE_URL", "REDIS_URL")
        }
        return {**here, **there, "ALLOWED_HOSTS": f"127.0.0.1,{self.address}"}

    def start(self, what: str, command: list[str], **options: Any) -> "subprocess.Popen[str]":
        inside = ["ip", "netns", "exec", self.name, *command]
        said = {"env": self.environment(), **options}
        self.running.append(self.ground.start(f"{what} of host {self.number}", inside, **said))
        return self.running[-1]

    def open(self) -> None:
        """Its web server and a worker of two processes."""
        known = commands(self.port)
        web = [word.replace("127.0.0.1", self.address) for word in known["web server"]]
        self.start("web server", web)
        self.start("task worker", [*known["task worker"], "--hostname", f"host{self.number}@%h"])


@contextmanager
def hosts(ground: Ground, count: int) -> Iterator[list[Host]]:
    """So many hosts; the servers of the ground listen at the other end of their cables."""
    made = [Host(ground, number) for number in range(1, count + 1)]
    try:
        for one in made:
            one.join()
        if ground.server:
            _listen(ground, ground.server, [one.servers for one in made])
        yield made
    finally:
        for one in made:
            one.leave()


def _listen(ground: Ground, server: servers.Own, addresses: list[str]) -> None:
    """PostgreSQL starts again for it, Redis is told."""
    import redis

    folder = ground.folder / "postgres"
    with (folder / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {NET}.0/24 trust\n")
    port = int(server.url.rpartition(":")[2].partition("/")[0])
    server.program.send_signal(signal.SIGINT)
    server.program.wait()
    everywhere = ("-c", f"listen_addresses={','.join(['127.0.0.1', *addresses])}")
    ground.server = servers.own_postgres(ground.programs, folder, port=port, options=everywhere)
    broker = redis.Redis.from_url(ground.broker.url)
    broker.config_set("protected-mode", "no")
    broker.config_set("bind", " ".join(["127.0.0.1", *addresses]))
