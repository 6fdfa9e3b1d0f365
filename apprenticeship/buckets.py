"""Files in a bucket of any service that speaks S3: then web and workers share no folder.

`s3://KEY:SECRET@HOST/BUCKET/PREFIX`, with `s3+http://` where there is no TLS, and `?region=` where the
service asks for one. The service shows an object when it is whole, and exchanges one in one step.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files import File
from storages.backends.s3 import S3Storage

from apprenticeship.storages import STAGE

IN_MEMORY = 16 * 1024 * 1024
"""Bytes of a file that is read; a larger one is read from a temporary file."""
PATIENCE = {
    "connect_timeout": 5,
    "read_timeout": 60,
    "retries": {"total_max_attempts": 3, "mode": "standard"},
}
# Checksums beside those of HTTP are newer than many services; every reader compares SHA-256 with its row.
PLAIN = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}


class Bucket(S3Storage):
    """A bucket, or what begins with a prefix in it. Everything that goes wrong is an OSError."""

    def __init__(self, url: str) -> None:
        told = urlsplit(url)
        bucket, _, prefix = told.path.strip("/").partition("/")
        if told.scheme not in ("s3", "s3+http") or not (told.hostname and bucket):
            raise ImproperlyConfigured("STORAGE_URL must look like s3://KEY:SECRET@HOST/BUCKET.")
        scheme = "http" if told.scheme == "s3+http" else "https"
        config = Config(s3={"addressing_style": "path"}, signature_version="s3v4", **PATIENCE, **PLAIN)
        super().__init__(
            access_key=unquote(told.username or ""),
            secret_key=unquote(told.password or ""),
            endpoint_url=f"{scheme}://{told.netloc.rpartition('@')[2]}",
            region_name=parse_qs(told.query).get("region", ["us-east-1"])[0],
            bucket_name=bucket,
            location=prefix,
            client_config=config,
            file_overwrite=False,
            max_memory_size=IN_MEMORY,
        )

    @property
    def stage(self) -> Path:
        return Path(settings.VAR_DIR) / STAGE

    def names(self) -> Iterator[str]:
        start = f"{self.location}/" if self.location else ""
        pages = self._client.get_paginator("list_objects_v2")
        with _os_errors():
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=start):
                for entry in page.get("Contents", ()):
                    name = entry["Key"][len(start) :]
                    if self._normalize_name(name) == entry["Key"]:  # in another spelling it is not ours
                        yield name

    def put(self, name: str, data: bytes) -> None:
        with _os_errors():
            self._client.put_object(Bucket=self.bucket_name, Key=self._normalize_name(name), Body=data)

    def take_in(self, path: Path, name: str) -> None:
        with _os_errors():
            self._client.upload_file(str(path), self.bucket_name, self._normalize_name(name))
        path.unlink()

    def delete(self, name: str) -> None:
        with _os_errors():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _os_errors():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with _os_errors():
            return int(super().size(name))

    def get_modified_time(self, name: str) -> datetime:
        with _os_errors():
            return super().get_modified_time(name)

    def check(self) -> None:
        with _os_errors():
            self._client.head_bucket(Bucket=self.bucket_name)

    @property
    def _client(self) -> Any:
        """Of this thread."""
        return self.connection.meta.client

    def _open(self, name: str, mode: str = "rb") -> File:
        """Read whole at once: a service that goes away later breaks nothing that has begun."""
        with _os_errors():
            file = super()._open(name, mode)
            file.open()
        return file

    def _save(self, name: str, content: Any) -> str:
        with _os_errors():
            return str(super()._save(name, content))


@contextmanager
def _os_errors() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError, Boto3Error) as error:
        raise OSError(f"The storage of files: {error}") from error
