"""Texts, captions, scripts and talking videos in another language.

`translate` does it from file to file, `translate_text` for a text that is no file. A kind of document knows
its lines and how to write them again; how lines are translated is the business of `pipeline.translation`.
"""

from pipeline.localization.files import Translated, translate
from pipeline.localization.texts import TranslatedText, translate_text

__all__ = ["Translated", "TranslatedText", "translate", "translate_text"]
