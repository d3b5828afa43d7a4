"""The sides of a face that the photo hardly shows: what is seen there when the head turns.

Towards its outline a face lies edge-on, and the far cheek of a turned one is hidden behind its own rim. A
turn stretches the few pixels that the photo has of it. So each side has a texture of its own, drawn as if the
head were turned until the side is seen well: the photo's own skin where it is to be seen, on cheeks the skin
of the other one where the photo shows that better, in this side's light, and elsewhere what continues from
beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import (
    BROWS,
    EYES,
    INNER_LIPS,
    LIP_RED,
    LOWER_LID,
    MESH_LANDMARKS,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
    UPPER_LID,
)
from pipeline.puppet.geometry.basis import face_basis
from pipeline.puppet.geometry.mesh import Mesh
from pipeline.puppet.geometry.sampling import nearest_pixels
from pipeline.puppet.warping.completion import filled, relit
from pipeline.puppet.warping.rasterizer import FAR_DEPTH, draw_solid, far
from pipeline.puppet.warping.side_light import evening, face_light, grainy, likeness, outline_shade

LEVELS = 6
"""Steps in which a side passes from the photo's own pixels to the completed ones."""
_OWN_COSINE = 0.15, 0.4
"""Cosines between skin and the view up to which the photo does not show it, and from which it does."""
_SURE_COSINE = 0.4, 0.6
"""Cosines up to which and from which the photo shows skin so well that its colour tells that of the rest."""
_DOUBTFUL = 0.8
"""Cosine below which skin is drawn from the texture of its side: from there on its light may change."""
_OUTWARDS, _DOWN = (0.45, 0.6), (0.0, 0.15)
"""Where a cheek begins: inter-ocular distances from the middle of the face, and below the eyes."""
_BELOW_EYES, _ABOVE_NOSTRILS = (0.1, 0.2), (0.42, 0.52)
"""Where the nose has flanks of skin, in inter-ocular distances below the eyes."""
_EDGE = 0.0, 0.06
"""Distances inside the person, in inter-ocular distances, up to which and from which a pixel is surely skin:
landmarks may be wrong by as much."""
_HIDDEN = 3.0
"""Px of the photo by which the middle of a triangle is off where another one hides it in the texture."""
_BETTER = 0.2, 0.5
"""By how much the cosine of the other side's skin is to be larger for it to be borrowed."""
_TURN = np.radians(32)
"""Yaw at which a side is drawn."""
_RESOLUTION = 160.0
"""Least px of the textures per inter-ocular distance: small photos lose nothing by being resampled."""
_GROWTH = 0.14
"""Growth of a side's cosine over which it is completed: about 8° of yaw."""
_HASTE = 2.0
"""By how much sooner hair or a wall that stands where a cheek comes into view is gone than skin is completed:
half of it would be a stain."""
_LEAST_WEIGHT = 1e-3
"""Of skin that faces the camera when a side's direction is weighed."""
_MARGIN = 2
"""Px around the vertices of a side, so that samples at its edge have neighbours."""
_FEATURES = [*BROWS, *OUTER_UPPER_LIP, *OUTER_LOWER_LIP, *LIP_RED, *INNER_LIPS]
_FEATURES += [vertex for eye in EYES for vertex in (*UPPER_LID[eye], *LOWER_LID[eye])]
"""Vertices whose colours do not continue beside them."""


@dataclass(frozen=True)
class FarSide:
    """One side of the face, completed."""

    triangles: np.ndarray
    """`(M,)`: which of the face's triangles are sampled from here."""
    points: np.ndarray
    """`(468, 2)` float32 px of the textures: where the landmarks are."""
    textures: np.ndarray
    """`(LEVELS, h, w, 5)` uint8: colour, alpha and cut-out, completed more and more."""
    normal: np.ndarray
    """`(3,)`: the mean direction out of the face."""

    def level(self, rotation: np.ndarray) -> int:
        """Which of the textures is seen, 1 to `LEVELS`; 0 while the photo itself will do.

        `rotation` `(3, 3)`: the head's, applied to row vectors from the right.
        """
        growth = float(self.normal[2] - self.normal @ rotation[:, 2])
        return round(LEVELS * float(smoothstep(growth, 0.0, _GROWTH)))


def far_sides(
    image: np.ndarray, planes: np.ndarray, mesh: Mesh, subject_distance: np.ndarray
) -> list[FarSide]:
    """Both sides of a face, or those of them that have any triangles.

    Args:
        image: `(H, W, 3)` uint8, the photo.
        planes: `(H, W, 2)` uint8, its alpha and its cut-out.
        mesh: the face's.
        subject_distance: `(H, W)` inter-ocular distances outside the subject, negative in it.
    """
    normals = _vertex_normals(mesh.rest.astype(np.float64), mesh.face_triangles)
    cosine, inside = -normals[:, 2], -nearest_pixels(subject_distance, mesh.rest[:, :2])
    upright = mesh.frame.to_upright(mesh.rest[:MESH_LANDMARKS].astype(np.float64))
    corners = mesh.face_triangles
    plain = (corners < MESH_LANDMARKS).all(1) & ~np.isin(corners, _FEATURES).any(1)
    # all others are wholly the photo's own, so that no seam is seen
    doubtful = (cosine[corners].min(1) < _DOUBTFUL) | (inside[corners].min(1) < _EDGE[1])
    middle = mesh.frame.to_upright(mesh.rest.astype(np.float64))[corners, 0].mean(1)
    sides = []
    for sign in (-1, 1):
        chosen = np.flatnonzero(plain & doubtful & (sign * middle > 0))
        if len(chosen):
            points, size = _turned(upright, corners[chosen], sign, max(_RESOLUTION, mesh.frame.scale))
            chosen = chosen[_in_front(points, mesh, corners[chosen], size)]
        if len(chosen):
            textures = _textures(image, planes, mesh, cosine, -subject_distance, points, size)
            used = np.unique(corners[chosen])
            # what lies edge-on in the photo is what comes into view
            normal = np.average(normals[used], 0, np.maximum(1 - cosine[used], _LEAST_WEIGHT) ** 2)
            sides.append(FarSide(chosen, points[:, :2].copy(), textures, normal))
    return sides


def _turned(
    upright: np.ndarray, triangles: np.ndarray, sign: int, scale: float
) -> tuple[np.ndarray, tuple[int, int]]:
    """The landmarks `(468, 3)` float32 px where a side is seen well, and the size of the texture."""
    turn = sign * _TURN
    x, y, z = upright.T
    points = scale * np.column_stack(
        [x * np.cos(turn) + z * np.sin(turn), y, z * np.cos(turn) - x * np.sin(turn)]
    )
    used = points[np.unique(triangles), :2]
    points[:, :2] -= used.min(0) - _MARGIN
    width, height = np.ceil(np.ptp(used, 0) + 2 * _MARGIN).astype(int).tolist()
    return points.astype(np.float32), (width, height)


def _in_front(points: np.ndarray, mesh: Mesh, triangles: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`(M,)` bool: which `triangles` `(M, 3)` are seen in a texture where the landmarks are at `points`."""
    rest = mesh.rest[:MESH_LANDMARKS, :2]
    whole = mesh.face_triangles[(mesh.face_triangles < MESH_LANDMARKS).all(1)]
    where, _ = _interpolated(points, rest, whole, size)
    found = np.stack([nearest_pixels(axis, points[triangles, :2].mean(1)) for axis in where], 1)
    return np.linalg.norm(found - rest[triangles].mean(1), axis=1) < _HIDDEN


def _textures(
    image: np.ndarray,
    planes: np.ndarray,
    mesh: Mesh,
    cosine: np.ndarray,
    inside: np.ndarray,
    points: np.ndarray,
    size: tuple[int, int],
) -> np.ndarray:
    """`(LEVELS, h, w, 5)` uint8; the arguments are those of `far_sides` and results of `_turned`."""
    mirror, scale = _mirror(), max(_RESOLUTION, mesh.frame.scale)
    rest, cosine = mesh.rest[:MESH_LANDMARKS, :2], cosine[:MESH_LANDMARKS].astype(np.float32)
    triangles = mesh.face_triangles[(mesh.face_triangles < MESH_LANDMARKS).all(1)]
    own_map, covered = _interpolated(points, rest, triangles, size)
    other_map, _ = _interpolated(points, rest[mirror], triangles, size)
    both, _ = _interpolated(points, np.column_stack([cosine, cosine[mirror]]), triangles, size)
    shown = covered * smoothstep(both[0], *_OWN_COSINE) * smoothstep(_sampled(inside, own_map), *_EDGE)
    lent = covered * smoothstep(both[1], *_OWN_COSINE) * smoothstep(_sampled(inside, other_map), *_EDGE)
    own, other = (_sampled(image, where).astype(np.float32) for where in (own_map, other_map))
    beside = _beside(own, covered * smoothstep(both[0], *_SURE_COSINE))
    outer, flank = _cheek_and_flank(points, triangles, size)
    cheek = np.maximum(outer, flank)
    foreign = cheek * (1 - likeness(own, beside, scale))
    shown = shown * (1 - foreign)
    other = relit(other, own, lent * shown, scale)
    lent = (1 - shown) * lent * smoothstep(both[1] - both[0], *_BETTER)
    # hair, temples of glasses and the creases beside a nose would be streaks on the far side
    lent = lent * outer * likeness(other, beside, scale)
    known = shown + lent
    mixed = (shown[..., None] * own + lent[..., None] * other) / np.maximum(known, 1e-3)[..., None]
    completed = grainy(filled(mixed, known), known * smoothstep(both[0], *_SURE_COSINE), scale)
    light = face_light(completed, known * outer, both[0], scale)
    outer = filled(outer[..., None], covered)[..., 0]  # samples at the outline mix in what is outside
    gain = evening(completed, light, both[0], outer, scale)
    gain *= outline_shade(own, light, covered, both[0], outer, scale)
    outside = covered == 0
    own[outside] = completed[outside]
    flat = _sampled(planes, own_map)
    flat[outside] = 255
    levels = [_mixed(own, completed, gain, flat, level / LEVELS, foreign) for level in range(1, LEVELS + 1)]
    return np.stack(levels)


def _mixed(
    own: np.ndarray,
    completed: np.ndarray,
    gain: np.ndarray,
    flat: np.ndarray,
    share: float,
    foreign: np.ndarray,
) -> np.ndarray:
    """One level `(h, w, 5)` uint8: what the photo shows, its `own` `(h, w, 3)` colours, and a `share` of the
    `completed` ones; more where what it shows is `foreign` `(h, w)`, 0 to 1, to a cheek.

    `gain` `(h, w, 3)`: the factors of the light when the side is in view; `flat` `(h, w, 2)` uint8: alpha and
    cut-out, opaque in the end.
    """
    shares = np.minimum(share * (1 + _HASTE * foreign), 1)[..., None]
    colours = (own + shares * (completed - own)) * gain**share
    planes = flat + shares * (255.0 - flat)
    return np.asarray(np.rint(np.clip(np.dstack([colours, planes]), 0, 255)), np.uint8)


def _cheek_and_flank(
    points: np.ndarray, triangles: np.ndarray, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """How surely each pixel of a texture lies on a cheek, and on a flank of the nose, `(h, w)` float32 each:
    above may be hair, between them nostrils."""
    place = face_basis().mean[:MESH_LANDMARKS, :2]
    across, down = _interpolated(points, place, triangles, size)[0]
    cheek = smoothstep(np.abs(across), *_OUTWARDS) * smoothstep(down, *_DOWN)
    flank = smoothstep(down, *_BELOW_EYES) * (1 - smoothstep(down, *_ABOVE_NOSTRILS))
    return cheek.astype(np.float32), flank.astype(np.float32)


def _beside(image: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """The colour of the skin that is well `seen` `(h, w)`, continued over the whole texture: `(h, w, 3)`."""
    return np.asarray(filled(image, seen.astype(np.float32)))


def _interpolated(
    points: np.ndarray, values: np.ndarray, triangles: np.ndarray, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Values of the vertices `(468, 2)` in each pixel of a texture, `(2, h, w)` float32, and 1 where there is
    a triangle, `(h, w)` float32."""
    shape = size[1], size[0]
    maps, depth = np.zeros((2, *shape), np.float32), far(shape)
    values = np.ascontiguousarray(values, np.float32)
    draw_solid(points, values, triangles, 0, 0, maps[0], maps[1], depth)
    return maps, (depth < FAR_DEPTH).astype(np.float32)


def _sampled(field: np.ndarray, where: np.ndarray) -> np.ndarray:
    return cv2.remap(field, where[0], where[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


@cache
def _mirror() -> np.ndarray:
    """`(468,)`: the landmark on the other side of the face."""
    mean = face_basis().mean[:MESH_LANDMARKS]
    return np.linalg.norm((mean * [-1, 1, 1])[:, None] - mean, axis=2).argmin(1)


def _vertex_normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit normals `(N, 3)` pointing out of the face; 0 for vertices without a triangle."""
    a, b, c = points[triangles].swapaxes(0, 1)
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(points)
    for corner in triangles.T:
        np.add.at(normals, corner, faces)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
