"""The page at a path of its own behind Debian's nginx, with the configuration that comes along."""

import os
import shutil
import subprocess
import time

import httpx
import pytest
from serving import ROOT, Server, free_port, uploaded
from small import EXAMPLES

HOST = "demo.example.org"
CLIP = EXAMPLES / "people" / "query" / "kick.mp4"
AROUND = """{user} daemon off; error_log {folder}/error.log; pid {folder}/pid;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; server_name {host};
{ours}
    }}
}}
"""


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """The server, and a client of the proxy before it."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if not program:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("No nginx was found: apt install nginx-light")
    folder = tmp_path_factory.mktemp("proxy")
    port = free_port()
    with Server(folder, "--root-path", "/d2st", "--allowed-host", HOST) as server:
        ours = (ROOT / "deploy" / "nginx.conf").read_text().replace("127.0.0.1:7860", f"127.0.0.1:{server.port}")
        user = "user root;" if os.geteuid() == 0 else ""  # its workers write to the folder
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder, port=port, host=HOST, ours=ours, user=user))
        proxy = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")])
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Host": HOST}, timeout=120) as client:
                for _ in range(100):
                    try:
                        client.get("/")
                        break
                    except httpx.ConnectError:
                        time.sleep(0.1)
                yield server, client
        finally:
            proxy.terminate()
            proxy.wait(20)


def test_the_page_and_all_it_is_made_of_lie_below_the_path(behind):
    _, client = behind
    assert "gradio_config" in client.get("/d2st/").text
    config = client.get("/d2st/config").json()
    assert config["root"] == f"http://{HOST}/d2st"
    secure = client.get("/d2st/config", headers={"X-Forwarded-Proto": "https"}).json()
    assert secure["root"] == f"http://{HOST}/d2st"  # the proxy says what it speaks, and not who asks it
    assert client.get("/d2st/theme.css").status_code == 200
    assert client.get("/d2st/health").json()["ready"] and client.get("/d2st/metrics").status_code == 403


def test_uploads_streams_of_answers_and_a_camera_pass(behind):
    _, client = behind
    own = {"Origin": f"http://{HOST}"}
    file = ("files", ("kick.mp4", CLIP.read_bytes()))
    (path,) = client.post("/d2st/gradio_api/upload", files=[file], headers=own).json()
    large = client.post("/d2st/gradio_api/upload", files=[("files", ("large.mp4", bytes(5_000_000)))], headers=own)
    assert large.status_code == 200  # more than nginx takes by itself
    joined = client.post("/d2st/gradio_api/call/inspect", json={"data": [uploaded(path)]}, headers=own).json()
    with client.stream("GET", f"/d2st/gradio_api/call/inspect/{joined['event_id']}") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert '"traces"' in "".join(stream.iter_text())
    parts = client.get("/d2st/config").json()["components"]
    [live] = [part["id"] for part in parts if part["props"].get("elem_id") == "live"]
    sent = {"data": {"do": "leave", "run": "one"}, "component_id": live, "fn_name": "watch", "session_hash": "camera"}
    assert client.post("/d2st/gradio_api/component_server/", json=sent, headers=own).json() == ""
    served = client.get(f"/d2st/gradio_api/file={path}")
    assert served.content == CLIP.read_bytes()


def test_other_sites_and_names_are_refused_through_the_proxy_too(behind):
    _, client = behind
    assert client.get("/d2st/config", headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.get("/d2st/config", headers={"Host": "evil.example"}).status_code == 400
