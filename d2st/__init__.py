"""D²ST-Adapter: few-shot action recognition that shows where in space and time it looks.

    import d2st
    recognizer = d2st.Recognizer(d2st.load_model())
    recognizer.add("wave", "wave.mp4")
    recognizer.add("clap", "clap.mp4")
    print(recognizer.predict("query.mp4"))

Names load when they are first used, so that the process that decodes clips (`d2st.video`)
starts without torch.
"""

from importlib import import_module

_HOME = {
    "D2STError": "errors",
    "load_model": "models.zoo",
    "Recognizer": "recognizer",
    "Prediction": "recognizer",
    "read_clip": "video",
    "Clip": "video",
}
__all__ = list(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'd2st' has no attribute {name!r}")
    return getattr(import_module(f"d2st.{_HOME[name]}"), name)
