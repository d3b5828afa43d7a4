"""Lines in, the same lines in another language out; number, order, pauses, emphasis and placeholders stay.

`translate_lines` does it with a published network, `choose` says with which one and under which licence.
`Glossary` holds the terms whose translation is settled; `read_pairs` takes translations that people made or
corrected, so that nothing here needs a network. Files and videos are the business of `pipeline.localization`.
"""

from pipeline.translation.errors import TranslationError
from pipeline.translation.glossary import Glossary, read_glossary
from pipeline.translation.lines import translate_lines
from pipeline.translation.models import MODELS, Model, base_language, choose, targets_from

__all__ = [
    "MODELS",
    "Glossary",
    "Model",
    "TranslationError",
    "base_language",
    "choose",
    "read_glossary",
    "targets_from",
    "translate_lines",
]
