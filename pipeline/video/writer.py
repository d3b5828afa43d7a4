"""Writing the finished video: frames and sound in, one MP4 out, encoded while the next frames are drawn.

PyAV is used because its wheels carry FFmpeg, x264 and an AAC encoder: no system package is needed. A
`Writer` owns one thread that encodes what `write` and `sound` hand over, so drawing and encoding share
the machine, and a bounded queue keeps memory flat when drawing is the faster of the two.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Queue
from types import TracebackType

import av
import numpy as np

from pipeline.errors import OutputError
from pipeline.video.encode import Encoder

AHEAD = 12
"""Frames (or stretches of sound) that may wait for the encoder before `write` blocks."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""What the system answers when a file cannot grow: disk, quota or file size limit reached."""


class Writer:
    """Writes one video file. Use as a context manager: an exception inside leaves nothing behind.

    The picture decides the length: missing sound is filled with silence, sound past the last frame is
    cut off. Pictures and sound may be handed over in any order and in pieces of any length.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        size: tuple[int, int],
        fps: int,
        channels: int = 1,
        metadata: Mapping[str, str] | None = None,
        overwrite: bool = False,
        chunks: Callable[[Path], None] | None = None,
    ) -> None:
        """Opens `path + ".part"`, which takes its own name when whole.

        Args:
            size: width and height of the frames in px; an odd last column or row is cut off.
            fps: frames per second.
            channels: 1 for mono, 2 for stereo sound.
            metadata: written into the file's header, any keys.
            overwrite: whether an existing file may be replaced.
            chunks: called in the encoder's thread with an MPEG-TS file of about one second, made of the
                same encoded packets, whenever one is whole. The files are the receiver's to delete.

        Raises:
            OutputError: the file exists, or its folder is missing or not writable.
        """
        self.path = Path(path)
        self._size = size
        self._channels = channels
        self._part = self.path.with_name(self.path.name + ".part")
        self._failure: Exception | None = None
        self._queue: Queue[Callable[[], None] | None] = Queue(AHEAD)
        claim(self.path, overwrite=overwrite)
        try:
            self._encoder = Encoder(
                self._part, size=size, fps=fps, channels=channels, metadata=metadata or {}, chunks=chunks
            )
        except OSError as error:
            raise _output_error(self.path, error) from error
        self._thread = threading.Thread(target=self._work, name=f"encode {self.path.name}", daemon=True)
        self._thread.start()

    def write(self, image: np.ndarray) -> None:
        """Appends one frame, `(H, W, 3)` uint8 RGB; the array may be reused at once.

        Raises:
            OutputError: an earlier frame could not be written.
            ValueError: the frame is not of the announced size.
        """
        width, height = self._size
        if image.shape != (height, width, 3) or image.dtype != np.uint8:
            raise ValueError(f"expected ({height}, {width}, 3) uint8, got {image.shape} {image.dtype}")
        image = image.copy()
        self._hand_over(lambda: self._encoder.picture(image))

    def sound(self, samples: np.ndarray) -> None:
        """Appends sound at 48 kHz, float32 in [-1, 1]: `(N,)` for mono, `(N, 2)` for stereo.

        Raises:
            OutputError: something could not be written earlier.
            ValueError: the samples do not have the announced number of channels.
        """
        planes = samples.reshape(len(samples), -1).T.astype(np.float32)
        if len(planes) != self._channels and samples.size:
            raise ValueError(f"expected {self._channels} channel(s), got shape {samples.shape}")
        self._hand_over(lambda: self._encoder.sound(planes))

    def close(self) -> None:
        """Finishes the file and gives it its name.

        Raises:
            OutputError: it could not be written whole, or no frame was ever given; nothing is left.
        """
        if not self._thread.is_alive():
            return
        self._queue.put(self._encoder.finish)
        self._stop()
        try:
            self._raise_failure()
            os.replace(self._part, self.path)
        except OSError as error:
            raise _output_error(self.path, error) from error
        finally:
            self._part.unlink(missing_ok=True)

    def abort(self) -> None:
        """Gives up: stops encoding and removes what was written."""
        if not self._thread.is_alive():
            return
        self._failure = self._failure or OutputError(f"Writing {self.path} was given up.")
        self._stop()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _hand_over(self, step: Callable[[], None]) -> None:
        self._raise_failure()
        if not self._thread.is_alive():
            raise ValueError(f"{self.path.name} is closed already")
        self._queue.put(step)

    def _stop(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        """Runs the steps in order; after a failure it keeps emptying the queue so that nobody waits."""
        while (step := self._queue.get()) is not None:
            if self._failure is None:
                self._attempt(step)
        with contextlib.suppress(OSError, ValueError):
            self._encoder.release()

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except OSError as error:
            self._failure = _output_error(self.path, error)
            self._failure.__cause__ = error
        except Exception as error:  # noqa: BLE001 - carried over to the thread that calls `write`
            self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


def claim(path: Path, *, overwrite: bool) -> None:
    """Makes sure, before any work is done, that a file can be written at `path`.

    Raises:
        OutputError: it exists and may not be overwritten, or its folder is missing or not writable.
    """
    folder = path.parent
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder; give the name of a file, such as {path / 'video.mp4'}.")
        if path.exists() and not overwrite:
            raise OutputError(f"{path} exists already; choose another name or ask for --overwrite.")
        if not folder.is_dir():
            raise OutputError(f"The folder {folder} does not exist; create it or choose another one.")
        if not os.access(folder, os.W_OK):
            raise OutputError(f"The folder {folder} cannot be written to; choose another one.")
    except OSError as error:
        raise _output_error(path, error) from error


def _output_error(path: Path, error: OSError) -> OutputError:
    if error.errno in _FULL:
        return OutputError(f"There is no space left to write {path}; free some and try again.")
    if isinstance(error, av.error.PermissionError | PermissionError):
        return OutputError(f"{path} cannot be written: permission was denied.")
    return OutputError(f"{path} cannot be written: {error.strerror or error}.")
