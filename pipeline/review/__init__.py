"""Reviews: before a render, is this photo and this sound good enough; after it, how good is the video?

`review_photo` and `review_sound` give findings with advice; `review_video` marks the two layers of a
finished file, lips and head, from its pixels and sound alone, and `draw` shows the curves behind the marks.
"""

from pipeline.review.chart import draw
from pipeline.review.photo import review_photo
from pipeline.review.sound import review_sound
from pipeline.review.video import Report, review_video

__all__ = ["Report", "draw", "review_photo", "review_sound", "review_video"]
