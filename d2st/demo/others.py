"""The adapters that the page's model is compared with: those that come along, and one that a visitor drops in."""

from functools import partial

from d2st.demo.device import on_lent_device
from d2st.demo.once import Once
from d2st.demo.turns import SharedModel, shared
from d2st.models.fallback import sturdy
from d2st.models.model import Model
from d2st.models.siblings import dropped_sibling, shipped_siblings


class Others:
    """Siblings of a model, whose networks take turns as its own does. Those that come along are loaded when they are
    first wanted, once for everybody."""

    def __init__(self, model: Model):
        self.model = model
        self._along = Once(lambda name: [self.like(each) for each in shipped_siblings(self.model)])

    def along(self) -> list[Model]:
        return self._along(self.model.name)

    def dropped(self, file: str) -> Model:
        """The adapters in a visitor's file, made in a turn of theirs. Raises `D2STError` as `dropped_sibling` does."""
        make = partial(dropped_sibling, self.model, file)
        return self.like(self.model.turns.take(make) if isinstance(self.model, SharedModel) else make())

    def like(self, sibling: Model) -> Model:
        """A sibling, its network to be had as the model's."""
        if not isinstance(self.model, SharedModel):
            return sibling
        return shared(on_lent_device(sturdy(sibling)), self.model.turns)
