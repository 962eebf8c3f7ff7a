"""Who may come in."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from d2st.demo import accounts
from d2st.errors import D2STError


@pytest.fixture(autouse=True)
def no_penalty(monkeypatch):
    monkeypatch.setattr(accounts, "PENALTY", 0)


def done(coroutine):
    """Its result, computed in a thread: a browser's tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def allow(people, user, password):
    return done(people.allow(user, password))


def test_people_come_in_with_their_passwords_and_with_no_others(tmp_path):
    hashed = accounts.Secret.of("a:b c").written()
    file = tmp_path / "people.txt"
    file.write_text(f"# the team\n\nanna:secret:with colons\nben:{hashed}\n", encoding="utf-8")
    people = accounts.read_accounts(str(file))
    people.places = None
    for user, password, right in (
        ("anna", "secret:with colons", True), ("ben", "a:b c", True), ("anna", "secret", False), ("ben", hashed, False),
        ("anna", "a:b c", False), ("nobody", "", False), ("", "", False), ("# the team", "", False),
    ):  # fmt: skip
        people.places = None  # each loop has its own
        assert allow(people, user, password) is right, user
    assert "secret" not in repr(vars(people)["secrets"]["anna"].digest)


def test_a_wrong_password_costs_time_and_a_few_are_checked_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(accounts, "PENALTY", 0.2)
    file = tmp_path / "people.txt"
    file.write_text("anna:secret\n")
    people = accounts.read_accounts(str(file))

    async def guess():
        began = asyncio.get_running_loop().time()
        found = await asyncio.gather(*(people.allow("anna", str(number)) for number in range(6)))
        return found, asyncio.get_running_loop().time() - began

    found, seconds = done(guess())
    assert not any(found) and seconds > 0.6  # three rounds of two


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("anna", "Line 1"), ("a:b\nben:", "Line 2"), (":secret", "Line 1"), ("a:b\na:c", "names 'a' once more"),
        ("anna:scrypt:xx", "no"), ("anna:scrypt:!!:!!", "hash that is none"), ("\n# a\n", "nobody"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named_without_its_password(tmp_path, text, sentence):
    file = tmp_path / "people.txt"
    file.write_text(text)
    with pytest.raises(D2STError, match=sentence) as raised:
        accounts.read_accounts(str(file))
    assert "secret" not in str(raised.value)


def test_the_program_says_how_to_make_a_hash():
    ran = subprocess.run([sys.executable, "-m", "d2st.demo.accounts"], capture_output=True, text=True)
    assert ran.returncode == 1 and "usage: python -m d2st.demo.accounts USER" in ran.stderr
