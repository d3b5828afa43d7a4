"""MediaPipe's landmark numbers that the puppet knows by name. Right is the person's right, at image left."""

from __future__ import annotations

import numpy as np

# fmt: off
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)
"""The face's outline, clockwise in the image from the top of the forehead; the chin is 152."""
INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
"""The inner lip edges from the right corner to the left; entries of the two face each other."""
OUTER_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
OUTER_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
UPPER_LID = {"Right": (33, 246, 161, 160, 159, 158, 157, 173, 133),
             "Left": (263, 466, 388, 387, 386, 385, 384, 398, 362)}
LOWER_LID = {"Right": (33, 7, 163, 144, 145, 153, 154, 155, 133),
             "Left": (263, 249, 390, 373, 374, 380, 381, 382, 362)}
"""The lids' edges from the outer corner to the inner; entries of the two face each other."""
OPENING = {eye: UPPER_LID[eye] + LOWER_LID[eye][-2:0:-1] for eye in UPPER_LID}
"""The eye's opening between its lids as one closed line."""
UPPER_CREASE = {"Right": (247, 30, 29, 27, 28, 56, 190), "Left": (467, 260, 259, 257, 258, 286, 414)}
"""The row of vertices above the upper lid's edge, facing the edge's entries between the corners."""
BROWS = (46, 53, 52, 65, 55, 70, 63, 105, 66, 107, 276, 283, 282, 295, 285, 300, 293, 334, 296, 336)
BELOW_LIPS = ((17, 84, 314, 181, 405, 91, 321), (18, 83, 313, 182, 406, 106, 335),
              (200, 201, 421, 194, 418, 204, 424), (199, 208, 428, 32, 262, 211, 431))
"""Four rows from the lower lip's outer edge to the chin; each entry lies below that of the row before."""
IRIS = {"Right": (468, 469, 470, 471, 472), "Left": (473, 474, 475, 476, 477)}
"""Centre and four points on the rim."""
SKULL = (10, 151, 9, 8, 168, 6, 197, 195, 33, 133, 362, 263, 127, 356, 109, 338, 67, 297, 21, 251)
"""Points that hardly move against the skull."""
# fmt: on
CHIN = 152
EYES = ("Right", "Left")

INNER_LIPS = (*INNER_UPPER, *INNER_LOWER[-2:0:-1])
"""The mouth's opening as one closed line."""


def strip(upper: tuple[int, ...], lower: tuple[int, ...]) -> np.ndarray:
    """Triangles `(M, 3)` between two rows of vertices that share their first and last one."""
    rows = []
    for k in range(len(upper) - 1):
        a, b, c, d = upper[k], upper[k + 1], lower[k + 1], lower[k]
        if a != d:
            rows.append((a, b, d))
        if b != c:
            rows.append((b, c, d))
    return np.array(rows, np.int32)
