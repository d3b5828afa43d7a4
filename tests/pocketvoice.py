"""Tiny Pocket TTS files with random weights, under the names of the published ones."""

from pathlib import Path
from typing import Any

TOKENS = 100


def write(folder: Path) -> tuple[Path, Path]:
    """The weights of both networks, and the tokenizer, which knows single letters."""
    import torch
    from safetensors.torch import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers

    torch.manual_seed(0)
    state = {name: torch.randn(shape) * 0.1 for name, shape in _shapes().items()}
    weights, reader = folder / "model.safetensors", folder / "tokenizer.json"
    save_file(state, weights)
    letters = {chr(33 + number): number for number in range(90)}
    tokenizer = Tokenizer(models.WordLevel(letters | {"[UNK]": 95}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.save(str(reader))
    return weights, reader


def write_voice(cache: Any, path: Path, layers: int = 2) -> Path:
    """A voice's store with the rotated pairs of each head side by side, as it is published."""
    import torch
    from safetensors.torch import save_file

    state = {}
    for number, layer in enumerate(cache.layers[:layers]):
        pairs = torch.stack(layer.keys.cpu().chunk(2, dim=-1), dim=-1).flatten(-2)
        both = torch.stack([pairs, layer.values.cpu()]).transpose(2, 3)
        spare = torch.full_like(both[:, :, :3], float("nan"))
        name = f"transformer.layers.{number}.self_attn"
        state[f"{name}/cache"] = torch.cat([both, spare], dim=2).contiguous()
        state[f"{name}/offset"] = torch.tensor([both.shape[2]])
    save_file(state, path)
    return path


def _shapes() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {
        "flow_lm.conditioner.embed.weight": (TOKENS + 1, 128),
        "flow_lm.bos_before_voice": (1, 1, 128),
        "flow_lm.bos_emb": (8,),
        "flow_lm.emb_mean": (8,),
        "flow_lm.emb_std": (8,),
        "flow_lm.speaker_proj_weight": (128, 8),
        "flow_lm.input_linear.weight": (128, 8),
        **_linear("flow_lm.out_norm", 128),
        **_linear("flow_lm.out_eos", 1, 128),
    }
    for number in range(2):
        found |= _layer(f"flow_lm.transformer.layers.{number}", 128, 256)
    return found | _flow() | _codec()


def _flow() -> dict[str, tuple[int, ...]]:
    at = "flow_lm.flow_net"
    found = {**_linear(f"{at}.input_proj", 16, 8), **_linear(f"{at}.cond_embed", 16, 128)}
    for number in range(2):
        time, block = f"{at}.time_embed.{number}", f"{at}.res_blocks.{number}"
        found |= {f"{time}.freqs": (16,), f"{time}.mlp.3.alpha": (16,)}
        found |= _linear(f"{time}.mlp.0", 16, 32) | _linear(f"{time}.mlp.2", 16, 16)
        found |= _linear(f"{block}.in_ln", 16) | _linear(f"{block}.adaLN_modulation.1", 48, 16)
        found |= _linear(f"{block}.mlp.0", 16, 16) | _linear(f"{block}.mlp.2", 16, 16)
    last = f"{at}.final_layer"
    return found | _linear(f"{last}.linear", 8, 16) | _linear(f"{last}.adaLN_modulation.1", 32, 16)


def _codec() -> dict[str, tuple[int, ...]]:
    width, few = 64, 4
    found: dict[str, tuple[int, ...]] = {
        "mimi.quantizer.output_proj.weight": (width, 8, 1),
        "mimi.downsample.conv.conv.weight": (8, width, 32),
        "mimi.upsample.convtr.convtr.weight": (width, 1, 32),
    }
    for half in ("encoder", "decoder"):
        for number in range(2):
            at = f"mimi.{half}_transformer.transformer.layers.{number}"
            found |= _layer(at, width, 32) | {f"{at}.layer_scale_{each}.scale": (width,) for each in (1, 2)}
    found |= _conv("mimi.encoder.model.0", few, 1, 7) | _conv("mimi.encoder.model.11", width, 8 * few, 3)
    found |= _conv("mimi.decoder.model.0", 8 * few, width, 7) | _conv("mimi.decoder.model.11", 1, few, 3)
    for step, ratio in enumerate((4, 5, 6)):
        channels = few << step
        found |= _block(f"mimi.encoder.model.{1 + 3 * step}", channels)
        found |= _conv(f"mimi.encoder.model.{3 + 3 * step}", 2 * channels, channels, 2 * ratio)
        at = f"mimi.decoder.model.{8 - 3 * step}"
        found |= {
            f"{at}.convtr.weight": (2 * channels, channels, 2 * ratio),
            f"{at}.convtr.bias": (channels,),
        }
        found |= _block(f"mimi.decoder.model.{9 - 3 * step}", channels)
    return found


def _layer(at: str, width: int, inner: int) -> dict[str, tuple[int, ...]]:
    return {
        f"{at}.self_attn.in_proj.weight": (3 * width, width),
        f"{at}.self_attn.out_proj.weight": (width, width),
        f"{at}.linear1.weight": (inner, width),
        f"{at}.linear2.weight": (width, inner),
        **_linear(f"{at}.norm1", width),
        **_linear(f"{at}.norm2", width),
    }


def _block(at: str, channels: int) -> dict[str, tuple[int, ...]]:
    half = channels // 2
    return _conv(f"{at}.block.1", half, channels, 3) | _conv(f"{at}.block.3", channels, half, 1)


def _conv(at: str, *shape: int) -> dict[str, tuple[int, ...]]:
    return _linear(f"{at}.conv", *shape)


def _linear(at: str, *shape: int) -> dict[str, tuple[int, ...]]:
    return {f"{at}.weight": shape, f"{at}.bias": shape[:1]}
