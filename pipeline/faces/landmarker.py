"""MediaPipe's FaceLandmarker as a function from a picture to `Face`s, and its face detector by itself.

Chosen because one small model (3.6 MB, Apache-2.0, embedded in `assets/models`) gives 478 landmarks, ARKit's
blendshapes and the head pose in about 15 ms on one CPU core, without a GPU or a download.
"""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from functools import cache
from types import TracebackType
from typing import Any

import numpy as np

from pipeline.faces.mediapipe_runtime import (
    FirstRuns,
    base_options,
    model_path,
    quiet_start,
    tasks,
    to_mediapipe,
)
from pipeline.types import BLENDSHAPES, SHAPE, Face

_MODEL = "face_landmarker.task"

_CONFIDENCE = 0.4
"""Least detection score, below MediaPipe's default of 0.5, so that turned and dim faces are found."""


class Landmarker:
    """One FaceLandmarker graph. Calls are serialised by a lock, so threads may share it.

    Args:
        faces: the most faces that it returns. In video mode MediaPipe smooths over time when this is 1, which
            delays and flattens fast lip closures, so use 2 or more with `video`.
        video: the pictures are consecutive frames, and each face is tracked from one to the next.
        confidence: least score in [0, 1] of detection, presence and tracking.

    Raises:
        CheckpointError: the model file is missing or damaged.
    """

    def __init__(self, *, faces: int, video: bool = False, confidence: float = _CONFIDENCE) -> None:
        self._video = video
        self._clock = 0
        self._lock = threading.Lock()
        self._quietly = FirstRuns()
        with quiet_start():
            self._graph = _landmarker(faces, video, confidence)

    def __call__(self, image: np.ndarray) -> list[Face]:
        """The faces in an `(H, W, 3)` uint8 RGB picture, in no particular order."""
        with self._lock:
            result = self._quietly(lambda: self._detect(image), lambda result: result.face_landmarks)
        height, width = image.shape[:2]
        return [
            _face(points, scores, matrix, width)
            for points, scores, matrix in zip(
                _points(result.face_landmarks, width, height),
                result.face_blendshapes,
                result.facial_transformation_matrixes,
                strict=True,
            )
        ]

    def close(self) -> None:
        """Free the graph and its threads."""
        self._graph.close()

    def __enter__(self) -> Landmarker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _detect(self, image: np.ndarray) -> Any:
        if not self._video:
            return self._graph.detect(to_mediapipe(image))
        # Without smoothing, timestamps only have to increase.
        self._clock += 1
        return self._graph.detect_for_video(to_mediapipe(image), self._clock)


class Detector:
    """The landmarker's face detector by itself: where faces may be, in 2.5 ms a picture. Threads may share
    it.

    Raises:
        CheckpointError: the model file is missing or damaged.
    """

    SIDE = 128
    """Side in px at which the network sees a picture, whatever its size."""

    def __init__(self, *, confidence: float = _CONFIDENCE) -> None:
        with zipfile.ZipFile(model_path(_MODEL)) as parts:
            detector = parts.read("face_detector.tflite")
        vision = tasks().vision
        options = vision.FaceDetectorOptions(
            base_options=base_options(model_asset_buffer=detector), min_detection_confidence=confidence
        )
        self._lock = threading.Lock()
        self._quietly = FirstRuns()
        with quiet_start():
            self._graph = vision.FaceDetector.create_from_options(options)

    def __call__(self, image: np.ndarray) -> list[tuple[float, float, float]]:
        """Centre x, y and side in px of the square around each face of an `(H, W, 3)` uint8 RGB picture."""
        with self._lock:
            seen = self._quietly(
                lambda: self._graph.detect(to_mediapipe(image)), lambda seen: seen.detections
            )
        boxes = [each.bounding_box for each in seen.detections]
        return [(box.origin_x + box.width / 2, box.origin_y + box.height / 2, box.width) for box in boxes]


def angles(matrix: np.ndarray) -> np.ndarray:
    """Yaw, pitch, roll in degrees, signed as in `pipeline.types`: `(…, 3)` float32 of `(…, 4, 4)` poses."""
    turn = np.asarray(matrix, np.float64)[..., :3, :3]
    turn = turn / np.linalg.norm(turn, axis=-2, keepdims=True)
    yaw = np.arctan2(turn[..., 0, 2], turn[..., 2, 2])
    pitch = np.arcsin(np.clip(-turn[..., 1, 2], -1.0, 1.0))
    roll = -np.arctan2(turn[..., 1, 0], turn[..., 1, 1])
    return np.degrees(np.stack([yaw, pitch, roll], -1)).astype(np.float32)


def _landmarker(faces: int, video: bool, confidence: float) -> Any:
    vision = tasks().vision
    return vision.FaceLandmarker.create_from_options(
        vision.FaceLandmarkerOptions(
            base_options=base_options(model_asset_path=str(model_path(_MODEL))),
            running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
            num_faces=faces,
            min_face_detection_confidence=confidence,
            min_face_presence_confidence=confidence,
            min_tracking_confidence=confidence,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
    )


def _points(faces: list[list[Any]], width: int, height: int) -> Iterator[np.ndarray]:
    for face in faces:
        yield np.array([(point.x * width, point.y * height, point.z * width) for point in face], np.float32)


def _face(points: np.ndarray, scores: list[Any], matrix: np.ndarray, width: int) -> Face:
    blendshapes = np.zeros(len(BLENDSHAPES), np.float32)
    columns = _columns(tuple(score.category_name for score in scores))
    for column, score in zip(columns, scores, strict=True):
        if column is not None:
            blendshapes[column] = score.score
    pose = np.asarray(matrix, np.float32)
    return Face(landmarks=points, blendshapes=np.clip(blendshapes, 0, 1), pose=angles(pose), matrix=pose)


@cache
def _columns(names: tuple[str, ...]) -> tuple[int | None, ...]:
    """Our column of each of MediaPipe's scores; its `_neutral` has none, and ARKit's tongueOut stays 0."""
    return tuple(SHAPE.get(name) for name in names)
