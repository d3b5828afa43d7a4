"""Layer 1: the mouth, on the frames of any head and of any video.

Each engine is a module or package with a `CARD` and a `load()`; `pipeline.engines` lists them. Beside them
lies what several share: `face_track` (landmarks for every frame), `inpainter` (the loop around a network that
repaints faces), `mel_windows` and `whisper_features` (the audio of each frame), `detail_transfer` (the
frame's own skin texture), `pretrained` (networks used by more than one engine).
"""
