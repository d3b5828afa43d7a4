"""Words without a face: a text as a sound file, and a recording as text or captions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import engines, hub, trust
from pipeline.engines import DEFAULT_VOICE
from pipeline.errors import OutputError
from pipeline.files import claim, written_whole
from pipeline.imitation import require_imitation, with_recording
from pipeline.speech.recognition.whisper import Transcript
from pipeline.trust import Memory
from pipeline.types import RATE, ConsentBasis, Phone, Speech, Word, join

_TRANSCRIPT_SUFFIXES = (".srt", ".vtt", ".json", ".txt")


def say(
    text: str,
    output: str | PathLike[str],
    *,
    voice: str = DEFAULT_VOICE,
    voice_options: dict[str, Any] | None = None,
    pace: float = 1.0,
    seed: int = 0,
    pronunciations: str | Mapping[str, str] = "",
    voice_from: str | PathLike[str] | None = None,
    voice_consent: ConsentBasis | None = None,
    memory: Memory | None = None,
    times: str | PathLike[str] | None = None,
    overwrite: bool = False,
) -> Speech:
    """Say a text into a WAV file: 48 kHz, 16 bit, mono, the same sound that a video would have.

    Args:
        text: up to 20,000 characters.
        output: the WAV file to write.
        voice: the name of a voice; see `list_voices`.
        voice_options: options of its family, by name.
        pace: factor on the speed of speech, 0.5 to 2.
        seed: the same text and seed give the same bytes.
        pronunciations: `WORD=RESPELLING` or `WORD=/IPA/` entries, or a mapping.
        voice_from: a recording of 5 to 30 s of one person, whose voice is imitated by voices that can.
        voice_consent: why that voice may be imitated; asked once per recording.
        memory: answers of consent of one visitor, known and kept instead of this machine's.
        times: a JSON file to write as well, with every word and phone and its times in seconds.
        overwrite: replace files that exist.

    Returns:
        The whole speech with its words and phones.

    Raises:
        TextError, OptionError, CheckpointError: the voice cannot say it, or cannot be had.
        AudioError: the recording cannot be imitated.
        ConsentError: nobody has answered for the recording yet.
        OutputError: a file cannot be written, or exists.
    """
    from pipeline.speech import check_text, speak
    from pipeline.speech.audio.wav import write_wav
    from pipeline.speech.text.pronunciation import parsed

    path, times_path = _claimed(Path(output), None if times is None else Path(times), overwrite)
    dictionary = parsed(pronunciations)
    check_text(text, voice, pronunciations=dictionary)
    card = engines.voice(voice)
    given = None if voice_from is None else Path(voice_from)
    require_imitation(voice, given)
    options = with_recording(voice, given, engines.options("voice", card.family, voice_options or {}))
    consent = None if given is None else trust.voice_consent(given, voice_consent, memory=memory)
    for _ in hub.pull(card.checkpoints):
        pass
    parts = speak(text, voice=voice, options=options, pace=pace, seed=seed, pronunciations=dictionary)
    speech = join(parts)
    write_wav(path, speech, comment=trust.sound_metadata(voice, consent), overwrite=overwrite)
    if times_path is not None:
        _write_times(times_path, speech, overwrite)
    return speech


def transcribe(
    recording: str | PathLike[str],
    output: str | PathLike[str] | None = None,
    *,
    language: str | None = None,
    overwrite: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Transcript:
    """The words of a recording or a video, with their times and their language.

    Args:
        recording: any sound or video file that FFmpeg reads, up to ten minutes long.
        output: a file to write as well; its suffix says what: captions (`.srt`, `.vtt`), the words with their
            times (`.json`), or the plain text (`.txt`).
        language: its ISO 639-1 code ("de"); found in the sound where None.
        overwrite: replace a file that exists.
        progress: called with the share that is written down, 0 to 1.

    Raises:
        AudioError: it cannot be read, or nobody speaks in it.
        CheckpointError: the recogniser is not installed, or its files cannot be had.
        OutputError: the file cannot be written, or exists.
    """
    from pipeline.speech.recognition.whisper import recognize, require_speech

    path = None if output is None else Path(output)
    if path is not None:
        _require_suffix(path, _TRANSCRIPT_SUFFIXES, "transcript")
        claim(path, overwrite=overwrite)
    heard = recognize(Path(recording), language=language, progress=progress)
    transcript = require_speech(heard, Path(recording).name)
    if path is not None:
        _write_transcript(path, transcript, overwrite)
    return transcript


def _claimed(path: Path, times: Path | None, overwrite: bool) -> tuple[Path, Path | None]:
    """Where a sound and its times may be written."""
    _require_suffix(path, (".wav",), "sound")
    claim(path, overwrite=overwrite)
    if times is not None:
        _require_suffix(times, (".json",), "file of times", parameter="times")
        claim(times, overwrite=overwrite, parameter="times")
    return path, times


def _require_suffix(path: Path, suffixes: tuple[str, ...], noun: str, *, parameter: str = "path") -> None:
    if path.suffix.lower() not in suffixes:
        names = [path.with_suffix(suffix).name for suffix in suffixes]
        listed = " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
        raise OutputError(f"The {noun} cannot be called {path.name}; call it {listed}.", parameter=parameter)


def _write_transcript(path: Path, transcript: Transcript, overwrite: bool) -> None:
    from pipeline.video.captions import cues, write_captions

    suffix = path.suffix.lower()
    if suffix in (".srt", ".vtt"):
        whole = Speech(
            np.zeros(round(transcript.seconds * RATE), np.float32),
            words=transcript.words,
            text=transcript.text,
            language=transcript.language,
        )
        write_captions(path, cues(whole), overwrite=overwrite)
    elif suffix == ".json":
        content = {
            "recognizer": transcript.recognizer,
            "language": transcript.language,
            "probability": round(transcript.probability, 3),
            "seconds": round(transcript.seconds, 3),
            "text": transcript.text,
            "words": _listed(transcript.words),
        }
        _write_json(path, content, overwrite)
    else:
        with written_whole(path, overwrite=overwrite) as unfinished:
            unfinished.write_text(transcript.text + "\n", encoding="utf-8")


def _write_times(path: Path, speech: Speech, overwrite: bool) -> None:
    content = {
        "seconds": speech.duration,
        "words": _listed(speech.words),
        "phones": _listed(speech.phones),
    }
    _write_json(path, content, overwrite)


def _write_json(path: Path, content: dict[str, Any], overwrite: bool) -> None:
    with written_whole(path, overwrite=overwrite) as unfinished:
        unfinished.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _listed(items: Iterable[Word] | Iterable[Phone]) -> list[dict[str, Any]]:
    """Words or phones with their times in seconds, for JSON; silences are left out."""
    named = [(item.text if isinstance(item, Word) else item.label, item) for item in items]
    return [
        {"text": name, "start": round(item.start, 3), "end": round(item.end, 3)}
        for name, item in named
        if name
    ]
