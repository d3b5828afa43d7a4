"""Writes the finished video: frames and sound in, one file out, encoded while the next frames are made.

A `Writer` owns one thread that encodes what `write` and `sound` are given, so that rendering and encoding run
in parallel; a bounded queue keeps memory flat when rendering is the faster of the two.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import Queue
from types import TracebackType

import numpy as np

from pipeline.errors import OutputError
from pipeline.files import claim, discard, finish, output_error, unfinished
from pipeline.types import AlphaKind
from pipeline.video.encode import Encoder, SegmentEncoder
from pipeline.video.encode_alpha import ENCODERS

_QUEUE_LENGTH = 12
"""Frames (or stretches of sound) that may wait for the encoder before `write` blocks."""


class Writer:
    """Writes one video file. Use it as a context manager: an exception inside leaves nothing behind.

    The frames decide the length: missing sound is filled with silence, sound beyond the last frame is cut
        off.
    Frames and sound may be given in any order, and sound in pieces of any length.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        size: tuple[int, int],
        fps: int,
        channels: int = 1,
        alpha: AlphaKind | None = None,
        metadata: Mapping[str, str] | None = None,
        language: str | None = None,
        overwrite: bool = False,
        chunks: Callable[[Path], None] | None = None,
        finalizers: Sequence[Callable[[Path], object]] = (),
        lossless: bool = False,
    ) -> None:
        """Open an unfinished file beside `path`, which takes that name once it is complete.

        Args:
            path: the MP4 to write; with `alpha`, what that says.
            size: width and height of the frames in px; an odd last column or row is cut off.
            fps: frames per second.
            channels: 1 for mono, 2 for stereo sound.
            alpha: for frames that are transparent in places: WebM (VP9) or MOV (ProRes 4444).
            metadata: written into the file, any keys.
            language: BCP 47 tag of what is said, which the sound's track tells; None where it is not known.
            overwrite: whether an existing file may be replaced.
            chunks: called in the encoder's thread with each finished MPEG-TS file of about one second, made
                of the same encoded packets or, with `alpha`, smaller and over a checkerboard. The receiver
                deletes the files.
            finalizers: called in order by `close` with the complete, still unnamed file; if one raises, there
                is no file.
            lossless: keep the sound without loss, for a file that is joined with others later.

        Raises:
            OutputError: the file exists, or its folder is missing or not writable.
        """
        self.path = Path(path)
        self._size = size
        self._colours = 4 if alpha else 3
        self._overwrite = overwrite
        self._channels = channels
        self._finalizers = finalizers
        self._failure: Exception | None = None
        self._queue: Queue[Callable[[], None] | None] = Queue(_QUEUE_LENGTH)
        encoder = (ENCODERS[alpha] if alpha else (Encoder, SegmentEncoder))[lossless]
        claim(self.path, overwrite=overwrite)
        try:
            self._part = unfinished(self.path)
        except OSError as error:
            raise output_error(self.path, error) from error
        try:
            self._encoder = encoder(
                self._part,
                size=size,
                fps=fps,
                channels=channels,
                metadata=metadata or {},
                language=language,
                chunks=chunks,
            )
        except OSError as error:
            discard(self._part)
            raise output_error(self.path, error) from error
        self._thread = threading.Thread(target=self._work, name=f"encode {self.path.name}", daemon=True)
        self._thread.start()

    def write(self, image: np.ndarray, *, owned: bool = False) -> None:
        """Append one frame, `(H, W, 3)` uint8 RGB, or RGBA with `alpha`.

        Args:
            image: the frame.
            owned: whether the array belongs to the writer from now on, so that nobody changes it; otherwise
                it is copied and may be reused at once.

        Raises:
            OutputError: an earlier frame could not be written.
            ValueError: the frame is not of the announced size.
        """
        width, height = self._size
        shape = (height, width, self._colours)
        if image.shape != shape or image.dtype != np.uint8:
            raise ValueError(f"expected {shape} uint8, got {image.shape} {image.dtype}")
        kept = image if owned else image.copy()
        self._enqueue(lambda: self._encoder.encode_frame(kept))

    def sound(self, samples: np.ndarray) -> None:
        """Append sound at 48 kHz, float32 in [-1, 1]: `(N,)` for mono, `(N, 2)` for stereo.

        Raises:
            OutputError: something could not be written earlier.
            ValueError: the samples do not have the announced number of channels.
        """
        planes = samples.reshape(len(samples), -1).T.astype(np.float32)
        if len(planes) != self._channels and samples.size:
            raise ValueError(f"expected {self._channels} channel(s), got shape {samples.shape}")
        self._enqueue(lambda: self._encoder.encode_sound(planes))

    def close(self) -> None:
        """Finish the file and give it its name.

        Raises:
            OutputError: it could not be completed, or there was no frame; nothing is left.
        """
        if not self._thread.is_alive():
            return
        self._queue.put(self._encoder.finish)
        self._stop()
        try:
            self._raise_failure()
            claim(self.path, overwrite=self._overwrite)  # another program may have taken the name
            for finalize in self._finalizers:
                finalize(self._part)
            finish(self._part, self.path, overwrite=self._overwrite)
        except OSError as error:
            raise output_error(self.path, error) from error
        finally:
            discard(self._part)

    def abort(self) -> None:
        """Stop encoding and remove what was written."""
        if not self._thread.is_alive():
            return
        self._failure = self._failure or OutputError(f"Writing {self.path} was cancelled.")
        self._stop()
        discard(self._part)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _enqueue(self, step: Callable[[], None]) -> None:
        self._raise_failure()
        if not self._thread.is_alive():
            raise ValueError(f"{self.path.name} is already closed")
        self._queue.put(step)

    def _stop(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        """Run the steps in order; after a failure, keep emptying the queue so that `write` does not block."""
        while (step := self._queue.get()) is not None:
            if self._failure is None:
                self._attempt(step)
        with contextlib.suppress(OSError, ValueError):
            self._encoder.release()

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except OSError as error:
            self._failure = output_error(self.path, error)
            self._failure.__cause__ = error
        except Exception as error:  # noqa: BLE001 - raised again in the thread that calls `write`
            self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
