"""The one exception that a person can cause."""


class D2STError(Exception):
    """Something a person can put right.

    The message is one or two plain sentences: they name the clip, file or action,
    say what is wrong and what to do about it. Interfaces show it as it is.
    """
