"""An archive of articles without labels, for tests of seed words."""

from __future__ import annotations

import numpy as np

from topicml.article import Article

WORDS = {
    "art": "painting museum gallery sculptor canvas exhibition portrait drawing",
    "chess": "bishop rook opening endgame castling gambit checkmate pawn",
    "sport": "match striker league goalkeeper referee stadium penalty coach",
}
SEEDS = {"art": ["painting", "museum"], "chess": ["bishop", "rook"], "sport": ["match", "striker"]}
_COMMON = "the a of to in on for with and at by from was said today people year town new day"


def archive(sizes: dict[str, int], *, seed: int = 0) -> tuple[list[Article], list[str]]:
    """Articles by chance, some words of their section in each, and the sections, which nobody else sees."""
    rng = np.random.default_rng(seed)
    sections = rng.permutation([section for section, size in sizes.items() for _ in range(size)]).tolist()
    texts = [
        " ".join(rng.permutation([*rng.choice(WORDS[section].split(), 4), *rng.choice(_COMMON.split(), 10)]))
        for section in sections
    ]
    return [Article(text, id=str(row)) for row, text in enumerate(texts)], sections


EVEN = archive({"art": 40, "chess": 40, "sport": 40})
SKEWED = archive({"art": 12, "chess": 20, "sport": 160})
