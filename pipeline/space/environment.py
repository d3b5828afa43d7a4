"""A Space's secrets and variables: their values, taken from the environment of whoever deploys."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping

from pipeline.errors import SpaceError
from pipeline.space.spacefile import Spacefile

OWN = "From the Spacefile"
"""How the description of what the Spacefile has set begins; what was set by hand is never touched."""

_ROUNDS = 2**14
"""Cost of a fingerprint (about 50 ms), so that a secret cannot be guessed from it in bulk."""


def secrets(spacefile: Spacefile, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The value of each secret.

    Raises:
        SpaceError: one is missing in the environment.
    """
    return {name: _value(name, "secret", environ) for name in spacefile.secrets}


def variables(spacefile: Spacefile, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The value of each variable: as written, or of the same name in the environment.

    Raises:
        SpaceError: one is missing in the environment.
    """
    found = {}
    for entry in spacefile.variables:
        name, separator, value = entry.partition("=")
        found[name] = value if separator else _value(name, "variable", environ)
    return found


def described(repo: str, name: str, value: str) -> str:
    """The description of a secret. The Hub never tells a value, so this is how a change is noticed.

    It ends with 32 bits of a slow hash, salted with the names. Only those can read it who may change the
    Space, and could therefore read the secret itself.
    """
    salt = f"{repo}:{name}".encode()
    digest = hashlib.scrypt(value.encode(), salt=salt, n=_ROUNDS, r=8, p=1, dklen=4).hex()
    return f"{OWN}, fingerprint {digest}"


def is_own(description: str) -> bool:
    """Whether a secret or variable was set from the Spacefile."""
    return re.match(rf"{OWN}\b", description) is not None


def _value(name: str, kind: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "")
    if not value:
        raise SpaceError(
            f"The {kind} {name} of the Spacefile is not set in the environment; set {name} and try again.",
            parameter=f"{kind}s",
        )
    return value
