"""Words and pictures of ours where Gradio would show its own, and what runs before Gradio's own scripts."""

from __future__ import annotations

import re
from html import escape

import gradio as gr
from gradio import routes
from jinja2 import ChoiceLoader, DictLoader

from pipeline.assets import ASSETS
from pipeline.ui import words

_TEMPLATE = "frontend/index.html"
_ROOT = "{{ config.get('root', '') }}"
"""The page's own address, in its template."""
_CARD = ASSETS / "card.png"
"""What a link to the page shows, 1200 by 630 px."""
_LOADING = ASSETS / "loading.js"
"""What runs before Gradio's own scripts; those that are given to Gradio run after them."""

_TEXTS = {
    "upload_text.drop_audio": "Drop a recording here",
    "upload_text.drop_video": "Drop a video here",
    "upload_text.drop_image": "Drop a photo here",
    "upload_text.drop_file": "Drop a file here",
    "upload_text.click_to_upload": "browse",
    "upload_text.paste_clipboard": "Paste",
    "image.allow_webcam_access": "Use the camera",
}


def translations() -> gr.I18n:
    """Gradio's texts in our words, and ours in the languages of our visitors."""
    return gr.I18n(en=_TEXTS, **words.translations())


def begin_page(title: str, summary: str) -> None:
    """Let a link to the page show our title, summary and picture, as Gradio's page names its own; and let its
    loading screen end.

    The picture is served by this page. Its address is made from that of the request, as it must be absolute.
    """
    gr.set_static_paths([_CARD])
    loader = routes.templates.env.loader
    if loader is None:
        return
    source, _, _ = loader.get_source(routes.templates.env, _TEMPLATE)
    ours = DictLoader({_TEMPLATE: _described(source, title, summary)})
    routes.templates.env.loader = ChoiceLoader([ours, loader])


def _described(source: str, title: str, summary: str) -> str:
    """Gradio's page with our description in place of its own, our script, every address below its root."""
    without = re.sub(r"<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*>", "", source)
    picture = f"{_ROOT}/gradio_api/file={escape(_CARD.as_posix())}"
    described = {
        'property="og:title"': title,
        'property="og:description"': summary,
        'property="og:type"': "website",
        'property="og:image"': picture,
        'name="twitter:card"': "summary_large_image",
        'name="description"': summary,
    }
    without = without.replace('href="/manifest.json"', f'href="{_ROOT}/manifest.json"')
    tags = "".join(f'<meta {name} content="{text}" />\n' for name, text in described.items())
    tags += f"<script>{{% raw %}}{_LOADING.read_text(encoding='utf-8')}{{% endraw %}}</script>\n"
    return without.replace('<meta charset="utf-8" />', f'<meta charset="utf-8" />\n{tags}', 1)
