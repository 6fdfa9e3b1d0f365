"""An S3 server of a package, which listens on a port of this machine, and a bucket in it."""

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from tests.servers import free_port, listens

KEY, SECRET = "AKIAEXAMPLE", "a/secret+with=signs"


@dataclass
class Service:
    """A server and one bucket; `url` is what STORAGE_URL may be."""

    port: int
    bucket: str
    program: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"s3+http://{KEY}:a%2Fsecret%2Bwith%3Dsigns@127.0.0.1:{self.port}/{self.bucket}/site"

    @property
    def client(self) -> Any:
        """What looks into the bucket past the product."""
        address = f"http://127.0.0.1:{self.port}"
        known = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
        return boto3.client("s3", endpoint_url=address, **known)

    def keys(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return sorted(entry["Key"] for entry in found)

    def end(self) -> None:
        self.program.kill()
        self.program.wait()


@contextmanager
def service() -> Iterator[Service]:
    """A server with an empty bucket; it forgets everything when it ends."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = Service(port, f"files-{secrets.token_hex(4)}", program)
    try:
        for _ in range(300):
            if listens(port):
                break
            time.sleep(0.1)
        found.client.create_bucket(Bucket=found.bucket)
        yield found
    finally:
        found.end()
