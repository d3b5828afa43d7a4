"""The moving layer of a photo: its pixels on the mesh, drawn wherever the vertices go."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import (
    FACE_OVAL,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LOWER_LIP,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
    UPPER_LIP,
)
from pipeline.puppet.geometry.mesh import Mesh
from pipeline.puppet.warping.occlusion import OccludedSkin
from pipeline.puppet.warping.rasterizer import composite, composite_plane, rasterize, soften_folds

_BAND_PIXELS = 1 << 16
"""Pixels drawn at once, so that the maps and the layer fit in the L2 cache."""
_UPSAMPLING = 2
"""The photo is sampled from a copy of twice its size: linear interpolation between its pixels is then as
sharp as cubic."""
_PARTED_GAP = 0.04
"""Gap of a photo's lips, in inter-ocular distances, from which they are apart."""
_CLOSING = 0.15, 0.7
"""Shares of that gap between which lips count as closing."""
_LIP_INSET = 0.2
"""How far from its edge a lip's own colour is taken, as a share of its height."""


class WarpedLayer:
    """The part of a photo that can move, as a texture on the mesh."""

    def __init__(
        self,
        image: np.ndarray,
        alpha: np.ndarray,
        mesh: Mesh,
        occluded: OccludedSkin,
        cut_out: np.ndarray | None = None,
    ) -> None:
        """`image` `(H, W, 3)` uint8; `alpha` `(H, W)` uint8: how much each pixel hides what is behind it.

        `cut_out` `(H, W)` uint8: how much of each pixel is the person, if that is to be drawn as well.
        """
        self._roi = left, top, right, bottom = mesh.roi
        region = np.s_[top:bottom, left:right]
        self._texture = _upsampled(np.dstack([image[region], alpha[region]]))
        self._cut_out = None if cut_out is None else _upsampled_plane(cut_out[region])
        self._coordinates = (mesh.rest[:, :2] - np.array([left, top], np.float32)) * _UPSAMPLING
        self._occluded = occluded
        self._lip_edges, self._lip_insets, self._lip_gap = _lip_edges(mesh)
        self._has_folds = tuple(mesh.silhouette) != FACE_OVAL
        self._face, self._outer = mesh.face_triangles, mesh.outer_triangles
        width = right - left
        self._rows = max(_BAND_PIXELS // width, 1)
        self._map_x, self._map_y, self._depth = (np.empty((self._rows, width), np.float32) for _ in range(3))
        self._layer = np.empty((self._rows, width, 4), np.uint8)

    def draw(
        self,
        vertices: np.ndarray,
        rotation: np.ndarray,
        image: np.ndarray,
        alpha: np.ndarray | None = None,
    ) -> None:
        """Draw the layer over `image` `(H, W, 3)` uint8, in place, its vertices at `vertices` `(N, 3)` px.

        `rotation` `(3, 3)`: the head's, applied to row vectors from the right; `alpha` `(H, W)` uint8: the
        cut-out is drawn over it in the same way.
        """
        skin = self._skin_coordinates(vertices, rotation)
        left, top, _, bottom = self._roi
        for start in range(top, bottom, self._rows):
            band = slice(0, bottom - start)
            map_x, map_y, layer = self._map_x[band], self._map_y[band], self._layer[band]
            rasterize(
                vertices, self._coordinates, skin, self._face, self._outer,
                left, start, map_x, map_y, self._depth[band],
            )  # fmt: skip
            cv2.remap(self._texture, map_x, map_y, cv2.INTER_LINEAR, layer, cv2.BORDER_CONSTANT, 0)
            if self._has_folds:
                soften_folds(map_x, map_y, layer)
            composite(layer, left, start, image)
            if alpha is not None and self._cut_out is not None:
                plane = cv2.remap(self._cut_out, map_x, map_y, cv2.INTER_LINEAR, None, cv2.BORDER_CONSTANT, 0)
                composite_plane(plane, layer[..., 3], alpha[start:, left : left + layer.shape[1]])

    def _skin_coordinates(self, vertices: np.ndarray, rotation: np.ndarray) -> np.ndarray:
        """Texture coordinates `(N, 2)` of the face, with occluded skin and closing lips replaced."""
        skin = self._coordinates.copy()
        skin[self._occluded.vertices] += _UPSAMPLING * self._occluded.texture_offset(rotation)
        if self._lip_gap:
            gap = float(np.linalg.norm(vertices[UPPER_LIP] - vertices[LOWER_LIP]))
            closing = 1 - smoothstep(gap / self._lip_gap, *_CLOSING)
            skin[self._lip_edges] += _UPSAMPLING * closing * self._lip_insets
        return skin


def _lip_edges(mesh: Mesh) -> tuple[list[int], np.ndarray, float]:
    """The lips' inner edges, their insets `(22, 2)` px towards the outer ones, and their gap in px.

    The edges of lips that are apart in the photo have a pixel of teeth or of darkness on them, which would
    remain as a dotted line where they meet: the lips' own colour takes its place. The gap is 0 for lips that
    are closed in the photo.
    """
    inner, outer = [*INNER_UPPER_LIP, *INNER_LOWER_LIP], [*OUTER_UPPER_LIP, *OUTER_LOWER_LIP]
    gap = float(np.linalg.norm(mesh.rest[UPPER_LIP] - mesh.rest[LOWER_LIP]))
    insets = _LIP_INSET * (mesh.rest[outer, :2] - mesh.rest[inner, :2])
    return inner, insets, gap if gap > _PARTED_GAP * mesh.frame.scale else 0.0


def _upsampled(image: np.ndarray) -> np.ndarray:
    """The image `(h, w, C)` uint8 at twice its size, its own pixels unchanged at the even positions.

    Between them lie the half-way values of a cubic, (-1, 9, 9, -1) / 16.
    """
    kernel = np.array([[-1, 9, 9, -1]], np.float32) / 16
    wide = np.empty((image.shape[0], _UPSAMPLING * image.shape[1], image.shape[2]), np.uint8)
    wide[:, ::2] = image
    wide[:, 1::2] = cv2.filter2D(image, -1, kernel, anchor=(1, 0), borderType=cv2.BORDER_REPLICATE)
    whole = np.empty((_UPSAMPLING * image.shape[0], *wide.shape[1:]), np.uint8)
    whole[::2] = wide
    whole[1::2] = cv2.filter2D(wide, -1, kernel.T, anchor=(0, 1), borderType=cv2.BORDER_REPLICATE)
    return whole


def _upsampled_plane(plane: np.ndarray) -> np.ndarray:
    """As `_upsampled`, of `(h, w)` uint8; OpenCV would drop the axis of a single channel."""
    return np.ascontiguousarray(_upsampled(np.dstack([plane, plane]))[..., 0])
