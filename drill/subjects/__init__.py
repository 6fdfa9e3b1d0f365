"""One module a subject; what each must offer stands in `drill/__init__.py`."""

import importlib
import pkgutil
from types import ModuleType

DEFAULT_DATABASES = ("postgresql",)


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def subject(name: str) -> ModuleType:
    """The module. It must load without Django being set up: models are imported inside functions."""
    return importlib.import_module(f"{__name__}.{name}")


def databases_of(module: ModuleType) -> tuple[str, ...]:
    return tuple(getattr(module, "DATABASES", DEFAULT_DATABASES))
