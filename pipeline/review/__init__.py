"""Reviews: before a render, of a photo or a recording; after it, of the finished video.

`assess` reviews any file by its content. `review_photo` and `review_sound` give findings with advice;
`review_video` scores lips and head of a finished file from its pixels and sound alone, and `draw` shows the
curves behind the scores.
"""

from pipeline.review.assess import Assessment, assess
from pipeline.review.chart import draw
from pipeline.review.photo import review_photo
from pipeline.review.sound import review_recording, review_sound
from pipeline.review.teeth import review_teeth
from pipeline.review.video import Report, review_video

__all__ = [
    "Assessment",
    "Report",
    "assess",
    "draw",
    "review_photo",
    "review_recording",
    "review_sound",
    "review_teeth",
    "review_video",
]
