"""A real server with a small model, in a process of its own; standard input asks how it stands, a line each time.

python tests/hold/serve.py PORT LIMITS, limits as JSON.
"""

import json
import sys
import tempfile
from pathlib import Path

import psutil
from starlette.middleware import Middleware

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from visits import small_model  # noqa: E402

from d2st.demo import layout  # noqa: E402
from d2st.demo.limits import VisitLimits  # noqa: E402
from d2st.demo.owners import Owners  # noqa: E402
from d2st.models.memory import keep_freed_memory  # noqa: E402


def main(port: int, limits: dict) -> None:
    keep_freed_memory()
    most = {"running": 0, "requests": 0}
    house = layout.build_house(small_model(), limits=VisitLimits.of(limits))
    admit = house.turns._may_begin

    def watched(request, inside):
        most["running"] = max(most["running"], len(inside))
        most["requests"] = max(most["requests"], len(house.turns.requests))
        return admit(request, inside)

    house.turns.begun.fits = watched
    around = dict(middleware=[Middleware(Owners)])
    house.page.launch(
        server_name="127.0.0.1",
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        app_kwargs=around,
        **layout.LAUNCH,
    )
    print("ready", flush=True)
    folder = Path(tempfile.gettempdir(), "gradio")
    for _ in sys.stdin:
        process = psutil.Process()
        state = dict(
            running=house.turns.running,
            requests=len(house.turns.requests),
            visits=len(house.visitors),
            memory=process.memory_info().rss,
            threads=process.num_threads(),
            files=sorted(str(file) for file in folder.rglob("*") if file.is_file()),
            most=most,
        )
        print(json.dumps(state), flush=True)
    house.page.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
