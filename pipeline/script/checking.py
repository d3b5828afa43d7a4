"""What is checked of pieces before any of them is made: engines, voices and the pictures of presenters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import spec
from pipeline.errors import OutputError, StudioError
from pipeline.files import written_whole
from pipeline.imitation import with_voice
from pipeline.plan import Plan, check
from pipeline.script.document import Presenter, Script
from pipeline.script.error_places import error_at
from pipeline.script.keys import file_sum
from pipeline.script.lines import is_film
from pipeline.script.pieces import Piece
from pipeline.script.shots import Shot, shots
from pipeline.script.store import Store
from pipeline.stage import mattes
from pipeline.trust import Consent, consent_for

if TYPE_CHECKING:
    from pipeline.trust import Memory

_FACES = "faces.json"
"""In the store: pictures in which a face was found, so that each is looked at once."""
_TEETH = "teeth"
"""In place of the face's number: a picture that shows somebody's teeth."""
_REMEMBERED = 1000
"""How many of them."""


def check_shot(shot: Shot, folder: Path) -> Plan | None:
    """What will run for a shot; None where nobody speaks.

    Args:
        shot: which.
        folder: where a segment could be written.

    Raises:
        ScriptError: it cannot be done; the sentence begins with its place in the script.
    """
    if shot.spoken is None:
        return None
    file = folder / f"{shot.key}.mp4"
    output = spec.Output(path=file, fps=shot.script.output.fps, captions=shot.script.output.captions)
    try:
        return check(shot.spoken, output)
    except StudioError as error:
        raise shot.concerning(error) from error


def consents_of(script: Script, memory: Memory | None) -> dict[str, Consent]:
    """The answer for each presenter who is seen or heard, by name.

    Args:
        script: which.
        memory: answers of one visitor, known and kept instead of this machine's.

    Raises:
        ScriptError: nobody has answered for a presenter; the sentence names them.
    """
    found: dict[str, Consent] = {}
    for shot in shots(script):
        for name in {*(role.name for role in shot.roles), shot.speaker} - {None} - found.keys():
            presenter = script.presenters[str(name)]
            try:
                picture = script.located(presenter.subject)
                answer = consent_for(picture, presenter.consent, memory=memory)
                recording = None if presenter.voice_from is None else script.located(presenter.voice_from)
                found[str(name)] = with_voice(answer, recording, presenter.voice_consent, memory=memory)
            except StudioError as error:
                raise error_at(f"presenters.{name}", error) from error
    return found


def with_matting(script: Script, waiting: Iterable[Piece]) -> Script:
    """The script with a matting engine that fits into the device's memory, where the choice was left open.

    Args:
        script: which.
        waiting: its pieces that are to be made; where none cuts anybody out, the script stays as it is.

    Raises:
        StudioError: as for `mattes.settled`.
    """
    asked = script.output.matting
    if not any(isinstance(piece, Shot) and piece.matting == "birefnet" for piece in waiting):
        return script
    if not mattes.notes(asked, ran := mattes.settled(asked)):
        return script
    output = script.output.model_copy(update={"matting": ran})
    return script.model_copy(update={"output": output})


def check_presenters(script: Script, wanted: Iterable[Piece], store: Store) -> None:
    """Refuse presenters in whose picture no face can be animated, unless segments show already that one can;
    and pictures of their teeth that cannot be read.

    Args:
        script: which.
        wanted: its pieces.
        store: where its segments are.

    Raises:
        ScriptError: the first of them; the sentence names the presenter.
    """
    shown: dict[bool, set[str]] = {True: set(), False: set()}
    for piece in wanted:
        if isinstance(piece, Shot):
            shown[piece.key in store].update(role.name for role in piece.roles)
    faces = _Faces(store)
    for name in sorted(shown[False] - shown[True]):
        try:
            faces.require(script, name)
        except StudioError as error:
            raise error_at(f"presenters.{name}", error) from error
    faces.save()


class _Faces:
    """The pictures in which a face was found, of presenters and of their teeth."""

    def __init__(self, store: Store) -> None:
        self._path = store.folder / _FACES
        self._known: list[str] = []
        self._changed = False
        with suppress(OSError, ValueError):
            self._known = [str(each) for each in json.loads(self._path.read_text(encoding="utf-8"))]

    def require(self, script: Script, name: str) -> None:
        """Raise a `StudioError` if a presenter's pictures show no face that can be animated or read."""
        presenter = script.presenters[name]
        picture = script.located(presenter.subject)
        key = f"{file_sum(picture, what=f'presenters.{name}.subject')}:{presenter.face}"
        self._once(key, partial(_require_face, picture, presenter))
        for file in map(script.located, presenter.teeth_from):
            key = f"{file_sum(file, what=f'presenters.{name}.teeth_from')}:{_TEETH}"
            self._once(key, partial(_require_teeth, file))

    def _once(self, key: str, check: Callable[[], None]) -> None:
        """Check a picture that was never found good."""
        if key not in self._known:
            check()
            self._known = [*self._known, key][-_REMEMBERED:]
            self._changed = True

    def save(self) -> None:
        """Remember them; a folder that cannot be written to forgets them."""
        if self._changed:
            with suppress(OutputError), written_whole(self._path) as part:
                part.write_text(json.dumps(self._known), encoding="utf-8")


def _require_face(picture: Path, presenter: Presenter) -> None:
    from pipeline import faces

    if is_film(str(picture)):
        faces.open_footage(picture, face=presenter.face)
    else:
        faces.portrait(picture, face=presenter.face)


def _require_teeth(picture: Path) -> None:
    from pipeline.review.teeth import check_teeth

    check_teeth(picture)
