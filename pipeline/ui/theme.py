"""The page's looks: Gradio's base theme in our colours and type, the style sheet over it, and the script.

Only fonts that the visitor's system has, so the page needs no network.
"""

from __future__ import annotations

import gradio as gr

from pipeline.assets import ASSETS

STYLE = ASSETS / "style.css"
SCRIPT = ASSETS / "page.js"
ICON = ASSETS / "icon.png"

_TYPE = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

_INK = gr.themes.Color(
    name="cobalt",
    c50="#eef2ff",
    c100="#dfe6ff",
    c200="#c3cfff",
    c300="#9daeff",
    c400="#7586f8",
    c500="#4c5fe8",
    c600="#3245d4",
    c700="#2837ab",
    c800="#233087",
    c900="#212c6b",
    c950="#151a42",
)


def theme() -> gr.themes.Base:
    """Warm paper and cobalt by day, near-black blue by night."""
    return gr.themes.Base(
        primary_hue=_INK,
        neutral_hue="stone",
        spacing_size="md",
        radius_size="lg",
        font=[gr.themes.Font(name) for name in (*_TYPE, "sans-serif")],
        font_mono=[gr.themes.Font(name) for name in _MONO],
    ).set(
        body_background_fill="#f6f3ee",
        body_background_fill_dark="#0e1016",
        body_text_color="#1d1b19",
        body_text_color_dark="#e9e7e3",
        body_text_color_subdued="#6b655d",
        body_text_color_subdued_dark="#a09b93",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#181b24",
        background_fill_secondary="#faf8f5",
        background_fill_secondary_dark="#12141b",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        block_padding="0",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_title_text_weight="600",
        block_title_text_size="*text_sm",
        block_info_text_size="*text_xs",
        border_color_primary="#e4ded5",
        border_color_primary_dark="#2c303c",
        input_background_fill="#ffffff",
        input_background_fill_dark="#12141b",
        input_border_color="#d9d2c7",
        input_border_color_dark="#343947",
        input_shadow="none",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_500",
        button_primary_background_fill_hover_dark="*primary_600",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_dark="#1f232e",
        button_secondary_background_fill_hover="#f2eee8",
        button_secondary_background_fill_hover_dark="#282d3a",
        layout_gap="14px",
    )
