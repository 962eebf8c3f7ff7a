"""Whatever goes wrong while an event is answered ends as a sentence to the caller, and as a line in the log."""

import logging
from typing import Any

import gradio as gr
from gradio.exceptions import ComponentProcessingError, InvalidPathError

from d2st.demo import logs, storage
from d2st.demo.brought import ADDRESS, ELSEWHERE
from d2st.demo.looking import UNEXPECTED
from d2st.errors import D2STError

UNFIT = "This request has a value that its function does not take. Look at /gradio_api/info, or reload the page."
log = logging.getLogger(__name__)


class Page(gr.Blocks):
    """Gradio's blocks; of an event that fails, its caller and the log learn what they may."""

    _assistants: Any = None

    @property
    def mcp_server_obj(self) -> Any:
        """The server for assistants: ours, where Gradio has made one."""
        return self._assistants

    @mcp_server_obj.setter
    def mcp_server_obj(self, made: Any) -> None:
        if made is not None:
            from d2st.demo.assistants import Assistants  # slow to import, and only some pages have one

            made = Assistants(self)
        self._assistants = made

    async def process_api(self, block_fn: Any, inputs: list[Any], *others: Any, **options: Any) -> dict[str, Any]:
        try:
            if names_address(inputs):  # Gradio would fetch it, as much as there is
                raise D2STError(ADDRESS)
            return await super().process_api(block_fn, inputs, *others, **options)
        except gr.Error as error:
            if not error.print_exception:
                raise
            raise gr.Error(error.message, print_exception=False) from None
        except Exception as error:
            raise gr.Error(explained(error), print_exception=False) from None


def names_address(value: Any) -> bool:
    """Whether a file among an event's inputs is an address on the web."""
    if isinstance(value, dict):
        path = value.get("path")
        return (isinstance(path, str) and "://" in path[:20]) or any(map(names_address, value.values()))
    return isinstance(value, list) and any(map(names_address, value))


def explained(error: BaseException) -> str:
    """The sentence for an error; those that are not the caller's are written down."""
    cause = error.__cause__ if isinstance(error, ComponentProcessingError) else error
    if isinstance(cause, D2STError):
        return str(cause)
    if isinstance(cause, InvalidPathError):
        return ELSEWHERE
    if isinstance(cause, OSError):
        logs.event(log, "a file could not be written or read", logging.ERROR, error=logs.places(cause))
        return storage.sentence(cause)
    if isinstance(error, ComponentProcessingError | gr.exceptions.InvalidBlockError) or _not_of_its_form(error):
        logs.event(log, "a request of another form", logging.WARNING, error=logs.places(cause or error))
        return UNFIT
    logs.event(log, "a fault", logging.ERROR, error=logs.places(error))
    return UNEXPECTED


def _not_of_its_form(error: BaseException) -> bool:
    """Whether Gradio has refused an event's inputs: too many, too few, or of other types."""
    return isinstance(error, ValueError | TypeError) and not logs.in_our_code(error)
