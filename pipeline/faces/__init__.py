"""Faces in photos and videos: detection, tracking, landmarks, crops and masks.

A photo is read by `read_image` and becomes a `Portrait`; a video becomes a `Footage`. Landmarks, blendshapes
and pose come from MediaPipe's FaceLandmarker, which is loaded on first use.
"""

from pipeline.faces.footage import open_footage
from pipeline.faces.images import read_image
from pipeline.faces.photo_files import is_photo, is_video
from pipeline.faces.portraits import portrait, thumbnails
from pipeline.faces.search import find
from pipeline.faces.tracking import track

__all__ = [
    "find",
    "is_photo",
    "is_video",
    "open_footage",
    "portrait",
    "read_image",
    "thumbnails",
    "track",
]
