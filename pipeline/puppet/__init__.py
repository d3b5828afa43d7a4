"""A photo as a puppet: what the embedded head and the embedded lips are made of.

The photo is warped rather than synthesised: its own pixels move with a 3-D mesh of MediaPipe's 478 landmarks
and of a grid around them, and only what no photo shows is painted, in the photo's own colours. The packages
follow the order in which a frame passes them, and none imports from a later one: `geometry` (blendshapes and
pose to vertices), `warping` (vertices to pixels), `painting` (the inside of the mouth, eyes, eyelids).
`renderer` assembles the parts for one portrait; `reenactment` gives the frames of a video another mouth.
"""
