"""Two visitors at a real server: one attacks, and the other notices nothing but waiting."""

import threading
import time

import httpx
import pytest
from crowd import API, PEOPLE, Visitor, examples_of
from PIL import Image
from playing import add, ask_file, open_set
from playwright.sync_api import expect
from serving import Server

LATE = 120_000  # milliseconds


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server")) as server:
        yield server


class Attack:
    """Costly requests, ways past the queue, damaged files and many sessions, until it is told to stop."""

    def __init__(self, server, folder):
        self.server, self.over, self.done = server, threading.Event(), {}
        self.large = folder / "large.gif"
        Image.new("P", (8192, 8192)).save(self.large)
        self.session = folder / "session.npz"
        self.session.write_bytes(b"PK\3\4" + bytes(100_000))
        self.threads = [
            threading.Thread(target=self.repeat, args=(way,)) for way in (self.costly, self.past, self.many)
        ]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def repeat(self, way):
        while not self.over.is_set():
            way()
            self.done[way.__name__] = self.done.get(way.__name__, 0) + 1

    def costly(self):
        visitor = Visitor(self.server)
        clips = [visitor.upload(self.large, f"{number}.gif") for number in range(12)]
        visitor.call("predict", clips, ["a", "b"] * 6, visitor.upload(PEOPLE / "query" / "kick.mp4"), "bi-mhm", True)
        examples, actions = examples_of(visitor)
        visitor.call("what_if", examples, actions, visitor.upload(PEOPLE / "query" / "kick.mp4"), "bi-mhm", True)

    def past(self):
        for name in ("what_if", "inspect", "predict"):
            httpx.post(f"{self.server.address}{API}/run/{name}", json={"data": []}, timeout=60)
        time.sleep(0.2)

    def many(self):
        for _ in range(20):
            Visitor(self.server).press(do="open", workspace="table")
        Visitor(self.server).upload(self.session)


def test_beside_an_attacker_a_visitor_keeps_what_is_theirs_and_gets_the_right_answers(browser, server, tmp_path):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(server.address)
    expect(page.locator("#answer .label")).to_be_visible(timeout=LATE)
    open_set(page, "Your own clips")
    for action in ("jump", "punch"):
        clip = tmp_path / f"my {action}.mp4"
        clip.write_bytes((PEOPLE / "support" / action / "1.mp4").read_bytes())
        add(page, action, [clip])
        expect(page.locator(f'#cards .card[data-name="{action}"]')).to_be_visible(timeout=LATE)
    with Attack(server, tmp_path) as attack:
        while len(attack.done) < 2:
            time.sleep(0.1)
        for action in ("punch", "jump"):
            ask_file(page, PEOPLE / "query" / f"{action}.mp4")
            expect(page.locator("#answer .label")).to_have_text(action, timeout=LATE)
            expect(page.locator("#cards .card")).to_have_count(2)
            expect(page.locator("#cards .shot")).to_have_count(2)
            page.get_by_role("button", name="Remove", exact=True).click()
            expect(page.locator("#answer .label")).to_have_count(0, timeout=LATE)
    assert attack.done["past"] and attack.done["many"]
    context.close()
