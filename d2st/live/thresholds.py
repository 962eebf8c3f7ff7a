"""From which score on a stretch of film is one of the actions, learnt from the examples at hand."""

import torch

from d2st.matching import alike
from d2st.recognizer import Recognizer


def threshold(recognizer: Recognizer) -> float:
    """Half way from what an action's own examples score to what another action's do.

    An example's own score is taken against the action without it, so it takes two shots; where no action has two,
    it is the typical score between the actions: what no match looks like.
    """
    prototypes, frames = recognizer.prototypes(), recognizer.model.frames  # [C, L·T, F]
    own, others = [], []
    for index, clips in enumerate(recognizer.support.values()):
        if len(clips) < 2:
            continue
        shots = alike([recognizer.features(clip) for clip in clips], frames)  # [K, L·T, F]
        for shot in range(len(clips)):
            without = torch.cat([shots[:shot], shots[shot + 1 :]]).mean(0)
            scores = recognizer.score(alike([without, *prototypes], frames), shots[shot])  # [1 + C]
            own.append(scores[0])
            others.append(torch.cat([scores[1 : 1 + index], scores[2 + index :]]).max())
    if not own:
        return recognizer.typical_score_between_actions()
    return float((torch.stack(own).median() + torch.stack(others).median()) / 2)
