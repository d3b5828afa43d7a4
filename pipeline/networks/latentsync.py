"""LatentSync: a mouth inpainted by latent diffusion over sixteen frames at a time.

Li et al.: LatentSync: Taming Audio-Conditioned Latent Diffusion Models for Lip Sync with SyncNet
Supervision, 2024 (arXiv:2412.09262), versions 1.5 and 1.6. The layers are diffusers' Stable Diffusion 1.x;
running them over frames is ours. B is the batch, F the frames; videos are `(B, C, F, H, W)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.inference.transfer import upload
from pipeline.networks import whisper
from pipeline.networks.latentsync_temporal import HEADS, TemporalLayers, per_frame
from pipeline.networks.stable import decode, encode

if TYPE_CHECKING:
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from diffusers.schedulers.scheduling_ddim import DDIMScheduler

CHUNK = 16
"""Frames that are denoised together."""
CALLS = ("unet.forward", "vae.encoder.forward", "vae.decoder.forward")
"""What is called for every batch; not the loop around it, which would be compiled step by step."""

_SHARED = (
    "act_fn",
    "attention_head_dim",
    "block_out_channels",
    "center_input_sample",
    "cross_attention_dim",
    "downsample_padding",
    "flip_sin_to_cos",
    "freq_shift",
    "in_channels",
    "layers_per_block",
    "mid_block_scale_factor",
    "norm_eps",
    "norm_num_groups",
    "out_channels",
    "sample_size",
)
"""Settings that the published configuration shares with the 2-D UNet's."""


def infer_config(state: dict[str, Tensor]) -> dict[str, Any]:
    """The configuration of a checkpoint, from its tensors: the file has none, and only the widths can differ.

    Raises:
        KeyError: these are not LatentSync's tensors.
    """
    attention = "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight"
    return {
        "act_fn": "silu",
        "attention_head_dim": HEADS,
        "block_out_channels": [state[f"down_blocks.{n}.resnets.0.conv1.weight"].shape[0] for n in range(4)],
        "cross_attention_dim": state[attention].shape[1],
        "in_channels": state["conv_in.weight"].shape[1],
    }


def unet(config: dict[str, Any]) -> VideoUNet:
    """The UNet of a published configuration or of `infer_config`, with random weights."""
    return VideoUNet(config)


def scheduler() -> DDIMScheduler:
    """The DDIM sampler with the noise schedule of the training."""
    from diffusers.schedulers.scheduling_ddim import DDIMScheduler

    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )


def log_mel_segments(samples: Tensor) -> Iterator[Tensor]:
    """Samples at 16 kHz as Whisper's inputs `(80, 3000)`: one spectrogram, split, padded with zeros."""
    for piece in whisper.log_mel(samples).split(whisper.COLUMNS, dim=1):
        yield whisper.pad(piece)


class VideoUNet(nn.Module):
    """Stable Diffusion's UNet run over frames, with temporal layers after its residual blocks.

    Its tensors keep the 2-D network's names. Apart from the temporal layers it differs from the 2-D network
    in the residual blocks' group norms, whose statistics are taken over all frames.
    """

    conv_in: Any
    time_proj: Any
    time_embedding: Any
    down_blocks: Any
    mid_block: Any
    up_blocks: Any
    conv_norm_out: Any
    conv_out: Any

    def __init__(self, config: dict[str, Any]) -> None:
        from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

        super().__init__()
        flat: Any = UNet2DConditionModel.from_config({key: config[key] for key in _SHARED if key in config})
        for name, part in flat.named_children():
            self.add_module(name, part)
        for block in (*self.down_blocks, *self.up_blocks):
            widths = [resnet.out_channels for resnet in block.resnets]
            block.motion_modules = nn.ModuleList(TemporalLayers(width) for width in widths)

    def forward(self, video: Tensor, step: Tensor, audio: Tensor) -> Tensor:
        """The noise in a noisy video.

        Args:
            video: `(B, 13, F, h, w)` noisy latents, mask (1 keeps), latents of the masked and the whole face.
            step: scalar, the diffusion's timestep.
            audio: `(B·F, 50, 384)` Whisper states, the frames of one video one after another.

        Returns:
            `(B, 4, F, h, w)`
        """
        time = self.time_embedding(self.time_proj(step.expand(len(video))).to(video))
        x = per_frame(self.conv_in, video)
        x, skips = self._down(x, time, audio)
        x = _residual(self.mid_block.resnets[0], x, time)
        x = _attend(self.mid_block.attentions[0], x, audio)
        x = _residual(self.mid_block.resnets[1], x, time)
        for block in self.up_blocks:
            for index in range(len(block.resnets)):
                x = _layer(block, index, torch.cat([x, skips.pop()], dim=1), time, audio)
            x = _resampled(block.upsamplers, x)
        return per_frame(self.conv_out, F.silu(self.conv_norm_out(x)))

    def _down(self, x: Tensor, time: Tensor, audio: Tensor) -> tuple[Tensor, list[Tensor]]:
        skips = [x]
        for block in self.down_blocks:
            for index in range(len(block.resnets)):
                x = _layer(block, index, x, time, audio)
                skips.append(x)
            if block.downsamplers:
                x = _resampled(block.downsamplers, x)
                skips.append(x)
        return x, skips


def _layer(block: Any, index: int, x: Tensor, time: Tensor, audio: Tensor) -> Tensor:
    x = _residual(block.resnets[index], x, time)
    if getattr(block, "attentions", None) is not None:
        x = _attend(block.attentions[index], x, audio)
    return block.motion_modules[index](x)


def _residual(resnet: Any, video: Tensor, time: Tensor) -> Tensor:
    """A residual block whose norms take their statistics over all frames of a video."""
    x = per_frame(resnet.conv1, F.silu(resnet.norm1(video)))
    x = x + resnet.time_emb_proj(F.silu(time))[:, :, None, None, None]
    x = per_frame(resnet.conv2, F.silu(resnet.norm2(x)))
    shortcut = video if resnet.conv_shortcut is None else per_frame(resnet.conv_shortcut, video)
    return shortcut + x


def _attend(transformer: Any, video: Tensor, audio: Tensor) -> Tensor:
    return per_frame(lambda x: transformer(x, audio, return_dict=False)[0], video)


def _resampled(layers: Any, video: Tensor) -> Tensor:
    for layer in layers or ():
        video = per_frame(layer, video)
    return video


class LatentSync(nn.Module):
    """The UNet between the autoencoder's encoder and decoder, in the diffusion loop."""

    def __init__(self, unet: VideoUNet, vae: AutoencoderKL) -> None:
        super().__init__()
        self.unet, self.vae = unet, vae

    def forward(
        self, faces: Tensor, mask: Tensor, audio: Tensor, noise: Tensor, *, steps: int, guidance: float
    ) -> Tensor:
        """Faces with their mouths inpainted: `(F, 3, H, W)` RGB in 0..1.

        Args:
            faces: `(F, 3, H, W)` RGB in -1..1, consecutive.
            mask: `(H, W)`, 1 where the faces are kept, 0 where they are inpainted.
            audio: `(F, 50, 384)` Whisper states.
            noise: `(4, H/8, W/8)` standard normal; all frames start from the same.
            steps: number of diffusion steps.
            guidance: scale of classifier-free guidance; 1 uses the conditional prediction alone.
        """
        condition = self._condition(faces, mask)
        schedule = scheduler()
        # The sampler reads its times on the host, so there they stay; the network's are copied once.
        schedule.set_timesteps(steps)
        latents = noise[None, :, None].expand(1, -1, len(faces), -1, -1)
        times = upload(schedule.timesteps, faces.device)
        for step, time in zip(schedule.timesteps.tolist(), times, strict=True):
            predicted = self._predict_noise(torch.cat([latents, condition], dim=1), time, audio, guidance)
            latents = schedule.step(predicted, step, latents, return_dict=False)[0]
        painted = decode(self.vae, latents[0].transpose(0, 1))
        return torch.lerp(painted, faces / 2 + 0.5, mask)

    def _condition(self, faces: Tensor, mask: Tensor) -> Tensor:
        """`(1, 9, F, h, w)`: the mask, and the latents of the masked faces and of the whole ones."""
        latents = [encode(self.vae, part).transpose(0, 1)[None] for part in (faces * mask, faces)]
        small = F.interpolate(mask[None, None], size=latents[0].shape[-2:])
        return torch.cat([small[:, :, None].expand(-1, -1, len(faces), -1, -1), *latents], dim=1)

    def _predict_noise(self, video: Tensor, step: Tensor, audio: Tensor, guidance: float) -> Tensor:
        if guidance == 1:
            return self.unet(video, step, audio)
        both = torch.cat([torch.zeros_like(audio), audio])
        unconditional, conditional = self.unet(video.repeat(2, 1, 1, 1, 1), step, both).chunk(2)
        return unconditional + guidance * (conditional - unconditional)
