import numpy as np
import pytest
import torch

from d2st import matching
from d2st.data.episodes import sample_episodes
from d2st.data.folders import clips_by_action
from d2st.errors import D2STError
from d2st.training.evaluation import accuracies, accuracy, all_matchings


def test_episodes_are_what_they_promise():
    sizes = [9, 3, 4, 2, 12, 7]
    for episode in sample_episodes(sizes, way=4, shot=2, queries=1, episodes=50, seed=0):
        assert len(set(episode.actions)) == 4 and 3 not in episode.actions  # two clips are too few
        assert episode.support.shape == (4, 2) and episode.query.shape == (4, 1)
        for action, clips in zip(episode.actions, np.hstack([episode.support, episode.query]), strict=True):
            assert len(set(clips)) == 3 and max(clips) < sizes[action]


def test_episodes_follow_from_the_seed_and_a_longer_run_begins_like_a_shorter_one():
    def actions(seed, episodes):
        return [tuple(e.actions) + tuple(e.query.ravel()) for e in sample_episodes([9] * 9, 5, 1, 1, episodes, seed)]

    assert actions(1, 20) == actions(1, 40)[:20] != actions(2, 20)


def test_no_recording_is_in_both_support_and_query():
    recordings = [[str(number) for number in range(4)]] * 5  # the actions' clips are of the same four recordings
    sizes = [4] * 5
    usual, apart = sample_episodes(sizes, 2, 1, 1, 60, 0), sample_episodes(sizes, 2, 1, 1, 60, 0, recordings)
    met = [set(episode.support.ravel()) & set(episode.query.ravel()) for episode in usual]
    assert any(met) and not any(set(e.support.ravel()) & set(e.query.ravel()) for e in apart)
    kept = [tuple(e.query.ravel()) for e, both in zip(usual, met, strict=True) if not both]
    assert [tuple(e.query.ravel()) for e in apart][: len(kept)] == kept
    with pytest.raises(D2STError, match="no recording in both"):
        sample_episodes(sizes, 2, 1, 1, 9, 0, [["one"] * 4] * 5)


@pytest.mark.parametrize(
    "way, shot, queries, sizes, complaint",
    [
        (5, 1, 1, [9] * 4, "4 of the 4 actions"),
        (3, 5, 2, [9, 9, 6], "3 actions with 7 clips each; 2 of the 3"),
        (1, 1, 1, [9] * 4, "at least 2 ways"),
    ],
)
def test_too_little_for_an_episode(way, shot, queries, sizes, complaint):
    with pytest.raises(D2STError, match=complaint):
        sample_episodes(sizes, way, shot, queries, 10, 0)


def test_every_episode_is_scored_like_a_single_one():
    generator = torch.Generator().manual_seed(0)
    features = [
        torch.randn(n, 8, 16, generator=generator) + 0.3 * torch.randn(8, 16, generator=generator) for n in (5, 6, 7)
    ]
    episodes = sample_episodes([5, 6, 7], 3, 2, 2, 30, 0)
    results = accuracies(features, episodes)
    assert list(results) == all_matchings()
    for (name, centred), result in results.items():
        right = []
        for e in episodes:
            support = torch.stack([features[a][s] for a, s in zip(e.actions, e.support, strict=True)])
            for position, (a, queries) in enumerate(zip(e.actions, e.query, strict=True)):
                answers = matching.scores(support, features[a][queries], name, centred).argmax(1)
                right += (answers == position).tolist()
        assert result.mean == pytest.approx(100 * np.mean(right))
        assert 0 < result.interval < 20


def test_the_interval_is_the_normal_one():
    result = accuracy(torch.tensor([0.0, 100.0] * 50))
    assert result.mean == 50 and result.interval == pytest.approx(1.96 * 50.25 / 10, abs=0.01)
    assert str(result) == "50.0 ± 9.8 %"


def test_folders_of_clips(tmp_path):
    for name in ("wave/b.MP4", "wave/a.mov", "wave/notes.txt", "clap/1.webm", ".hidden/x.mp4", "stray.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    folders = {action: [clip.name for clip in clips] for action, clips in clips_by_action(tmp_path).items()}
    assert folders == {"clap": ["1.webm"], "empty": [], "wave": ["a.mov", "b.MP4"]}
    with pytest.raises(D2STError, match="no folder '.*nowhere'"):
        clips_by_action(tmp_path / "nowhere")
    with pytest.raises(D2STError, match="holds no folders"):
        clips_by_action(tmp_path / "clap")
