"""Who may come in, where that is asked for: a file with a line for each person, user:password or user:hash.

`python -m d2st.demo.accounts USER` asks for a password and prints the line with its hash.
"""

import asyncio
import base64
import getpass
import hashlib
import hmac
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from d2st.errors import D2STError

SCRYPT = "scrypt:"  # what a hash begins with: scrypt:SALT:HASH, both base64
COST = dict(n=2**14, r=8, p=1)
PENALTY = 1  # seconds that a wrong password costs
AT_ONCE = 2  # passwords that are checked at the same time


@dataclass(frozen=True)
class Secret:
    """A password, hashed."""

    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, password: str) -> "Secret":
        salt = os.urandom(16)
        return cls(salt, _digest(password, salt))

    def is_of(self, password: str) -> bool:
        return hmac.compare_digest(self.digest, _digest(password, self.salt))

    def written(self) -> str:
        return SCRYPT + ":".join(base64.b64encode(part).decode() for part in (self.salt, self.digest))


class Accounts:
    """The people of a file. Gradio asks them for each login, as a function of a name and a password."""

    def __init__(self, secrets: dict[str, Secret]):
        self.secrets = secrets
        self.nobody = Secret.of("")  # so that an unknown name takes as long as a wrong password
        self.places: asyncio.Semaphore | None = None

    async def allow(self, user: str, password: str) -> bool:
        """Whether a name and a password belong together; it takes the same time for every wrong one."""
        self.places = self.places or asyncio.Semaphore(AT_ONCE)
        async with self.places:
            right = await asyncio.to_thread(self.secrets.get(user, self.nobody).is_of, password)
            if right and user in self.secrets:
                return True
            await asyncio.sleep(PENALTY)
            return False


def read_accounts(file: str) -> Accounts:
    """The accounts in a file; empty lines and those that begin with # are passed over.

    Raises `D2STError` where it cannot be read, holds nobody, or a line has no name and password.
    """
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise D2STError(f"The accounts in '{file}' cannot be read: {said}.") from None
    secrets: dict[str, Secret] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        user, colon, rest = line.strip().partition(":")
        if not (user and colon and rest) or user in secrets:
            wrong = f"names '{user}' once more" if user in secrets else "is not of the form user:password"
            raise D2STError(f"Line {number} of '{file}' {wrong}. Put it right.")
        secrets[user] = _secret(rest, f"Line {number} of '{file}'")
    if not secrets:
        raise D2STError(f"There is nobody in '{file}'. Write a line user:password for each person.")
    return Accounts(secrets)


def _secret(text: str, where: str) -> Secret:
    if not text.startswith(SCRYPT):
        return Secret.of(text)
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in text.removeprefix(SCRYPT).split(":"))
    except ValueError:
        raise D2STError(f"{where} has a hash that is none. Make one: python -m d2st.demo.accounts USER") from None
    return Secret(salt, digest)


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, dklen=32, **COST)


if __name__ == "__main__":
    if len(sys.argv) != 2 or ":" in sys.argv[1]:
        sys.exit("usage: python -m d2st.demo.accounts USER")
    print(f"{sys.argv[1]}:{Secret.of(getpass.getpass('Password: ')).written()}")
