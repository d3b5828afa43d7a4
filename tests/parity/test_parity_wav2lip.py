"""Wav2Lip's generator, its expert, its spectrogram and its crop-and-paste, against recorded outputs."""

from __future__ import annotations

from parity.harness import Fixture

from pipeline.networks.wav2lip import LipExpert, Wav2Lip


def test_generator() -> None:
    fixture = Fixture("wav2lip")
    network = fixture.fill(Wav2Lip())
    mel, faces = fixture.tensor("audio_sequences"), fixture.tensor("face_sequences")
    fixture.check("output", network(mel, faces))
    fixture.check("audio_embedding", network.audio_encoder(mel))
    mel = fixture.tensor("audio_sequences", call="sequence")
    fixture.check("sequence.output", network(mel, fixture.tensor("face_sequences", call="sequence")))


def test_expert() -> None:
    fixture = Fixture("wav2lip_syncnet")
    network = fixture.fill(LipExpert())
    sound, face = network(fixture.tensor("audio_sequences"), fixture.tensor("face_sequences"))
    fixture.check("audio_embedding", sound)
    fixture.check("face_embedding", face)
    fixture.check("cosine", (sound * face).sum(1))
