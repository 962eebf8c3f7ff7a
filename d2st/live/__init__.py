"""A film that is asked again and again while it goes on: a camera's, or a long file's."""

from d2st.live.ring import Ring, Stretch, standing_for
from d2st.live.thresholds import threshold
from d2st.live.verdict import Verdict

__all__ = ["Ring", "Stretch", "Verdict", "standing_for", "threshold"]
