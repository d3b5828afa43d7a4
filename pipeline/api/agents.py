"""The tools that an AI agent calls over MCP, with what it has to know to use them well.

The official SDK speaks the protocol. It is imported by `server`, as that takes a second and few servers need
it. `pipeline.api.agent_http` serves the tools beside the page, `python -m pipeline mcp` on standard input and
output, where files are paths of this machine.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import anyio
from anyio.to_thread import run_sync
from pydantic import Field

from pipeline.api import access, schema, tasks, translations
from pipeline.api.agent_lists import Tool, lists
from pipeline.api.studio import Studio, base_of, wait_for
from pipeline.service import fetching, jobs, submission, views
from pipeline.service.messages import named_as_sent
from pipeline.service.store import Record
from pipeline.spec import FILES

if TYPE_CHECKING:
    from mcp.server.fastmcp import Context, FastMCP

_INSTRUCTIONS = """Makes videos in which the person in a photo (or a video) says given words.

1. Optionally review_photo, to learn whether the photo is good enough.
2. Ask the user whether they may use the face, and pass their answer as consent. Never assume it.
3. create_video, which waits up to wait_seconds and returns the job; while its state is queued or running,
   call get_video with its id. When it is done, give the user links.video. cancel_video stops it.
A video of ten seconds takes about ten to thirty seconds to make."""

_CREATE = """Make a video in which the person in a photo or a video says a text or speaks a recording.

Returns the job. If its state is "queued" or "running" when this returns, call get_video. If it "failed", its
problem says why and what to do. Example: {"subject": "https://example.com/ada.jpg", "consent": "permission",
"text": "Good morning.", "style": "lively", "captions": "vtt"}"""

_WAIT = Field(ge=0, le=600, description="Seconds to wait for the video before returning the unfinished job.")
_LOOK_SECONDS = 0.5
_REMOTE_FILE = "The web address of the file (https)."
_LOCAL_FILE = "The path of the file on this machine, or its web address."
_REMOTE_FILES = "The web addresses of the files (https)."
_LOCAL_FILES = "The paths of the files on this machine, or their web addresses."


@dataclass(frozen=True)
class Agents:
    """What the tools work with."""

    studio: Studio
    local: bool
    """Whether the agent runs on this machine and may name its files."""

    def caller(self, context: Context[Any, Any, Any], *, makes: bool = False) -> tuple[access.Caller, str]:
        """Who asks, and this server's address as they see it; `makes`: whether the rate limit counts it."""
        request = context.request_context.request
        if request is None:
            return access.Caller("this machine", local=True), ""
        return (access.admit_maker if makes else access.admit)(request), base_of(request)

    def _file(self, value: str, folder: Path, parameter: str) -> Path:
        """A file that the agent named, which is fetched if it is not here."""
        if self.local and not value.startswith(("http://", "https://")):
            return Path(value).expanduser().absolute()
        return fetching.fetch(value, folder, parameter, inside=self.studio.settings.fetch_from)

    def submit(self, context: Context[Any, Any, Any], given: dict[str, Any]) -> Record:
        """A job for what the agent asked for."""
        caller, base = self.caller(context, makes=True)
        access.require_room(self.studio)
        here = submission.named_here(given) if self.local else {}
        folder = self.studio.store.new_folder()
        try:
            record = submission.submit(
                self.studio.store,
                self.studio.settings,
                folder,
                given,
                here,
                client=caller.client,
                local=caller.local,
                base=base,
            )
        except BaseException:
            jobs.discard(folder)
            raise
        self.studio.worker.notice(record)
        return record

    async def waited(self, context: Context[Any, Any, Any], name: str, seconds: float) -> views.Job:
        """The job when it is over or so many seconds have passed, with progress on the way."""
        caller, base = self.caller(context)
        with self.studio.ending(name) as ended, anyio.move_on_after(seconds):
            while not (record := await run_sync(access.own_job, self.studio, caller, name)).over:
                await context.report_progress(record.fraction, 1.0, _told(record))
                await wait_for(ended, _LOOK_SECONDS)
        record = await run_sync(access.own_job, self.studio, caller, name)
        seen = views.job(self.studio.store, record, base, sharing=self.studio.settings.sharing)
        return self._with_paths(seen, record) if self.local else seen

    def cancelled(self, context: Context[Any, Any, Any], name: str) -> views.Job:
        """The job, which goes no further; one that is over stays as it is."""
        caller, base = self.caller(context)
        if not access.own_job(self.studio, caller, name).over:
            self.studio.store.end(name, "cancelled")
        record = access.own_job(self.studio, caller, name)
        return views.job(self.studio.store, record, base, sharing=self.studio.settings.sharing)

    def _with_paths(self, seen: views.Job, record: Record) -> views.Job:
        """A job whose links are files of this machine."""
        made = self.studio.store.folder(record.id) / "made"
        names = {file: record.result.get(file) for file in views.FILES}
        return seen.model_copy(
            update={"links": {file: str(made / name) for file, name in names.items() if name}}
        )

    async def review(self, context: Context[Any, Any, Any], value: str, parameter: str) -> schema.Report:
        """The review of a file that the agent named."""
        self.caller(context, makes=True)
        with tempfile.TemporaryDirectory() as folder:

            def work() -> dict[str, Any]:
                return tasks.review_file(self._file(value, Path(folder), parameter))

            with named_as_sent(Path(folder)):
                return schema.Report(**await self.studio.at_once(work))


def server(agents: Agents) -> FastMCP:
    """The tools, to be served over whichever transport."""
    from mcp.server.transport_security import TransportSecuritySettings

    from pipeline.api.agent_calls import Server

    made = Server(
        "talking-head-studio",
        instructions=_INSTRUCTIONS,
        stateless_http=True,
        log_level="WARNING",
        # The guard in front of the whole server checks hosts and origins.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    made.add_tool(_create_video(agents), description=_CREATE)
    for tool in (
        _get_video(agents),
        _cancel_video(agents),
        *lists(),
        *_reviews(agents),
        _translate_script(agents),
    ):
        made.add_tool(tool)
    return made


def _create_video(agents: Agents) -> Tool:
    """The tool, whose parameters are the fields of a request."""
    from mcp.server.fastmcp import Context

    async def create_video(**given: Any) -> views.Job:
        context, seconds = given.pop("context"), given.pop("wait_seconds")
        given = {name: value for name, value in given.items() if value is not None}
        record = await run_sync(partial(agents.submit, context, given))
        return await agents.waited(context, record.id, seconds)

    fields = submission.request_model().model_fields
    kept = {name: info for name, info in fields.items() if name != "webhook"}
    parameters = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if name == "subject" else info.get_default(call_default_factory=True),
            annotation=_annotated(name, info, agents.local),
        )
        for name, info in kept.items()
    ]
    more = [
        Parameter("wait_seconds", Parameter.KEYWORD_ONLY, default=50, annotation=Annotated[int, _WAIT]),
        Parameter("context", Parameter.KEYWORD_ONLY, default=None, annotation=Context),
    ]
    vars(create_video)["__signature__"] = Signature([*parameters, *more], return_annotation=views.Job)
    create_video.__annotations__ = {"context": Context, "return": views.Job}
    return create_video


def _annotated(name: str, info: Any, local: bool) -> Any:
    """The type of a parameter with its help."""
    about = " ".join((info.description or "").split())
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    if name in FILES:
        about = about.replace("The web address of the file.", _LOCAL_FILE if local else _REMOTE_FILE)
        about = about.replace("The web addresses of the files.", _LOCAL_FILES if local else _REMOTE_FILES)
    if extra.get("choices"):
        about = f"{about} One of {', '.join(map(str, extra['choices']))}; see list_engines."
    if name == "voice":
        about = f"{about} See list_voices."
    kind = str if name == "subject" else dict[str, Any] if name.endswith("_options") else info.annotation
    bounds = {
        side: value
        for side in ("ge", "le")
        for value in [next((getattr(rule, side) for rule in info.metadata if hasattr(rule, side)), None)]
        if value is not None
    }
    return Annotated[kind, Field(description=about, **bounds)]


def _get_video(agents: Agents) -> Tool:
    from mcp.server.fastmcp import Context

    async def get_video(id: str, context: Context, wait_seconds: Annotated[int, _WAIT] = 50) -> views.Job:  # type: ignore[type-arg]  # noqa: A002
        """Where a video that create_video began stands; waits for it, with progress.

        When its state is "done", links has the addresses of video, captions and motion.
        """
        return await agents.waited(context, id, wait_seconds)

    get_video.__annotations__ = {
        "id": str, "context": Context, "wait_seconds": Annotated[int, _WAIT], "return": views.Job
    }  # fmt: skip
    return get_video


def _cancel_video(agents: Agents) -> Tool:
    from mcp.server.fastmcp import Context

    async def cancel_video(id: str, context: Context) -> views.Job:  # type: ignore[type-arg]  # noqa: A002
        """Stop a video that create_video began; one that is finished stays."""
        return await run_sync(agents.cancelled, context, id)

    cancel_video.__annotations__ = {"id": str, "context": Context, "return": views.Job}
    return cancel_video


def _reviews(agents: Agents) -> tuple[Tool, Tool]:
    from mcp.server.fastmcp import Context

    about = Field(description=_LOCAL_FILE if agents.local else _REMOTE_FILE)

    async def review_photo(photo: str, context: Context) -> schema.Report:  # type: ignore[type-arg]
        """Judge whether a photo is good enough for a video, and say what to do where it is not."""
        return await agents.review(context, photo, "photo")

    async def review_video(video: str, context: Context) -> schema.Report:  # type: ignore[type-arg]
        """Score how well the lips follow the sound in a finished video, and how natural its head moves."""
        return await agents.review(context, video, "video")

    rest = {"context": Context, "return": schema.Report}
    review_photo.__annotations__ = {"photo": Annotated[str, about], **rest}
    review_video.__annotations__ = {"video": Annotated[str, about], **rest}
    return review_photo, review_video


def _translate_script(agents: Agents) -> Tool:
    from mcp.server.fastmcp import Context

    async def translate_script(  # type: ignore[type-arg]
        text: str, to: str, context: Context, language: str = "", glossary: str = "", lines: str = ""
    ) -> translations.Translation:
        """Translate what is to be said into another language, line by line.

        The text is a script (YAML with scenes), captions (SRT) or plain lines. [pause] marks, *emphasis* and
        {placeholders} stay. Show the lines to the user; to use corrected ones, call again with them as lines.
        For create_video, pass captions as text with timed=true and the returned voice. Example:
        {"text": "Good morning.", "to": "es", "glossary": "Acme, Acme"}
        """
        agents.caller(context, makes=True)
        asked = translations.TranslationRequest(
            text=text, to=to, language=language or None, glossary=glossary, lines=lines or None
        )
        return await agents.studio.at_once(partial(translations.translation, asked))

    about = {
        "text": "The script, captions or lines, up to 20,000 characters.",
        "to": 'Language to translate to, such as "es" or "pt-BR".',
        "language": "Language of the text; left out, that of a script's voices, else English.",
        "glossary": "Terms whose translation is settled, one a line: term, comma, translation.",
        "lines": "A translation that somebody made, taken in place of a network's: as many lines, in order.",
    }
    translate_script.__annotations__ = {
        **{name: Annotated[str, Field(description=words)] for name, words in about.items()},
        "context": Context,
        "return": translations.Translation,
    }
    return translate_script


def _told(record: Record) -> str:
    """A job's progress in words."""
    if record.state == "queued" or record.stage == "waiting":
        return "Waiting for other videos"
    left = f", about {record.seconds_left:.0f} s left" if record.seconds_left else ""
    return f"{(record.stage or 'starting').capitalize()}{left}"
