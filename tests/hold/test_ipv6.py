"""A real server at an address of IPv6."""

import socket

import pytest
from crowd import PEOPLE, Visitor, examples_of
from serving import Server


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
def test_a_server_at_ipv6_answers(tmp_path):
    with Server(tmp_path, "--host", "::1", health="[::1]") as server:
        assert f"http://[::1]:{server.port}" in server.text
        visitor = Visitor(server)
        examples, actions = examples_of(visitor)
        query = visitor.upload(PEOPLE / "query" / "jump.mp4")
        end = visitor.call("predict", examples, actions, query, "bi-mhm", True)
        assert end["success"] and end["output"]["data"][0]["label"] == "jump"
