"""`/api/v1/voices` and `/api/v1/engines`: what can be chosen."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from pipeline import engines, hub, options
from pipeline.api import schema
from pipeline.api.access import Caller, admit
from pipeline.cards import Card

router = APIRouter(prefix="/api/v1", tags=["what can be chosen"], responses=schema.PROBLEMS)

Reader = Annotated[Caller, Depends(admit)]


class Voice(BaseModel):
    """A voice."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: str
    """What `voice` takes."""
    family: str
    title: str
    language: str
    """BCP 47 tag."""
    licence: str
    commercial: bool
    """Whether that licence allows commercial use."""
    source: str
    download_bytes: int
    """What has to be downloaded once; 0 for a voice that is here."""


class Choice(BaseModel):
    """An option of an engine."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: str
    kind: str
    """choice, flag, integer, number, numbers, text or file."""
    default: Any
    choices: list[Any]
    low: float | None
    high: float | None
    help: str


class Engine(BaseModel):
    """An engine of one of the two layers."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: str
    """What `head` or `lips` takes."""
    layer: str
    """head or lips."""
    title: str
    summary: str
    speed: str
    code_licence: str
    weights_licence: str
    commercial: bool
    subjects: list[str]
    """photo, video or both."""
    speaks: bool
    """A head with a mouth of its own."""
    plays_motion: bool
    """A head that plays motion files."""
    memory_gb: float
    download_bytes: int
    options: list[Choice]
    """What `head_options` or `lips_options` take."""


@router.get("/voices", response_model=list[Voice])
def voices(caller: Reader) -> list[Voice]:
    """The voices that are known by name, the default first."""
    return list_voices()


@router.get("/engines", response_model=list[Engine])
def all_engines(caller: Reader) -> list[Engine]:
    """The head and lips engines, the default of each layer first."""
    return list_engines()


def list_voices() -> list[Voice]:
    """The voices, as they are shown."""
    return [Voice.model_validate(voice, from_attributes=True) for voice in engines.voices()]


def list_engines() -> list[Engine]:
    """The engines, as they are shown."""
    return [_engine(card) for layer in ("head", "lips", "matting") for card in engines.cards(layer)]


def _engine(card: Card) -> Engine:
    fields = options.fields(engines.option_type(card.layer, card.name))
    more = {
        "download_bytes": hub.download_bytes(card.checkpoints),
        "subjects": list(card.subjects),
        "options": [Choice(**_described(field)) for field in fields if field.kind != "file"],
    }
    return Engine(
        **{**{name: getattr(card, name) for name in Engine.model_fields if hasattr(card, name)}, **more}
    )


def _described(field: options.Field) -> dict[str, Any]:
    known = {name: getattr(field, name) for name in Choice.model_fields}
    return {**known, "choices": list(field.choices)}
