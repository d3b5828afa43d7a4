"""Track a folder of talking-head clips once, so that the other training commands need not read video.

    python -m training.track CLIPS TRACKS [--model face_landmarker.task]

Each `CLIPS/NAME.mp4` becomes `TRACKS/NAME.npz`; clips already there are skipped, so the command can be
stopped and started again. MediaPipe's FaceLandmarker runs in video mode with two faces: with one, it smooths
its landmarks over time, which delays and flattens fast lip closures.
"""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.assets import MODELS
from pipeline.faces.landmarks import LANDMARKS
from pipeline.types import BLENDSHAPES, join

MODEL = MODELS / "face_landmarker.task"
SOUND_RATE = 16_000
"""Samples per second of a track's sound."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Track:
    """The face and the sound of one clip."""

    name: str
    """Of the file, without suffix."""
    time: np.ndarray
    """`(T,)` s of the frames."""
    landmarks: np.ndarray
    """`(T, 478, 3)` px; NaN where no face was found."""
    blendshapes: np.ndarray
    """`(T, 52)` scores in the tracker's own order, `names`."""
    matrix: np.ndarray
    """`(T, 4, 4)` canonical face (cm) to camera."""
    names: tuple[str, ...]
    """The tracker's names of the blendshapes."""
    size: tuple[int, int]
    """Width, height in px."""
    samples: np.ndarray
    """`(N,)` float32 mono sound at `SOUND_RATE`."""
    sound_start: float
    """Time of the first sample in s."""
    phones: tuple[str, ...]
    """IPA labels of the phones found by the studio's recogniser."""
    phone_times: np.ndarray
    """`(P, 2)` their start and end in s from the first sample."""

    @property
    def face_ok(self) -> np.ndarray:
        """`(T,)` bool: whether a face was found."""
        return np.isfinite(self.landmarks[:, 0, 0])

    def save(self, path: Path) -> None:
        """Write to `path`; a stopped run leaves no incomplete file under that name."""
        part = path.with_suffix(".part.npz")
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "name"}
        np.savez_compressed(part, **fields)
        part.replace(path)


def load_track(path: Path) -> Track:
    """Read a file written by `Track.save`."""
    with np.load(path) as stored:
        fields: dict[str, Any] = {name: stored[name] for name in stored.files}
    for name in ("names", "phones"):
        fields[name] = tuple(str(label) for label in fields[name])
    fields["size"] = tuple(int(side) for side in fields["size"])
    fields["sound_start"] = float(fields["sound_start"])
    return Track(name=path.stem, **fields)


def load_tracks(folder: Path) -> list[Track]:
    """All tracks of a folder, in order of their names."""
    return [load_track(path) for path in sorted(folder.glob("*.npz")) if not path.stem.endswith(".part")]


def track_clip(path: Path, model: Path = MODEL) -> Track:
    """Track the face of one clip and read its sound."""
    times, landmarks, shapes, matrices, names, size = [], [], [], [], (), (0, 0)
    previous = None
    for time, width, height, seen in _detections(path, model):
        times.append(time)
        size = (width, height)
        if not seen.face_landmarks:
            landmarks.append(np.full((LANDMARKS, 3), np.nan, np.float32))
            shapes.append(np.full(len(BLENDSHAPES), np.nan, np.float32))
            matrices.append(np.full((4, 4), np.nan, np.float32))
            continue
        faces = [
            np.array([(p.x * width, p.y * height, p.z * width) for p in face], np.float32)
            for face in seen.face_landmarks
        ]
        chosen = _same_person(faces, previous)
        previous = faces[chosen][:, :2].mean(0)
        landmarks.append(faces[chosen])
        names = tuple(shape.category_name for shape in seen.face_blendshapes[chosen])
        shapes.append(np.array([shape.score for shape in seen.face_blendshapes[chosen]], np.float32))
        matrices.append(np.asarray(seen.facial_transformation_matrixes[chosen], np.float32))
    samples, start = read_sound(path)
    return Track(
        path.stem,
        np.array(times),
        np.array(landmarks),
        np.array(shapes),
        np.array(matrices),
        names,
        size,
        samples,
        start,
        *read_phones(path),
    )


def _same_person(faces: list[np.ndarray], previous: np.ndarray | None) -> int:
    if previous is None:
        return int(np.argmax([np.ptp(face[:, 1]) for face in faces]))
    return int(np.argmin([np.linalg.norm(face[:, :2].mean(0) - previous) for face in faces]))


def _detections(path: Path, model: Path) -> Iterator[tuple[float, int, int, Any]]:
    import av
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=model.read_bytes()),
        running_mode=vision.RunningMode.VIDEO,
        num_faces=2,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
        min_face_detection_confidence=0.4,
        min_face_presence_confidence=0.4,
        min_tracking_confidence=0.4,
    )
    with vision.FaceLandmarker.create_from_options(options) as landmarker, av.open(str(path)) as clip:
        last = -1
        for frame in clip.decode(clip.streams.video[0]):
            image = np.ascontiguousarray(frame.to_ndarray(format="rgb24"))
            last = max(last + 1, round(frame.time * 1000))
            picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=image)
            yield frame.time, image.shape[1], image.shape[0], landmarker.detect_for_video(picture, last)


def read_sound(path: Path) -> tuple[np.ndarray, float]:
    """Mono float32 samples at `SOUND_RATE` and the time of the first one in s."""
    import av

    pieces, start = [], None
    with av.open(str(path)) as clip:
        resampler = av.AudioResampler("flt", "mono", SOUND_RATE)
        for frame in clip.decode(clip.streams.audio[0]):
            start = frame.time if start is None else start
            pieces += [piece.to_ndarray().ravel() for piece in resampler.resample(frame)]
        pieces += [piece.to_ndarray().ravel() for piece in resampler.resample(None)]
    return np.concatenate(pieces), start or 0.0


def read_phones(path: Path) -> tuple[tuple[str, ...], np.ndarray]:
    """The phones in a clip and their `(P, 2)` times, recognised as in any recording."""
    from pipeline.speech import listen

    phones = join(listen(path)).phones
    times = np.array([(phone.start, phone.end) for phone in phones]).reshape(-1, 2)
    return tuple(phone.label for phone in phones), times


def main() -> None:
    """Track every clip that has no track yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", type=Path)
    parser.add_argument("tracks", type=Path)
    parser.add_argument("--model", type=Path, default=MODEL)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options.tracks.mkdir(parents=True, exist_ok=True)
    clips = sorted(options.clips.glob("*.mp4"))
    for number, clip in enumerate(clips, 1):
        path = options.tracks / f"{clip.stem}.npz"
        if path.exists():
            continue
        track = track_clip(clip, options.model)
        track.save(path)
        found = 100 * track.face_ok.mean()
        log.info(
            "%d/%d %s: %d frames, face in %.0f %%", number, len(clips), clip.name, len(track.time), found
        )


if __name__ == "__main__":
    os.environ.setdefault("GLOG_minloglevel", "2")
    main()
