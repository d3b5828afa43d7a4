"""Layer 1: the mouth, on the frames of any head and of any video.

Each engine is a module with a `CARD` and a `load()`; `pipeline.engines` lists them. What several of them
need lies beside them: `located` finds the face in every frame, `sound` gives each frame its spectrogram,
`detail` keeps the frame's own skin. Crops and paste-back are `pipeline.faces.crops`.
"""
