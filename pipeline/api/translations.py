"""`/api/v1/translations`: a script, captions, lines, or what is said in a video, in another language.

The answer has source and target side by side. A video in the other language is then a job like any other: its
text is the captions of the answer, and `timed` speaks them at their times.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from pipeline.api import bodies, schema
from pipeline.api.access import Caller, admit_maker
from pipeline.api.studio import Studio, studio_of
from pipeline.errors import OptionError, StudioError, TextError
from pipeline.localization.opening import CAPTIONS, WRITTEN
from pipeline.options import Options
from pipeline.service import fetching
from pipeline.service.messages import named_as_sent
from pipeline.translation.models import Family

router = APIRouter(prefix="/api/v1", tags=["translations"], responses=schema.PROBLEMS)

Maker = Annotated[Caller, Depends(admit_maker)]

LONGEST = 20_000
"""Characters that are translated while the caller waits."""


class TranslationRequest(Options):
    """What to translate."""

    text: str | None = None
    """A script (YAML), captions (SRT, WebVTT) or lines, up to 20,000 characters."""
    file: str | None = None
    """A file with such a text, or a video or recording whose words are found; an upload, or its address."""
    to: str = Field(min_length=2, max_length=20)
    """Language to translate to, as a BCP 47 tag."""
    language: str | None = None
    """Language of the original; left out, it is found in a recording, that of its voices in a script, else
    English."""
    glossary: str = ""
    """Terms whose translation is settled, one a line: the term, a tab or comma, its translation."""
    lines: str | None = None
    """A translation that somebody made: a line for each line, captions, or a table of `place`, `source` and
    `target`."""
    engine: Family | None = None
    """Network that translates; left out, instruct on a large GPU, else opus where it knows the pair, else
    m2m100."""


class TranslatedLine(BaseModel):
    """A line and its translation."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    place: str
    """Number of the line, times of the caption, or field of the script."""
    source: str
    target: str


class Translation(BaseModel):
    """A text in another language."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    kind: Literal["script", "captions", "lines"]
    text: str
    """The whole translation, of the same kind; captions as SRT."""
    language: str
    """Of the original."""
    lines: list[TranslatedLine]
    """Source and target side by side."""
    notes: list[str]
    """What cannot be translated, or may be wrong."""
    voice: str | None
    """A voice that speaks the language; null where none that is listed does."""


@router.post(
    "/translations",
    response_model=Translation,
    openapi_extra=schema.body(TranslationRequest, ("file",), {"text": "Good morning.", "to": "es"}),
)
async def create(request: Request, caller: Maker) -> Any:
    """Translate a text, or what is said in a video. The same request gets the same answer."""
    studio = studio_of(request)
    with tempfile.TemporaryDirectory() as folder:
        body = await bodies.read(request, Path(folder), ("file",))
        asked = TranslationRequest(**body.given)
        with named_as_sent(Path(folder)):
            return await studio.at_once(partial(_of_file, studio, asked, body.upload("file"), Path(folder)))


def _of_file(studio: Studio, asked: TranslationRequest, upload: Path | None, folder: Path) -> Translation:
    if asked.text and (upload or asked.file):
        raise OptionError("Give a text or a file to translate, not both.", parameter="file")
    if upload is None and asked.file:
        upload = fetching.fetch(asked.file, folder, "file", inside=studio.settings.fetch_from)
    try:
        return translation(asked, upload)
    except StudioError as error:
        if upload is not None and error.parameter in ("audio", "text"):  # which the caller did not send
            error.parameter = "file"
        raise


def translation(asked: TranslationRequest, file: Path | None = None) -> Translation:
    """The translation that was asked for; `file` is read in place of its text.

    Raises:
        StudioError: there is nothing to translate, too much of it, or it cannot be translated.
    """
    from pipeline.localization.documents import Choices, read_file
    from pipeline.localization.texts import translate_document, translate_text
    from pipeline.localization.videos import heard_in
    from pipeline.translation import read_glossary

    choices = Choices(asked.to, read_glossary(asked.glossary), asked.lines, asked.engine)
    if file is not None and file.suffix.lower() not in WRITTEN:
        heard = heard_in(file, asked.language, asked.lines)
        found = translate_document("captions", heard, choices)
    else:
        text = asked.text if file is None else read_file(file, "text", "file")
        if text is None:
            raise OptionError("Give a text or a file to translate.", parameter="text")
        if len(text) > LONGEST:
            raise TextError(
                f"The text has more than {LONGEST:,} characters; send it in parts.", parameter="text"
            )
        captioned = file is not None and file.suffix.lower() in CAPTIONS
        found = translate_text(text, choices, language=asked.language, captioned=captioned)
    lines = [TranslatedLine(**vars(entry)) for entry in found.entries]
    return Translation(
        kind=found.kind,
        text=found.text,
        language=found.language,
        lines=lines,
        notes=list(found.notes),
        voice=_voice(asked.to),
    )


def _voice(language: str) -> str | None:
    from pipeline.translation.voices import voice_for

    try:
        return voice_for(language)
    except OptionError:
        return None
