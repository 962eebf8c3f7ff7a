"""What the operating system forbids a process that decodes: other files, programs, the network, resources without end.

Each limit is set where the system has it: resource limits on all but Windows, Landlock on Linux from 5.13
(https://docs.kernel.org/userspace-api/landlock.html). Processes are not counted: FFmpeg's threads would be too.
"""

import ctypes
import faulthandler
import signal
import sys
from types import ModuleType

resource: ModuleType | None
try:
    import resource
except ImportError:  # Windows
    resource = None

_ADDRESSES = 16_000_000_000  # bytes, far above what the watch lets a clip hold
_GRACE = 5  # seconds after its time is up when the process ends by itself, if nobody is left to kill it

_CREATE_RULESET, _RESTRICT_SELF, _NO_NEW_PRIVILEGES = 444, 446, 38  # numbers of two system calls and of a `prctl`
_FILES = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 5: 0xFFFF}  # by Landlock's version: every way to use a path
_TCP, _OTHERS = 0b11, 0b11  # bind and connect; sockets and signals to processes outside


def fence() -> None:
    """From now on this process opens and runs no file, writes to none, and reaches no network and no process.

    What it was handed open stays usable. Import everything before.
    """
    if resource:
        for limit, most in (
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, 64),
            (resource.RLIMIT_AS, _ADDRESSES),
        ):
            _, hard = resource.getrlimit(limit)
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(limit, (most, most))
    if sys.platform == "linux":
        _landlock()


def landlock_version() -> int:
    """0 where the kernel has none."""
    return max(0, ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, 1)) if sys.platform == "linux" else 0


def _landlock() -> None:
    version = landlock_version()
    if not version:
        return
    files = _FILES[max(known for known in _FILES if known <= version)]
    fields = [files, *([_TCP] if version >= 4 else []), *([_OTHERS] if version >= 6 else [])]
    handled = (ctypes.c_uint64 * len(fields))(*fields)  # handled, and allowed by no rule
    kernel = ctypes.CDLL(None)
    rules = kernel.syscall(_CREATE_RULESET, handled, ctypes.sizeof(handled), 0)
    if rules >= 0 and kernel.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
        kernel.syscall(_RESTRICT_SELF, rules, 0)


def begin(processor: float, clock: float) -> None:
    """The system ends this process if it takes so many seconds more, of the processor or by the clock, and some grace.

    It ends a decoder that never gives control back, even if the program that watches is gone.
    """
    if resource:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        most = int(used.ru_utime + used.ru_stime + processor) + _GRACE
        resource.setrlimit(resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
        signal.setitimer(signal.ITIMER_REAL, clock + _GRACE)
    else:
        faulthandler.dump_traceback_later(clock + _GRACE, exit=True)


def end() -> None:
    """The clip is read; between clips nothing runs out."""
    if resource:
        signal.setitimer(signal.ITIMER_REAL, 0)
    else:
        faulthandler.cancel_dump_traceback_later()
