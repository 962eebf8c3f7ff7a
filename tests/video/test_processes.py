"""The processes that decode: what they may do, what ends them, and that one clip never meets another."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import cv2
import psutil
import pytest
from clips import damaged, picture
from reading import KINDS, SPREAD, job, numbers, refusal, whole

from d2st.video import fence, handover, processes
from d2st.video import reader as video
from d2st.video.reader import Limits
from d2st.video.timeline import Timeline
from d2st.video.wanted import Wanted

ROOT = str(Path(video.__file__).parents[2])


@pytest.mark.parametrize(
    "limits, sentence",
    [
        (Limits(seconds=0.001), "'4k.mp4' took longer than 0.001 s to decode."),
        (Limits(memory=20_000_000), "'4k.mp4' takes more than 0.02 GB of memory to decode."),
    ],
)
def test_a_greedy_clip_is_stopped_and_the_next_one_works(folder, large, limits, sentence):
    whole(folder / "a.mp4")
    worker = video._pool.idle[-1].process
    assert refusal(large, limits=limits).startswith(sentence)
    assert worker.poll() is not None
    assert numbers(whole(folder / "a.mp4")) == SPREAD


def test_a_crash_is_one_sentence_and_the_next_clip_works(folder, large):
    whole(folder / "a.mp4")
    process = video._pool.idle[-1].process
    with ThreadPoolExecutor(1) as pool:
        message = pool.submit(refusal, large)
        while len(video._pool.idle) == video._pool.size:
            time.sleep(0.001)
        process.kill()
        assert message.result().startswith("'4k.mp4' made the decoder crash.")
    assert numbers(whole(folder / "a.mp4")) == SPREAD


def test_one_process_reads_many_clips_and_is_replaced_in_time(folder, monkeypatch):
    video._pool.stop()
    video.warm_up()
    first = video._pool.idle[-1].process.pid
    for _ in range(3):
        whole(folder / "a.mp4")
    assert video._pool.idle[-1].process.pid == first
    monkeypatch.setattr(processes, "CLIPS_A_PROCESS", 5)
    for _ in range(2):
        whole(folder / "a.mp4")
    assert video._pool.idle[-1].process.pid != first and numbers(whole(folder / "a.mp4")) == SPREAD


def test_threads_get_their_own_frames_each_process_one_at_a_time(folder, monkeypatch):
    ask, busy, most = processes.Process._ask, [], []

    def watched(process, job, paths):
        assert process not in busy, "two clips in one process"
        busy.append(process)
        most.append(len(busy))
        time.sleep(0.02)
        try:
            return ask(process, job, paths)
        finally:
            busy.remove(process)

    monkeypatch.setattr(processes.Process, "_ask", watched)
    names = [name for name in KINDS if name != "a.gif"] * 2
    with ThreadPoolExecutor(6) as pool:
        clips = list(pool.map(lambda each: whole(folder / each[1], frames=each[0] % 5 + 1), enumerate(names)))
    assert max(most) == video._pool.size
    for place, (name, clip) in enumerate(zip(names, clips, strict=True)):
        last = place % 5
        assert clip.name == name and numbers(clip) == Wanted(last + 1).picks(Timeline.counted(24, 24.0))


@pytest.mark.skipif(fence.resource is None, reason="Windows has no such clocks")
@pytest.mark.parametrize("seconds, clock, ended_by", [(100, 0.01, "SIGALRM"), (0.01, 100, "SIGXCPU")])
def test_a_process_that_nobody_kills_ends_by_itself(large, monkeypatch, tmp_path, seconds, clock, ended_by):
    (tmp_path / "sitecustomize.py").write_text(f"import d2st.video.fence\nd2st.video.fence._GRACE = {clock == 100:d}\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    process = processes.Process()
    process.start()
    process._greet()
    told, paths = job(large, limits={**asdict(Limits()), "seconds": seconds}, clock=clock)
    told["wanted"]["frames"] = 4000  # of one clip, shrunk one by one: it takes a while
    assert process._ask(told, paths) is None
    assert process.process.wait() == -getattr(signal, ended_by)
    process.stop()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows sends no interrupt to one process")
def test_an_interrupt_leaves_the_worker_alive(folder):
    whole(folder / "a.mp4")
    worker = video._pool.idle[-1].process
    worker.send_signal(signal.SIGINT)
    assert numbers(whole(folder / "a.mp4")) == SPREAD and video._pool.idle[-1].process is worker


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_starts_a_worker_of_its_own(folder):
    whole(folder / "a.mp4")
    child = os.fork()
    if child == 0:
        os._exit(
            0 if not any(each.process for each in video._pool.all) and numbers(whole(folder / "a.mkv")) == SPREAD else 1
        )
    assert numbers(whole(folder / "a.mp4")) == SPREAD
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


SCRIPT = """
import os, sys
print("main runs")
from d2st.video import reader as video
from d2st.errors import D2STError
for path in sys.argv[1:]:
    try:
        video.read_clip(path)
    except D2STError:
        print("refused")
print("torch" in sys.modules, video._pool.idle[-1].process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_plain_script_reads_quietly_and_takes_its_worker_with_it(folder, noisy, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    clips = folder / "a.mp4", folder / "a.ts", damaged(noisy, tmp_path / "damaged.mp4")
    run = subprocess.run(
        [sys.executable, tmp_path / "script.py", *clips],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ROOT},
    )
    *lines, last = run.stdout.splitlines()
    torch, worker = last.split()
    assert lines == ["main runs", "refused"] and torch == "False" and run.stderr == ""
    deadline = time.monotonic() + 5
    while psutil.pid_exists(int(worker)) and psutil.Process(int(worker)).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the worker outlives its program"
        time.sleep(0.02)


def test_a_start_that_hangs_is_ended_and_tried_once_more(folder, monkeypatch, tmp_path):
    video._pool.stop()
    asleep = tmp_path / "asleep"
    asleep.write_text(f"#!/bin/sh\nif [ -e {tmp_path}/second ]; then exec {sys.executable} \"$@\"; fi\n"
                      f"touch {tmp_path}/second\nexec sleep 60\n")  # fmt: skip
    asleep.chmod(0o755)
    monkeypatch.setattr(processes, "COMMAND", (str(asleep), *processes.COMMAND[1:]))
    monkeypatch.setattr(processes, "START_SECONDS", 3)
    assert numbers(whole(folder / "a.mp4")) == SPREAD
    video._pool.stop()
    monkeypatch.setattr(processes, "COMMAND", ("/bin/false",))
    assert refusal(folder / "a.mp4").startswith("The process that reads clips cannot start.")


HOSTILE = {  # what makes decoders open other files, or fetch them
    "list.mp4": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n",
    "concat.avi": b"ffconcat version 1.0\nfile /etc/hostname\n",
    "session.mkv": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
}
HARD_CLIPS = sorted(p for p in Path(__file__).with_name("hard-clips").iterdir() if p.suffix not in (".json", ".md"))


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_behind_the_fence_no_file_is_opened_no_program_run_and_no_network_reached(folder, tmp_path, monkeypatch):
    log = tmp_path / "calls"
    traced = "trace=%file,%network,%process,creat,landlock_restrict_self"
    command = ("strace", "-f", "-qq", "-e", "signal=none", "-e", traced, "-o", str(log), *processes.COMMAND)
    monkeypatch.setattr(processes, "COMMAND", command)
    monkeypatch.setattr(video, "_pool", processes.Pool())
    for name, data in HOSTILE.items():
        (tmp_path / name).write_bytes(data)
        assert "is no video" in refusal(tmp_path / name)
    for clip in HARD_CLIPS:
        whole(clip, preview=True)
    whole(folder / "a.mp4", decoder="decord")
    pictures = [tmp_path / f"{number}.png" for number in range(9)]
    for path in pictures:
        cv2.imwrite(str(path), picture(7)[..., ::-1])
    whole(pictures)
    video._pool.stop()
    before, fenced, after = log.read_text().partition("landlock_restrict_self(")
    assert before.count("openat(") > 100
    assert fenced or not fence.landlock_version()
    calls = [line.split(maxsplit=1)[1] for line in (after if fenced else before).splitlines()[1:]]
    # Sizes of open files, files that it is handed, threads, its end; and tables of letters for the names of channels,
    # which are refused where the system can.
    allowed = r'newfstatat\(\d+, "",|recvmsg\(|clone3?\(|exit(_group)?\(|<\.\.\. |openat\(.*/gconv/'
    assert [call for call in calls if not re.match(allowed, call)] == []
    assert not fenced or all("EACCES" in call for call in calls if call.startswith("openat"))
    assert all("CLONE_THREAD" in call for call in calls if call.startswith("clone"))


TRYING = """
import os, socket, subprocess
{}
try:
    {}
    print("done")
except PermissionError:
    print("refused")
"""


@pytest.mark.skipif(not fence.landlock_version(), reason="needs Landlock")
@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/hostname').read()",
        "open({folder!r} + '/new', 'w')",
        "os.listdir('/')",
        "os.remove({folder!r} + '/there')",
        "subprocess.run(['/bin/true'])",
        "socket.create_connection(('127.0.0.1', {port}))",
        "os.kill(os.getppid(), 0)",
    ],
)
def test_the_system_refuses_what_the_fence_forbids(tmp_path, attempt):
    (tmp_path / "there").touch()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        trying = attempt.format(folder=str(tmp_path), port=listening.getsockname()[1])
        for fenced, told in (("", "done"), ("from d2st.video.fence import fence\nfence()", "refused")):
            (tmp_path / "there").touch()
            code = TRYING.format(fenced, trying)
            run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
            assert run.stdout.strip() == told, run.stderr


def test_a_file_that_is_gone_when_its_turn_comes_is_said_and_the_next_clip_works(folder, tmp_path, monkeypatch):
    whole(folder / "a.mp4")
    give = handover.give
    monkeypatch.setattr(handover, "give", lambda channel, paths: give(channel, [*paths[:-1], str(tmp_path / "gone")]))
    assert refusal(folder / "a.mp4") == "'a.mp4' cannot be opened any more. Put it back and try again."
    monkeypatch.undo()
    assert numbers(whole(folder / "a.mp4")) == SPREAD


def test_files_that_a_job_did_not_come_to_are_not_taken_for_the_next_one(folder, tmp_path):
    pictures = [tmp_path / f"{number}.png" for number in range(8)]
    for path in pictures:
        cv2.imwrite(str(path), picture(7)[..., ::-1])
    pictures[1].write_bytes(b"no picture")
    assert "'1.png' of 'clip' is no picture" in refusal(pictures)
    assert numbers(whole(folder / "a.mp4")) == SPREAD
    worker = psutil.Process(video._pool.idle[-1].process.pid)
    before = worker.num_fds()
    for _ in range(5):
        refusal(pictures)
    assert worker.num_fds() == before


def test_where_files_cannot_be_handed_over_the_process_opens_them_by_their_paths(folder, monkeypatch):
    unfenced = "import d2st.video.decoder as decoder; decoder.fence = lambda: None; decoder._serve(None)"
    monkeypatch.setattr(handover, "POSSIBLE", False)
    monkeypatch.setattr(processes, "COMMAND", (sys.executable, "-c", unfenced))
    monkeypatch.setattr(video, "_pool", processes.Pool())
    for name in ("a.mp4", "a.webm"):
        assert numbers(whole(folder / name)) == SPREAD
    video._pool.stop()
