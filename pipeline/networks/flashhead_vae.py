"""The two video autoencoders of SoulX-FlashHead, by diffusers: Wan 2.1's (Pro) and LTX-Video 0.9's (Lite).

Wan: arXiv:2503.20314. LTX-Video: arXiv:2501.00103. Videos are `(3, F, H, W)` RGB in -1..1, latents
`(C, f, h, w)` normalised per channel; the first latent frame is one frame, each other s of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from torch import Tensor, nn

from pipeline.inference.transfer import constant
from pipeline.networks.flashhead_lean import lean

if TYPE_CHECKING:
    from diffusers.models.autoencoders.autoencoder_kl_ltx import AutoencoderKLLTXVideo
    from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan

Noise = Callable[[tuple[int, ...]], Tensor]
"""Standard normal values of a shape."""

LTX_CONFIG: dict[str, Any] = {
    "block_out_channels": (128, 256, 512, 512),
    "decoder_causal": False,
    "encoder_causal": True,
    "latent_channels": 128,
    "layers_per_block": (4, 3, 3, 3, 4),
    "patch_size": 4,
    "patch_size_t": 1,
    "resnet_norm_eps": 1e-6,
    "scaling_factor": 1.0,
    "spatio_temporal_scaling": (True, True, True, False),
}
"""The configuration of LTX-Video 0.9's autoencoder."""


class Autoencoder(Protocol):
    """What the sampler needs of a video autoencoder."""

    def encode(self, video: Tensor, noise: Noise | None) -> Tensor:
        """The latents of a video; a sample of their distribution with `noise`, else its mode."""
        ...

    def encode_still(self, picture: Tensor, frames: int, noise: Noise | None) -> Tensor:
        """The latents of a video that shows a picture `(3, H, W)` for so many frames."""
        ...

    def decode(self, latents: Tensor) -> Tensor:
        """The video of latents."""
        ...


class WanAutoencoder(nn.Module):
    """Wan 2.1's autoencoder; an `Autoencoder`. Its latents are the mode: nothing is sampled."""

    def __init__(self, vae: AutoencoderKLWan) -> None:
        super().__init__()
        self.vae = lean(vae)

    def encode(self, video: Tensor, noise: Noise | None) -> Tensor:
        latents = self.vae.encode(_as_weights(video, self)).latent_dist.mean[0].float()
        mean, std = self._statistics(latents)
        return (latents - mean) / std

    def encode_still(self, picture: Tensor, frames: int, noise: Noise | None) -> Tensor:
        # Zeros are padded before the first frame, so the latent frames differ although the frames do not.
        return self.encode(picture[:, None].expand(-1, frames, -1, -1), noise)

    def decode(self, latents: Tensor) -> Tensor:
        mean, std = self._statistics(latents)
        return self.vae.decode(_as_weights(latents * std + mean, self)).sample[0].float()

    def _statistics(self, like: Tensor) -> tuple[Tensor, Tensor]:
        config = self.vae.config
        mean, std = (constant(tuple(config[name]), like.device) for name in ("latents_mean", "latents_std"))
        return mean.reshape(-1, 1, 1, 1), std.reshape(-1, 1, 1, 1)


class LtxAutoencoder(nn.Module):
    """LTX-Video 0.9's autoencoder; an `Autoencoder`."""

    def __init__(self, vae: AutoencoderKLLTXVideo) -> None:
        super().__init__()
        self.vae = lean(vae)

    def encode(self, video: Tensor, noise: Noise | None) -> Tensor:
        mean, std = self._moments(video)
        return self._normalised(mean if noise is None else mean + std * noise(tuple(mean.shape)).to(mean))

    def encode_still(self, picture: Tensor, frames: int, noise: Noise | None) -> Tensor:
        # The first frame is repeated before itself, so all latent frames have the same distribution.
        count = (frames - 1) // self.vae.temporal_compression_ratio + 1
        mean, std = (moment.expand(-1, count, -1, -1) for moment in self._moments(picture[:, None]))
        return self._normalised(mean if noise is None else mean + std * noise(tuple(mean.shape)).to(mean))

    def decode(self, latents: Tensor) -> Tensor:
        mean, std = self._statistics(latents)
        return self.vae.decode(_as_weights(latents * std + mean, self)).sample[0].float()

    def _moments(self, video: Tensor) -> tuple[Tensor, Tensor]:
        posterior = self.vae.encode(_as_weights(video, self)).latent_dist
        return posterior.mean[0].float(), posterior.std[0].float()

    def _normalised(self, latents: Tensor) -> Tensor:
        mean, std = self._statistics(latents)
        return (latents - mean) / std

    def _statistics(self, like: Tensor) -> tuple[Tensor, Tensor]:
        mean, std = self.vae.latents_mean, self.vae.latents_std
        return mean.to(like).reshape(-1, 1, 1, 1), std.to(like).reshape(-1, 1, 1, 1)


def wan(**config: Any) -> WanAutoencoder:
    """Wan 2.1's autoencoder with random weights; `config` differs from the published one."""
    from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan

    return WanAutoencoder(AutoencoderKLWan(**config))


def ltx(**config: Any) -> LtxAutoencoder:
    """LTX-Video 0.9's autoencoder with random weights; `config` differs from the published one."""
    from diffusers.models.autoencoders.autoencoder_kl_ltx import AutoencoderKLLTXVideo

    return LtxAutoencoder(AutoencoderKLLTXVideo(**LTX_CONFIG | config))


def _as_weights(video: Tensor, network: nn.Module) -> Tensor:
    """A batch of one, in the precision and on the device of the weights."""
    return video[None].to(next(network.parameters()))
