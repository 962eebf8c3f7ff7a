"""The command line: python -m d2st COMMAND, or d2st COMMAND where the package is installed."""

import sys

from d2st.cli.parser import command_line
from d2st.demo.launch import say_in_any_code_page
from d2st.errors import D2STError
from d2st.models.memory import keep_freed_memory, look_for_garbage_rarely


def main(argv: list[str] | None = None) -> int:
    """Run a command; 0 when all went well, 1 when some clips could not be used, 2 on an error, 130 when stopped."""
    say_in_any_code_page()
    arguments = command_line().parse_args(argv)
    keep_freed_memory()
    look_for_garbage_rarely()
    try:
        return arguments.run(arguments)
    except D2STError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
