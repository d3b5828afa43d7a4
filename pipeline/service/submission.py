"""From a request of HTTP or MCP to a job in the store, and from there to one that can run.

A request has the fields of `spec.Scene` and `spec.Output`, without the files that the service names itself,
for which it has those of `video_file.VideoFile`; its files come as uploads, as web addresses or, from a
program on this machine, as paths. Addresses are checked at once and fetched in the background.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from datetime import date
from functools import cache as memoized
from pathlib import Path
from typing import Any

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from pipeline import options
from pipeline.errors import ConsentError, OptionError, PhotoError, concerning
from pipeline.imitation import scene_consent
from pipeline.plan import check, check_choices
from pipeline.service import fetching, form, jobs
from pipeline.service.jobs import Job
from pipeline.service.settings import Settings
from pipeline.service.store import JobStore, Record
from pipeline.service.video_file import VideoFile
from pipeline.spec import FILES, SEVERAL, Output, Scene, split

_OWN = ("path", "motion", "overwrite", "background")
"""Fields of the models that the service fills in by itself; `VideoFile` says what the video is."""

_NO_SUBJECT = "Give a photo or a video of the person as subject: an uploaded file, or its web address."

Answers = Mapping[str, Any]
"""Values by field, without files."""
Uploads = Mapping[str, Path | list[Path]]
"""Files by field, of some fields several."""


@memoized
def request_model() -> type[options.Options]:
    """What can be asked for: the fields of the two models, files being web addresses."""
    declared = {**Scene.model_fields, **Output.model_fields}
    fields: dict[str, Any] = {
        name: _declared(name, info) for name, info in declared.items() if name not in _OWN
    }
    fields |= {name: (info.annotation, info) for name, info in VideoFile.model_fields.items()}
    fields["webhook"] = (
        str | None,
        Field(None, description="Address that is told when the job has ended, in a signed POST."),
    )
    made = create_model("VideoRequest", __base__=options.Options, **fields)
    made.__doc__ = "Who speaks, what they say, and how."
    return made


def _declared(name: str, info: FieldInfo) -> tuple[Any, FieldInfo]:
    if name not in FILES:
        return info.annotation, info
    description = f"{' '.join((info.description or '').split())} The web address of the file."
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else None
    if name in SEVERAL:
        description = f"{' '.join((info.description or '').split())} The web addresses of the files."
        return list[str] | str | None, FieldInfo(
            default=None, description=description, json_schema_extra=extra
        )
    return str | None, FieldInfo(default=None, description=description, json_schema_extra=extra)


def read(given: Mapping[str, Any], uploads: Uploads) -> tuple[dict[str, Any], dict[str, Any]]:
    """A request's answers and its files, each `{"path": ...}` or `{"url": ...}`, of `SEVERAL` a list of them.

    Raises:
        UnknownNameError: there is no such field.
        OptionError, PhotoError: a value is not possible, or there is no subject.
    """
    asked = request_model()(**given)
    answers = {name: getattr(asked, name) for name in asked.model_fields_set}
    files: dict[str, Any] = {name: _kept(name, "path", given) for name, given in uploads.items()}
    for name in FILES:
        url = answers.pop(name, None)
        if url and name not in files:
            files[name] = _kept(name, "url", url)
    if "subject" not in files:
        raise PhotoError(_NO_SUBJECT, parameter="subject")
    form.refuse_files(answers)
    return {name: value for name, value in answers.items() if value is not None}, files


def named_here(given: dict[str, Any]) -> dict[str, Path | list[Path]]:
    """The files that a local program names by path, removed from `given`."""
    found: dict[str, Path | list[Path]] = {}
    for name in FILES:
        value = given.get(name) or []
        named = [str(each) for each in (value if isinstance(value, list) else [value])]
        if named and not any(each.startswith(("http://", "https://")) for each in named):
            found[name] = [Path(each).expanduser().absolute() for each in named]
            del given[name]
    return found


def _kept(name: str, kind: str, given: Any) -> Any:
    """A field's files as a request is kept."""
    listed = given if isinstance(given, list) else [given]
    entries = [{kind: str(each)} for each in listed]
    return entries if name in SEVERAL else entries[-1]


def _entries(files: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Every file of a request, with its field."""
    for name, kept in files.items():
        yield from ((name, entry) for entry in (kept if isinstance(kept, list) else [kept]))


def submit(
    store: JobStore, settings: Settings, folder: Path, given: Answers, uploads: Uploads, **more: Any
) -> Record:
    """Check a request, and put it into the queue.

    Args:
        folder: from `JobStore.new_folder`, where the uploads are; the caller removes it if this raises.
        given: the request, by field.
        uploads: files that are here already, by field.
        more: the caller's `client`; whether it is `local`, so that its answers of consent are this machine's;
            `base`, the address under which it sees this server; `repeat_key` and `digest`.

    Raises:
        StudioError: the job cannot be done, as far as can be told before files are fetched.
    """
    answers, files = read(given, uploads)
    hook = answers.pop("webhook", None)
    if hook is not None:
        _require_hooks(hook, settings)
    local, base = more.pop("local"), more.pop("base", "")
    asked = {"answers": answers, "files": files, "local": local}
    urls = [(name, file["url"]) for name, file in _entries(files) if "url" in file]
    for name, url in urls:
        fetching.require_address(url, name, inside=settings.fetch_from)
    if urls:
        _require_consent(answers, {name for name, _ in urls})
        check_choices(*_filled(asked, folder / "made"))
    else:
        _require_media(prepared(folder, asked).plan.scene)
    return store.add(
        folder.name,
        asked=asked,
        ready=not urls,
        hook={"url": hook, "base": base} if hook else {},
        **more,
    )


def fetched(folder: Path, asked: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """The same request with every file here.

    Raises:
        FetchError: one cannot be fetched.
    """
    files: dict[str, Any] = {}
    for name, file in _entries(asked["files"]):
        place = folder / "given" / (f"{name}-{len(files[name]) + 1}" if files.get(name) else name)
        if "url" in file:
            file = {"path": str(fetching.fetch(file["url"], place, name, inside=settings.fetch_from))}
        if name in SEVERAL:
            files.setdefault(name, []).append(file)
        else:
            files[name] = file
    return {**asked, "files": files}


def prepared(folder: Path, asked: Mapping[str, Any]) -> Job:
    """The job that a request asks for, all of whose files are here.

    Raises:
        StudioError: it cannot be done; as for `plan.check`, or nobody answered for the picture.
    """
    from pipeline import trust

    made = folder / "made"
    made.mkdir(exist_ok=True)
    plan = check(*_filled(asked, made))
    memory: trust.Memory | None = None if asked["local"] else {}
    return Job(plan, scene_consent(plan.scene, memory=memory))


def _filled(asked: Mapping[str, Any], made: Path) -> tuple[Scene, Output]:
    files: dict[str, Any] = {}
    for name, file in _entries(asked["files"]):
        path = Path(file.get("path", name))  # one that is not fetched yet has no name
        files[name] = (*files.get(name, ()), path) if name in SEVERAL else path
    answers = dict(asked["answers"])
    video = VideoFile(**{name: answers.pop(name) for name in VideoFile.model_fields if name in answers})
    words = answers.get("text") or files.get("audio", Path()).stem
    stem = jobs.file_stem(files["subject"], words, date.today())
    own = {"path": made / f"{stem}{video.suffix}", "motion": made / f"{stem}.csv", "overwrite": True}
    return split({**answers, **files, **own, "background": video.background})


def _require_consent(answers: Answers, addressed: Set[str]) -> None:
    """A picture that is not here yet cannot have been answered for: say so now, not in the job."""
    if "subject" in addressed and answers.get("consent") is None:
        raise ConsentError(
            "Please confirm that you may use this face: it is you (me), you have the person's permission "
            "(permission), or the person is not real (fictional).",
            parameter="consent",
        )
    if "voice_from" in addressed and answers.get("voice_consent") is None:
        raise ConsentError(
            "Please confirm that you may imitate this voice: it is yours (me), you have the person's "
            "permission (permission), or the person is not real (fictional).",
            parameter="voice_consent",
        )


def _require_media(scene: Scene) -> None:
    """Refuse a subject or a recording that is of another kind of file; a damaged one shows only later."""
    from pipeline import faces, video

    if not faces.is_photo(scene.subject) and not faces.is_video(scene.subject):
        with concerning("subject"):
            faces.read_image(scene.subject)  # says what it is instead
    if scene.audio is not None:
        video.sound_seconds(scene.audio)


def _require_hooks(url: str, settings: Settings) -> None:
    if not settings.webhook_secret:
        words = "This server sends no webhooks, as STUDIO_WEBHOOK_SECRET is not set; leave the webhook out."
        raise OptionError(words, parameter="webhook")
    fetching.require_address(url, "webhook", inside=settings.fetch_from)
