"""A long file on the page: which action is where in it, within what a visitor may ask for."""

from d2st.demo.limits import VisitLimits
from d2st.errors import D2STError
from d2st.live.scan import Scan, every, scan
from d2st.recognizer import Recognizer
from d2st.video import Limits, long_film

STRIDES = 4  # windows that begin within the time of one


def scanned(recognizer: Recognizer, file: str | None, window: float, limits: VisitLimits, progress=iter) -> Scan:
    """Go through a visitor's file; `progress` wraps the windows, as tqdm does.

    Raises `D2STError` as `scan` does, and where there is no file or it is over the limits.
    """
    if not file:
        raise D2STError("There is no long file yet. Drop one.")
    limits.check_files([file], 1, "files")
    model, stride = recognizer.model, window / STRIDES
    allowed = Limits(size=int(limits.megabytes_at_once * 1e6), duration=limits.film_seconds)
    with long_film(file, every(model.frames, window, stride), model.image, allowed) as film:
        return scan(recognizer, film, window, stride, progress)
