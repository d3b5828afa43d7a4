"""The photo as a puppet: what the embedded head and the embedded lips are made of.

The photo is warped, never repainted: its own pixels move with a 3-D mesh of MediaPipe's 478 landmarks and
of a grid around them. What no photo shows is painted in the photo's own tones. Three rooms, in the order in
which a frame passes them: `geometry` (scores and pose to vertices), `warping` (vertices to pixels) and
`painting` (the mouth's inside, eyes, lids). `renderer` puts one portrait's parts together.
"""
