"""What all visitors share is computed once."""

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from d2st.demo.turns import for_the_house


class Once:
    """A function of a name whose answers are kept: computed once however many ask, and again where it failed.

    It runs in a thread apart and takes turns of the house's, so that it ends even if whoever asked leaves.
    """

    def __init__(self, function: Callable[[str], Any]):
        self.function = function
        self.answers: dict[str, Future] = {}
        self.lock = threading.Lock()
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="house")

    def start(self, name: str) -> Future:
        """Begin to compute, without waiting."""
        with self.lock:
            if name not in self.answers:
                context = contextvars.copy_context()
                self.answers[name] = self.thread.submit(context.run, for_the_house, self.function, name)
            return self.answers[name]

    def __call__(self, name: str) -> Any:
        answer = self.start(name)
        try:
            return answer.result()
        except Exception:
            with self.lock:
                if self.answers.get(name) is answer:
                    del self.answers[name]
            raise
