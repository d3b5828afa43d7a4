"""Speech as a WAV file."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from pipeline.files import written_whole
from pipeline.types import Speech


def write_wav(path: Path, speech: Speech, *, comment: str | None = None, overwrite: bool = True) -> None:
    """Write a speech as 16 bit, mono, at its own rate; what is louder than full scale is clipped.

    Args:
        comment: kept beside the sound, in the file's list of information.
        overwrite: whether it may replace a file of that name, even one that appeared meanwhile.

    Raises:
        OutputError: the file cannot be written, or is taken and may not be replaced.
    """
    from soundfile import SoundFile

    # encoded in memory first: on a full disk, libsndfile fails an assertion instead of naming the disk
    encoded = BytesIO()
    with SoundFile(encoded, "w", speech.rate, channels=1, subtype="PCM_16", format="WAV") as file:
        if comment is not None:
            file.comment = comment
        file.write(speech.samples)
    with written_whole(path, overwrite=overwrite) as unfinished:
        unfinished.write_bytes(encoded.getvalue())
