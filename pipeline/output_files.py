"""The files that a video consists of: where each goes, and that it may be written there."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import OutputError
from pipeline.files import claim
from pipeline.spec import Output, Scene

_VIDEO_SUFFIXES = (".mp4", ".m4v")


def captions_path(output: Output) -> Path | None:
    """Where the file of captions goes that belongs to an output; None where there is none."""
    if output.captions is None or output.captions == "burn":
        return None
    return output.path.with_suffix(f".{output.captions}")


def claim_files(scene: Scene, output: Output) -> None:
    """Make sure that every file can be written, and that none of them is another one or an input.

    Raises:
        OutputError: a file cannot be written, exists, has the wrong suffix, or is one of the others.
    """
    if output.alpha is None and output.path.suffix.lower() not in _VIDEO_SUFFIXES:
        name = output.path.with_suffix(".mp4").name
        raise OutputError(
            f"The video is an MP4 file; call it {name}, or make the background transparent for WebM or MOV.",
            parameter="path",
        )
    files = {"path": output.path, "captions": captions_path(output), "motion": output.motion}
    given = [(name, getattr(scene, name)) for name in ("subject", "audio", "motion_in", "voice_from")]
    given += [("teeth_from", file) for file in scene.teeth_from]
    taken = {path.resolve(): name for name, path in given if path is not None}
    for name, path in files.items():
        if path is None:
            continue
        if (other := taken.get(path.resolve())) is not None:
            raise OutputError(
                f"{name} and {other} are the same file, {path}; choose another name.", parameter=name
            )
        taken[path.resolve()] = name
        claim(path, overwrite=output.overwrite, parameter=name)
