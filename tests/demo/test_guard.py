"""Names that a page is served under, and sites that may ask it."""

import pytest

from d2st.demo.guard import ANY, Names
from d2st.demo.surroundings import served_names


@pytest.mark.parametrize(
    "allowed, host, shared, served, refused",
    [
        (None, "127.0.0.1", False, ["127.0.0.1:7860", "localhost", "[::1]:7860"],
         ["evil.example", "127.0.0.1.evil.example", ""]),
        (None, "::1", False, ["[::1]:7860", "localhost:1"], ["evil.example"]),
        (None, "0.0.0.0", False, ["evil.example", "10.0.0.1:80"], []),
        (None, "127.0.0.1", True, ["something.gradio.live"], []),
        (["demo.example.org"], "0.0.0.0", False, ["demo.example.org", "DEMO.example.org:443", "localhost"],
         ["example.org", "a.demo.example.org", "evil.example", "demo.example.org.evil.example"]),
        (["*.example.org"], "192.168.1.5", False, ["a.example.org", "192.168.1.5:80"],
         ["example.org.evil.example", "aexample.org"]),
        (["*"], "127.0.0.1", False, ["evil.example"], []),
    ],
)  # fmt: skip
def test_hosts(allowed, host, shared, served, refused):
    names = Names(served_names(allowed, host, shared))
    assert all(names.serve(each) for each in served)
    assert not any(names.serve(each) for each in refused)


@pytest.mark.parametrize(
    "origin, host, trusted",
    [
        ("http://a.example", "a.example", True),
        ("https://a.example", "a.example", True),  # a proxy takes the encryption off
        ("http://a.example:8080", "a.example:8080", True),
        ("http://a.example:8080", "a.example", True),  # a proxy takes the port off
        ("https://a.example", "a.example:443", True),
        ("http://a.example:1", "a.example:2", False),
        ("http://a.example", "a.example:2", False),
        ("http://b.example", "a.example", False),
        ("http://a.example.b.example", "a.example", False),
        ("http://a.example@b.example", "a.example", False),
        ("null", "a.example", False),
        ("", "a.example", False),
        ("", "", False),
        ("http://[::1]:7860", "[::1]:7860", True),
        ("https://friend.example", "a.example", True),
        ("https://friend.example/", "a.example", True),
        ("http://friend.example", "a.example", False),
    ],
)
def test_origins(origin, host, trusted):
    assert Names((ANY,), ["https://friend.example"]).trust(origin, host) is trusted


def test_any_origin_can_be_trusted():
    assert Names((ANY,), [ANY]).trust("http://b.example", "a.example")
