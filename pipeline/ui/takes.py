"""This visit's finished videos: watch, download, use the settings again, remove."""

from __future__ import annotations

from html import escape

import gradio as gr

from pipeline.service import settings, takes, video_file
from pipeline.service.takes import Take
from pipeline.ui import handlers, markup
from pipeline.ui.components import Clickable, clicked_data

_LONGEST_NAME = 60
"""Characters of the script that a video is listed by."""


def draw() -> Clickable:
    """Make the list where the page is being built."""
    return Clickable("", elem_id="takes")


def listed(visit: str) -> str:
    """The list as markup; empty while there is nothing."""
    kept = takes.all_of(visit, handlers.cache())
    if not kept:
        return ""
    sharing = settings.from_environment().sharing
    items = "".join(_item(take, sharing) for take in kept)
    who = "you, and whoever you give a link to," if sharing else "you"
    return (
        '<section class="takes" aria-label="Your videos"><h2>Your videos</h2>'
        f'<ul>{items}</ul><p class="hint">Only {who} see these, for one day. Download what you need.</p>'
        "</section>"
    )


def clicked(event: gr.EventData) -> tuple[str, str]:
    """What was clicked in the list: the action, and the name of the video."""
    given = clicked_data(event)
    return given.get("action", ""), given.get("take", "")


def _item(take: Take, sharing: bool) -> str:
    name, result = escape(_name(take)), take.result
    video = markup.address(result.video)
    seen = f'<video muted preload="metadata" src="{video}#t=0.1" tabindex="-1" aria-hidden="true"></video>'
    if not video_file.playable(result.video):
        seen = f'<img src="{markup.address(video_file.still(result.video))}" alt="">'

    def button(action: str, words: str) -> str:
        return (
            f'<button type="button" class="link" data-action="{action}" data-take="{escape(take.name)}" '
            f'aria-label="{words}: {name}">{words}</button>'
        )

    return (
        f'<li>{seen}<div><p translate="no">{name}</p><p class="hint">{markup.duration(result.duration)}</p>'
        '<p class="links">'
        f"{button('watch', 'Watch')}"
        f'<a class="link" href="{video}" download="{escape(result.video.name)}" '
        f'aria-label="Download: {name}">Download</a>'
        f"{_shared(take, name) if sharing else ''}"
        f"{button('reuse', 'Use again')}{button('remove', 'Remove')}</p></div></li>"
    )


def _shared(take: Take, name: str) -> str:
    """The link to the video's public page; relative, so that it works behind a proxy."""
    return (
        f'<a class="link" href="v/{escape(take.name)}" target="_blank" rel="noopener" '
        f'aria-label="Share: {name}">Share</a>'
    )


def _name(take: Take) -> str:
    """Its text, or the name of its file."""
    words = " ".join(str(take.settings.get("text") or "").split())
    if not words or take.settings.get("words") == "recording":
        return take.result.video.stem
    return words if len(words) <= _LONGEST_NAME else f"{words[:_LONGEST_NAME].rstrip()}…"
