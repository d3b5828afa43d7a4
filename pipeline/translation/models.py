"""The published translation networks, their languages and their licences.

Opus-MT (Tiedemann and Thottingal 2020, https://aclanthology.org/2020.eamt-1.61) is a small network for each
pair of languages; its licence is that of the pair's model card. M2M100 (Fan et al. 2020,
https://arxiv.org/abs/2010.11125) is one network between any two of a hundred languages. Qwen3 (Yang et al.
2025, https://arxiv.org/abs/2505.09388) is a language model that follows instructions: larger, it reads a
sentence beside those around it, and wants a card. Sizes are those that the Hub shows, rounded where no
checksum is given; such a checksum is noted at the first download.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.hub.checkpoints import Checkpoint
from pipeline.translation.errors import TranslationError
from pipeline.translation.language_names import LANGUAGES

Family = Literal["opus", "m2m100", "instruct"]


@dataclass(frozen=True)
class Model:
    """A network and what it translates."""

    name: str
    family: Family
    licence: str
    """Licence of the weights, as its card states it."""
    commercial: bool
    """Whether that licence allows commercial use."""
    sources: tuple[str, ...]
    """Languages that it reads, by ISO 639-1 code."""
    targets: dict[str, str]
    """Languages that it writes, each with the token that asks for it; "" where none does."""
    checkpoints: tuple[Checkpoint, ...]
    """Configuration, weights and the files of the tokenizer."""

    @property
    def repo(self) -> str:
        """Repository on the Hugging Face Hub."""
        return self.checkpoints[0].repo

    @property
    def download_bytes(self) -> int:
        """Size of its files, which are downloaded once."""
        return sum(file.size for file in self.checkpoints)

    def token(self, target: str) -> str:
        """The token that asks for a language; `target` is a BCP 47 tag.

        Regional variants that the network knows have tokens of their own.
        """
        tag = target.strip().replace("_", "-").lower()
        regional = [known for known in self.targets if "-" in known and f"{tag}-".startswith(f"{known}-")]
        return self.targets[regional[0] if regional else base_language(target)]


_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl", "cmn": "zh"}
"""Codes that stand for one language."""

_NO_MODEL = "give the translation by hand, as a file with the same number of lines"


def base_language(tag: str) -> str:
    """The ISO 639-1 code in a BCP 47 tag: "pt" for "pt-BR"."""
    code = tag.strip().replace("_", "-").partition("-")[0].lower()
    return _SAME.get(code, code)


def choose(source: str, target: str, family: Family | None = None, *, card: bool = False) -> Model:
    """The network for two languages: the pair's own where there is one, else M2M100.

    Args:
        source, target: BCP 47 tags.
        family: only this one.
        card: there is a card that holds an instruct network, which then goes before the others; see
            `instruct.fits`.

    Raises:
        TranslationError: none knows them, or they are the same.
    """
    here, there = base_language(source), base_language(target)
    if not there:
        raise TranslationError("Give the language to translate to, such as 'es' or 'pt-BR'.", parameter="to")
    if here == there:
        raise TranslationError(
            f"The text is taken to be in {source!r}, and so is the translation to {target!r}; choose another "
            "language for one of them.",
            parameter="to",
        )
    for kind in _families(family, card=card):
        for model in MODELS.values():
            if model.family == kind and here in model.sources and there in model.targets:
                return model
    unknown, parameter = (source, "language") if not targets_from(source, family) else (target, "to")
    codes = {name.lower(): code for code, name in LANGUAGES.items()}
    if code := codes.get(unknown.strip().lower()):
        raise TranslationError(f"Write {unknown!r} as its code, {code!r}.", parameter=parameter)
    raise TranslationError(
        f"No translation network here translates from {source!r} to {target!r}; check the code {unknown!r}, "
        f"or {_NO_MODEL}.",
        parameter=parameter,
    )


def targets_from(source: str, family: Family | None = None) -> list[str]:
    """The codes of the languages that can be translated to from one, in alphabetical order."""
    here = base_language(source)
    kinds = _families(family, card=False)
    fitting = [each for each in MODELS.values() if each.family in kinds and here in each.sources]
    return sorted({code for each in fitting for code in each.targets if "-" not in code} - {here})


def _families(family: Family | None, *, card: bool) -> tuple[Family, ...]:
    """The kinds of networks that may translate, the best first."""
    if family is not None:
        return (family,)
    return ("instruct", "opus", "m2m100") if card else ("opus", "m2m100")


def _opus(
    name: str, revision: str, licence: str, megabytes: float, vocabulary: float,
    sources: tuple[str, ...], targets: dict[str, str],
) -> Model:  # fmt: skip
    """An Opus-MT pair; sizes of the weights and of `vocab.json` in MB."""
    repo = f"Helsinki-NLP/opus-mt-{name}"
    sizes = {
        "config.json": 0.001, "pytorch_model.bin": megabytes, "vocab.json": vocabulary, "source.spm": 0.8,
        "target.spm": 0.8,
    }  # fmt: skip
    files = tuple(
        Checkpoint(repo, file, round(size * 1e6), licence, True, f"translation opus-mt-{name}", revision)
        for file, size in sizes.items()
    )
    return Model(f"opus-mt-{name}", "opus", licence, True, sources, targets, files)


_APACHE, _BY = "Apache-2.0", "CC BY 4.0 (name the authors: Helsinki-NLP)"

# fmt: off
_OPUS = (
    _opus("en-es", "071bd9495cec1cd60f4ba8b37243a482333fa6d7", _APACHE, 312, 1.59, ("en",), {"es": ""}),
    _opus("en-de", "af813a16b30cafb810999e01a7c39de87aafe5b6", _BY, 298, 1.27, ("en",), {"de": ""}),
    _opus("en-fr", "0bb2f7f768a43e1a47c5dd1ad4bc197318291071", _APACHE, 301, 1.34, ("en",), {"fr": ""}),
    _opus("en-it", "4c56f4ddc9fcfccec7799f5cef4d90f7c99dd658", _APACHE, 343, 2.35, ("en",), {"it": ""}),
    _opus("tc-big-en-pt", "6cd179c3a36b2aa259d58bc8c0dc33af3d8e4632", _BY, 577, 1.38, ("en",),
          {"pt": ">>pob<<", "pt-br": ">>pob<<", "pt-pt": ">>por<<"}),
    _opus("en-zh", "93db7712e4698309ac17a80605adbf54dea5c8ee", _APACHE, 312, 1.62, ("en",),
          {"zh": ">>cmn_Hans<<", **dict.fromkeys(("zh-tw", "zh-hk", "zh-mo", "zh-hant"), ">>cmn_Hant<<")}),
    _opus("es-en", "afc367bc733af696db166e0702512fbef0eb557f", _APACHE, 312, 1.59, ("es",), {"en": ""}),
    _opus("de-en", "6137149949ac01d19d8eeef6e35d32221dabc8e4", _APACHE, 298, 1.27, ("de",), {"en": ""}),
    _opus("it-en", "23f2c7f29233a3e0accc900625d65ddf6a49b93e", _APACHE, 343, 2.37, ("it",), {"en": ""}),
    _opus("ROMANCE-en", "a8ed564bd0cbf359cb4b5f61c506ebe67ea36261", _APACHE, 312, 1.46,
          ("fr", "pt", "ca", "gl", "ro"), {"en": ""}),
    _opus("zh-en", "6b02b2132d97136ebed2851703f2b3407ea9cf47", _BY, 312, 1.62, ("zh",), {"en": ""}),
    _opus("hi-en", "48acb8543e96768bc9fea5b3813d0e46fe1a45f3", _APACHE, 304, 2.06, ("hi",), {"en": ""}),
)

_M2M100_LANGUAGES = (
    "af", "am", "ar", "ast", "az", "ba", "be", "bg", "bn", "br", "bs", "ca", "ceb", "cs", "cy", "da", "de",
    "el", "en", "es", "et", "fa", "ff", "fi", "fr", "fy", "ga", "gd", "gl", "gu", "ha", "he", "hi", "hr",
    "ht", "hu", "hy", "id", "ig", "ilo", "is", "it", "ja", "jv", "ka", "kk", "km", "kn", "ko", "lb", "lg",
    "ln", "lo", "lt", "lv", "mg", "mk", "ml", "mn", "mr", "ms", "my", "ne", "nl", "no", "ns", "oc", "or",
    "pa", "pl", "ps", "pt", "ro", "ru", "sd", "si", "sk", "sl", "so", "sq", "sr", "ss", "su", "sv", "sw",
    "ta", "th", "tl", "tn", "tr", "uk", "ur", "uz", "vi", "wo", "xh", "yi", "yo", "zh", "zu",
)
_M2M100_FILES = (
    ("config.json", 908, "df0ae43e4e4b0d7e3c97b7f447857a70ef6b6a2aa1f145cedbcc730d95f67134"),
    ("pytorch_model.bin", 1_935_796_948,
     "d907ea45e4e4b9db163382a6674f6218b3c59566fe06d77f4055c208b4e87ed1"),
    ("vocab.json", 3_708_092, "b6e77e474aeea8f441363aca7614317c06381f3eacfe10fb9856d5081d1074cc"),
    ("sentencepiece.bpe.model", 2_423_393,
     "d8f7c76ed2a5e0822be39f0a4f95a55eb19c78f4593ce609e2edbc2aea4d380a"),
)
_QWEN_FILES = (
    ("config.json", 727, "5beea1a4a34c62782bfb2f911c606741a3bab8f92d80a118fa053c28af12e8ba"),
    ("tokenizer.json", 11_422_654, "aeb13307a71acd8fe81861d94ad54ab689df773318809eed3cbe794b4492dae4"),
    ("tokenizer_config.json", 9_377, "a62ff0a2472a0fa1b8eaabcb57c59b58afa42a22831dc141400b6e0cf2b65ce3"),
    ("model-00001-of-00003.safetensors", 3_957_900_840,
     "75311d91bb08cf0b882913da464a1e722a31fb44db35208663487efb7a3d8ed6"),
    ("model-00002-of-00003.safetensors", 3_987_450_520,
     "0b48adbb1f60e901153d91907ba11ce63bd4b8b584482e730f48808d055dfba1"),
    ("model-00003-of-00003.safetensors", 99_630_640,
     "7dd39ccca5e4de123c74c14af44c9bf2eb75df33b4614382af0134528e060d5d"),
)
# fmt: on

_QWEN = Model(
    "qwen3-4b-instruct",
    "instruct",
    _APACHE,
    True,
    tuple(LANGUAGES),
    dict.fromkeys(LANGUAGES, ""),
    tuple(
        Checkpoint(
            "Qwen/Qwen3-4B-Instruct-2507", file, size, _APACHE, True, "translation qwen3-4b-instruct",
            "cdbee75f17c01a7cc42f958dc650907174af0554", sha256,
        )
        for file, size, sha256 in _QWEN_FILES
    ),
)  # fmt: skip

_M2M100 = Model(
    "m2m100_418M",
    "m2m100",
    "MIT",
    True,
    _M2M100_LANGUAGES,
    {code: f"__{code}__" for code in _M2M100_LANGUAGES},
    tuple(
        Checkpoint(
            "facebook/m2m100_418M", file, size, "MIT", True, "translation m2m100_418M",
            "55c2e61bbf05dfb8d7abccdc3fae6fc8512fd636", sha256,
        )
        for file, size, sha256 in _M2M100_FILES
    ),
)  # fmt: skip

MODELS: dict[str, Model] = {model.name: model for model in (*_OPUS, _M2M100, _QWEN)}
"""All networks by name, those of a pair first."""
