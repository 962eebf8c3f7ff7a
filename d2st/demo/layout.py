"""The page as a whole: how it is launched, and what stands behind it."""

import os
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from d2st.demo import parts
from d2st.demo.device import on_lent_device
from d2st.demo.endpoints import add_endpoints
from d2st.demo.entrance import Entrance, forget
from d2st.demo.examples import EXAMPLES, find_examples
from d2st.demo.faults import Page
from d2st.demo.handlers import Handlers
from d2st.demo.housekeeping import Housekeeping
from d2st.demo.limits import STANDARD, VisitLimits
from d2st.demo.turns import Turns, shared
from d2st.demo.visitors import Visitors
from d2st.demo.wires import Wires, watching
from d2st.demo.workspace import Visit
from d2st.models.fallback import sturdy
from d2st.models.model import Model

HOUR = 3600
LAUNCH: dict[str, Any] = dict(  # Gradio takes these when the page starts, not when it is built
    theme=gr.themes.Default(
        primary_hue="indigo",
        neutral_hue="slate",
        radius_size="lg",
        font=("system-ui", "sans-serif"),  # as in the stage's frame
        font_mono=("ui-monospace", "monospace"),
    ).set(body_text_color_subdued="*neutral_500", block_info_text_color="*neutral_500"),  # else too pale to read
    css_paths=parts.styles(),
    head=parts.scripts(),
    footer_links=["api"],
    run_history=False,
    ssr_mode=False,
    max_file_size="200mb",
    max_threads=64,  # more than the requests that may wait, so that others can be told so
    state_session_capacity=200,  # Gradio's notes on who has which page; what visitors have is kept by `Visitors`
    enable_monitoring=False,
)


@dataclass(frozen=True)
class House:
    """What stands behind the page, for whoever runs it: `page.launch(**LAUNCH)` starts it."""

    page: gr.Blocks
    turns: Turns
    visitors: Visitors
    handlers: Handlers


def build(model: Model, examples: Path = EXAMPLES) -> gr.Blocks:
    """The page for a model, ready to `launch(**LAUNCH)`; example sets are looked for in `examples`."""
    return build_house(model, examples).page


def build_house(model: Model, examples: Path = EXAMPLES, limits: VisitLimits = STANDARD) -> House:
    """As `build`, with the limits that visitors have."""
    turns = Turns(limits)
    model = shared(on_lent_device(sturdy(model)), turns)
    handlers = Handlers(model, find_examples(examples))
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")  # 10,000 else, and all are gone through each time
    with Page(
        title="D²ST-Adapter: few-shot action recognition",
        analytics_enabled=False,
        delete_cache=(HOUR, 6 * HOUR),
        fill_width=True,
    ) as blocks:
        visitors = Visitors(lambda: Visit(model, limits, get_upload_folder()), limits, forget(blocks))
        entrance = Entrance(turns, visitors, Housekeeping(visitors, turns, Path(get_upload_folder())).wake)
        Wires(parts.lay_out(handlers, watching(entrance), limits), handlers, entrance).connect(blocks)
        add_endpoints(model, entrance, handlers.others)
        blocks.unload(entrance.leave)
    # Turns bound what runs, and who waits: nothing waits here but what cannot be refused yet.
    blocks.queue(api_open=False, max_size=256, default_concurrency_limit=None)
    weakref.finalize(blocks, visitors.close)
    return House(blocks, turns, visitors, handlers)
