"""The second step: find, track and judge faces.

Photos come in through `read_image` and leave as a `Portrait`; videos as a `Footage`. Landmarks, blendshapes
and pose come from MediaPipe's FaceLandmarker, which is loaded on first use.
"""

from pipeline.faces.footage import open_footage
from pipeline.faces.images import is_video, read_image
from pipeline.faces.portraits import portrait, thumbnails
from pipeline.faces.search import find
from pipeline.faces.tracking import track

__all__ = [
    "find",
    "is_video",
    "open_footage",
    "portrait",
    "read_image",
    "thumbnails",
    "track",
]
