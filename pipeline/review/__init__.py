"""Reviews: before a render, is this photo and this sound good enough; after it, how good is the video?

`review_photo` and `review_sound` give findings with advice.
"""

from pipeline.review.photo import review_photo
from pipeline.review.sound import review_sound

__all__ = ["review_photo", "review_sound"]
