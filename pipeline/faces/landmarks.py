"""MediaPipe's 478 face landmarks by name: the one place that knows their numbers.

Right is the person's right, which lies at the left of the image. Dictionaries are keyed by `EYES`.
"""

from __future__ import annotations

LANDMARKS = 478
"""Landmarks of one face; the last ten are the irises'."""
MESH_LANDMARKS = 468
"""Landmarks of the skin, without the irises."""
EYES = ("Right", "Left")
"""The person's eyes in the order of every per-eye array."""

# Single points

FOREHEAD = 10
"""Top of the face's outline."""
CHIN = 152
"""Bottom of the face's outline."""
RIGHT_EAR, LEFT_EAR = 234, 454
"""The face's outline in front of the ears, where it is widest."""
RIGHT_TEMPLE, LEFT_TEMPLE = 127, 356
"""The next points of the outline above the ears."""
RIGHT_EAR_LOBE, LEFT_EAR_LOBE = 132, 361
"""The outline at the height of the ear lobes."""
NASION = 6
"""Root of the nose, between the eyes."""
LOWER_NOSE_BRIDGE = 195
"""Point 29 of the 68-point scheme (iBUG 300-W)."""
NOSE_TIP = 4
SUBNASALE = 2
"""Where the nose meets the upper lip's skin."""
UPPER_LIP, LOWER_LIP = 13, 14
"""Middles of the inner lip edges; the gap between them is how far a mouth is open."""
MOUTH_CORNERS = (61, 291)
"""Outer corners, right and left."""
RIGHT_EYE_OUTER, RIGHT_EYE_INNER = 33, 133
LEFT_EYE_OUTER, LEFT_EYE_INNER = 263, 362
EYE_CORNERS = {"Right": (RIGHT_EYE_OUTER, RIGHT_EYE_INNER), "Left": (LEFT_EYE_OUTER, LEFT_EYE_INNER)}
"""Outer and inner corner of each eye."""

# Outlines and rows

# fmt: off
FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)
"""The face's outline, clockwise in the image from `FOREHEAD`."""
JAW = FACE_OVAL[FACE_OVAL.index(LEFT_EAR) : FACE_OVAL.index(RIGHT_EAR) + 1][::-1]
"""The outline from the right ear round the chin to the left ear."""
LOWER_JAW = FACE_OVAL[FACE_OVAL.index(LEFT_EAR_LOBE) : FACE_OVAL.index(RIGHT_EAR_LOBE) + 1]
"""The outline from the left ear lobe round the chin to the right one."""

INNER_UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
"""The inner lip edges from the right corner to the left; entries of the two face each other."""
OUTER_UPPER_LIP = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
OUTER_LOWER_LIP = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
"""The outer lip edges, in the same order."""
INNER_LIPS = (*INNER_UPPER_LIP, *INNER_LOWER_LIP[-2:0:-1])
"""The mouth's opening as a closed contour of 20 points."""
OUTER_LIPS = (*OUTER_UPPER_LIP, *OUTER_LOWER_LIP[-2:0:-1])
"""The lips' outer edge as a closed contour of 20 points."""
LIP_RED = (
    76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306, 307, 320, 404, 315, 16, 85, 180, 90, 77,
    62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292, 325, 319, 403, 316, 15, 86, 179, 89, 96,
)  # fmt: skip
"""Two closed contours between the outer and the inner edges of the lips."""
LIPS = (*OUTER_UPPER_LIP, *OUTER_LOWER_LIP[1:-1], *INNER_UPPER_LIP, *INNER_LOWER_LIP[1:-1])
"""All 40 points of the lips' edges."""

UPPER_LID = {"Right": (33, 246, 161, 160, 159, 158, 157, 173, 133),
             "Left": (263, 466, 388, 387, 386, 385, 384, 398, 362)}
LOWER_LID = {"Right": (33, 7, 163, 144, 145, 153, 154, 155, 133),
             "Left": (263, 249, 390, 373, 374, 380, 381, 382, 362)}
"""The lids' edges from the outer corner to the inner; entries of the two face each other."""
UPPER_LID_MIDDLE = {"Right": 159, "Left": 386}
LOWER_LID_MIDDLE = {"Right": 145, "Left": 374}
EYE_CONTOUR = {eye: UPPER_LID[eye] + LOWER_LID[eye][-2:0:-1] for eye in EYES}
"""The eye's opening between its lids as a closed contour."""
LID_CREASE = {"Right": (247, 30, 29, 27, 28, 56, 190), "Left": (467, 260, 259, 257, 258, 286, 414)}
"""The row above the upper lid's edge, facing the edge's entries between the corners."""
CREASE_ENDS = {"Right": (130, 243), "Left": (359, 463)}
"""Where the crease ends beside the outer and the inner corner."""
LID_FOLD = {"Right": (113, 225, 224, 223, 222, 221, 189), "Left": (342, 445, 444, 443, 442, 441, 413)}
"""The row above the crease, below the brow, facing the crease's entries."""
IRIS = {"Right": (468, 469, 470, 471, 472), "Left": (473, 474, 475, 476, 477)}
"""Centre and four points on the rim."""
EYE_68 = {"Right": (33, 160, 158, 133, 153, 144), "Left": (362, 385, 387, 263, 373, 380)}
"""The six points of each eye that stand for those of the 68-point scheme, in its order."""

UPPER_BROW = {"Right": (70, 63, 105, 66, 107), "Left": (300, 293, 334, 296, 336)}
LOWER_BROW = {"Right": (46, 53, 52, 65, 55), "Left": (276, 283, 282, 295, 285)}
"""The brows' edges from the temple to the nose."""
BROWS = (*LOWER_BROW["Right"], *UPPER_BROW["Right"], *LOWER_BROW["Left"], *UPPER_BROW["Left"])

BELOW_LIPS = ((17, 84, 314, 181, 405, 91, 321), (18, 83, 313, 182, 406, 106, 335),
              (200, 201, 421, 194, 418, 204, 424), (199, 208, 428, 32, 262, 211, 431))
"""Four rows from the lower lip's outer edge to the chin; each entry lies below that of the row before."""

# Regions

RIGID = (10, 151, 9, 8, 168, 6, 197, 195, 33, 133, 362, 263, 127, 356, 109, 338, 67, 297, 21, 251)
"""Points that hardly move against the skull: what a head's pose is fitted to."""
NOSE_BASE = (1, 2, 4, 98, 327)
"""Points near the mouth that speaking leaves alone."""
NOSE_68 = (5, 1, 64, 294)
"""Four points whose mean stands for the nose of the 68-point scheme."""
CHEEKS = (50, 205, 101, 280, 425, 330)
"""Plain skin on both cheeks."""
SKIN_PATCHES = {
    "Right": ((50, 205, 36), (214, 210, 135), (119, 118, 101)),
    "Left": ((280, 425, 266), (434, 430, 364), (348, 347, 330)),
}
"""Triangles of plain skin on either side: cheek, jaw, under the eye."""
HIGHLIGHTS = (9, 151, 4, 5, 195, 117, 346, 50, 280)
"""Forehead, nose and cheekbones: the skin that catches most light."""
LIP_BODIES = ((0, 13), (37, 82), (267, 312), (17, 14), (84, 87), (314, 317))
"""Pairs on the outer and inner edge; the red of the lips lies half-way between them."""
MOUTH_REGION = (57, 287, 164, 18, 43, 273, 106, 335)
"""Points around the mouth whose bounding box holds all of it."""
AROUND_LIPS = (
    164, 2, 98, 327, 18, 83, 313, 182, 406, 106, 335, 200, 201, 421, 194, 418, 204, 424, 57, 287, 43, 273,
    216, 436, 206, 426, 92, 322, 165, 391, 167, 393, 186, 410, 212, 432, 202, 422, 199, 205, 425,
)
"""The skin about the lips, from the nose to the chin."""
# fmt: on
