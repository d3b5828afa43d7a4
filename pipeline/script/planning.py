"""What a render would make, how long that takes, and how far it is."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from pipeline.errors import OutputError, StudioError
from pipeline.files import written_whole
from pipeline.progress import SPEECH_RATE
from pipeline.script.checking import check_presenters, check_shot
from pipeline.script.document import Script
from pipeline.script.error_places import error_at
from pipeline.script.media_checks import check_media
from pipeline.script.pieces import CROSSFADE, Clip, Piece, pieces
from pipeline.script.segments import Segment, read_segment
from pipeline.script.shots import Shot
from pipeline.script.store import Store

_USUAL_COST = 1.0
"""Seconds of work for a second of video, until something like it was made on this machine."""
_USUAL_START = 3.0
"""Seconds until presenters and engines are read, likewise."""
_SHARE = 0.4
"""Weight of the newest measurement."""
_COSTS = "costs.json"
_JOINED = 0.97
"""Share of a render after which the film is joined."""


@dataclass(frozen=True)
class PlannedShot:
    """A line, a silent scene, a clip or a crossfade in a plan."""

    place: str
    """Where it stands in the script: "scenes.1.lines.2"."""
    text: str
    """What is said, or the scene's title."""
    ready: bool
    """Whether it is in the store already."""
    seconds: float
    """Length of its video; a guess from the text where it is not made yet."""
    work: float
    """Seconds that making it takes, about."""
    same_as: str | None = None
    """Where an earlier line stands that is to be made and has the same picture and sound; it serves both."""
    key: str = ""
    """Of its segment in the store, which films share."""


@dataclass(frozen=True)
class FilmPlan:
    """What a render would do."""

    shots: tuple[PlannedShot, ...]

    @property
    def waiting(self) -> tuple[PlannedShot, ...]:
        """Those that are to be made."""
        return tuple(shot for shot in self.shots if not shot.ready and shot.same_as is None)

    @property
    def seconds(self) -> float:
        """Length of the film, about."""
        return sum(shot.seconds for shot in self.shots)

    @property
    def work(self) -> float:
        """Seconds that it takes, about."""
        return sum(shot.work for shot in self.shots)


@dataclass(frozen=True)
class FilmProgress:
    """How far a render is."""

    shot: int
    """Number of the shot that is being made, from 1, among those that are to be made."""
    shots: int
    """How many are to be made."""
    place: str
    """Where the shot stands in the script; empty while the film is joined."""
    fraction: float
    """Share of all the work that is done, 0 to 1."""
    seconds_left: float | None = None


def plan_film(script: Script, store: Store) -> FilmPlan:
    """What a render would make. Renders nothing.

    Raises:
        ScriptError: something in the script cannot be done.
    """
    costs, planned, seen, begun = Costs(store), list[PlannedShot](), dict[str, str](), set[str]()
    wanted = pieces(script)
    check_media(script, (piece for piece in wanted if piece.key not in store))
    for piece in wanted:
        if isinstance(piece, Shot) and piece.key not in store and piece.key not in seen:
            check_shot(piece, store.folder)
        shot = _planned(piece, store, costs, same_as=seen.get(piece.key))
        if shot.work and kind_of(piece) not in begun:
            begun.add(kind_of(piece))
            shot = replace(shot, work=shot.work + costs.start(piece))
        planned.append(shot)
        seen.setdefault(piece.key, piece.place)
    check_presenters(script, wanted, store)
    return FilmPlan(tuple(planned))


def _planned(piece: Piece, store: Store, costs: Costs, *, same_as: str | None) -> PlannedShot:
    text = _text(piece)
    if piece.key in store:
        seconds = read_segment(store.path(piece.key)).frames / piece.script.output.fps
        return PlannedShot(piece.place, text, True, seconds, 0.0, key=piece.key)
    seconds = expected_seconds(piece)
    work = 0.0 if same_as else seconds * costs.of(piece)
    return PlannedShot(piece.place, text, False, seconds, work, same_as, piece.key)


def _text(piece: Piece) -> str:
    if not isinstance(piece, Shot):
        return piece.file.name if isinstance(piece, Clip) else "crossfade"
    if piece.line is None:
        return piece.scene.chapter or piece.scene.title or ""
    return piece.line.text or str(piece.line.audio)


def expected_seconds(piece: Piece) -> float:
    """About how long a piece will be.

    Raises:
        ScriptError: its video or its recording cannot be read.
    """
    try:
        return _expected_seconds(piece)
    except StudioError as error:
        raise error_at(piece.place, error) from error


def _expected_seconds(piece: Piece) -> float:
    if isinstance(piece, Clip):
        from pipeline.video import probe

        return probe(piece.file).duration
    if not isinstance(piece, Shot):
        return CROSSFADE
    line, spoken = piece.line, piece.spoken
    if line is None or spoken is None:
        return piece.scene.seconds
    if spoken.audio is not None:
        from pipeline.video import sound_seconds

        return sound_seconds(spoken.audio) + line.pause
    return len(spoken.text or "") / SPEECH_RATE / spoken.pace + line.pause


class Costs:
    """Seconds of work for a second of video, as measured on this machine and kept beside the segments."""

    def __init__(self, store: Store) -> None:
        self._path = store.folder / _COSTS
        self._known: dict[str, float] = {}
        with suppress(OSError, ValueError):
            found = json.loads(self._path.read_text(encoding="utf-8"))
            self._known = {str(kind): float(cost) for kind, cost in found.items()}

    def of(self, piece: Piece) -> float:
        """For pieces like this one."""
        return self._known.get(kind_of(piece), _USUAL_COST)

    def start(self, piece: Piece) -> float:
        """Seconds of work before the first frame of the first piece like this one."""
        return self._known.get(_start(piece), _USUAL_START) if isinstance(piece, Shot) else 0.0

    def learn(self, piece: Piece, segment: Segment, *, first: bool) -> None:
        """Remember what a piece took; a folder that cannot be written to forgets it.

        Args:
            piece: which.
            segment: what was made of it.
            first: of its kind in this render, so that it waited for presenters and engines.
        """
        length = max(segment.frames, 1) / piece.script.output.fps
        cost = (segment.seconds - segment.preparing) / length
        start = segment.preparing if first else None
        for kind, value in ((kind_of(piece), cost), (_start(piece), start)):
            if value is not None:
                before = self._known.get(kind, value)
                self._known[kind] = round((1 - _SHARE) * before + _SHARE * value, 3)
        with suppress(OutputError), written_whole(self._path) as part:
            part.write_text(json.dumps(self._known), encoding="utf-8")


def _start(piece: Piece) -> str:
    return f"{kind_of(piece)} start"


def kind_of(piece: Piece) -> str:
    """What decides most about how long a second takes."""
    output = piece.script.output
    size = f"{output.size[0]}x{output.size[1]}@{output.fps}"
    if not isinstance(piece, Shot):
        return f"{size} {type(piece).__name__}"
    engines = [f"{role.presenter.head or 'own'}/{role.presenter.lips or 'own'}" for role in piece.roles]
    return f"{size} {piece.layout} {piece.cut_out} {' '.join(engines)}"


class FilmClock:
    """Share done and time left, from the work that each piece is expected to take."""

    def __init__(self, waiting: Iterable[Piece], costs: Costs) -> None:
        unique = {piece.key: piece for piece in waiting}
        self._expected = {key: max(expected_seconds(piece), 0.1) for key, piece in unique.items()}
        self._work = {key: self._expected[key] * costs.of(piece) for key, piece in unique.items()}
        self._started = time.monotonic()
        self._done: set[str] = set()

    def at(self, piece: Piece, seconds: float) -> FilmProgress:
        """The progress when so many seconds of a piece are made."""
        share = min(seconds / max(self._expected.get(piece.key, 0.1), seconds), 1.0)
        work = sum(self._work.get(key, 0.0) for key in self._done) + share * self._work.get(piece.key, 0.0)
        fraction = _JOINED * min(work / max(sum(self._work.values()), 1e-3), 1.0)
        elapsed = time.monotonic() - self._started
        left = elapsed * (1 - fraction) / fraction if fraction > 0.02 else None
        number = len(self._done) + 1
        return FilmProgress(number, max(len(self._work), number), piece.place, fraction, left)

    def done(self, piece: Piece) -> None:
        """A piece is finished."""
        self._done.add(piece.key)

    def joining(self) -> FilmProgress:
        """The progress when all pieces are made."""
        return FilmProgress(len(self._done), len(self._work), "", _JOINED)
