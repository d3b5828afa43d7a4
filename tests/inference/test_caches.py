"""Results are kept by content, a bounded number of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from pipeline.inference.caches import LruCache, Pool, digest


def test_a_value_is_made_once_while_it_is_kept() -> None:
    kept, made = LruCache[str](2), []

    def make(name: str) -> str:
        return kept.get(name, lambda: made.append(name) or name)

    assert [make(name) for name in ("a", "b", "a", "c", "a", "b")] == ["a", "b", "a", "c", "a", "b"]
    assert made == ["a", "b", "c", "b"], "b was used longest ago when c came"


def test_a_digest_tells_pictures_apart() -> None:
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert digest(image) == digest(image.copy()) == digest(np.asfortranarray(image))
    others = [image.reshape(4, 2, 3), image.astype(np.int16), image + np.uint8(1)]
    assert len({digest(image), *map(digest, others)}) == 4
    assert digest(image, image) != digest(image)


def test_what_is_lent_serves_one_at_a_time_and_comes_back() -> None:
    lent, made = Pool[list[str]](1), []

    def make() -> list[str]:
        made.append(["new"])
        return made[-1]

    with lent.lent("a", make) as first, lent.lent("a", make) as second:
        assert first is not second
    with lent.lent("a", make) as again:
        assert again is first, "of the two, the one that came back last is kept"
    with pytest.raises(ZeroDivisionError), lent.lent("a", make):
        _ = 1 / 0
    with lent.lent("a", make) as fresh:
        assert fresh is made[2], "what failed on the way is not lent again"


def test_a_generator_that_is_closed_gives_back_what_it_was_lent() -> None:
    lent, made = Pool[list[str]](1), []

    def frames() -> Iterator[int]:
        with lent.lent("a", lambda: made.append("new") or []):
            yield from range(9)

    for _ in range(2):
        reader = frames()
        assert next(reader) == 0
        reader.close()
    assert made == ["new"], "the second one needed no other"
