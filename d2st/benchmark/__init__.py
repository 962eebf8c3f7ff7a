"""How long things take on this machine, each beside what it competes with."""

from d2st.benchmark.measurements import MEASUREMENTS, Asked, measure
from d2st.benchmark.report import document, machine

__all__ = ["MEASUREMENTS", "Asked", "document", "machine", "measure"]
