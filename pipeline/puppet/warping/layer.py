"""The moving layer of a photo: its pixels on the mesh, drawn wherever the vertices go."""

from __future__ import annotations

import math

import cv2
import numpy as np

from pipeline.faces.landmarks import LANDMARKS
from pipeline.puppet.geometry.mesh import Mesh
from pipeline.puppet.warping.closing_lips import ClosingLips
from pipeline.puppet.warping.coarse_map import NOWHERE, continue_beneath, subtract
from pipeline.puppet.warping.face_sheet import FaceMap, FaceSheet
from pipeline.puppet.warping.far_sides import far_sides
from pipeline.puppet.warping.folds import Folds, smile
from pipeline.puppet.warping.parting_lips import PartingLips
from pipeline.puppet.warping.rasterizer import (
    FAR_DEPTH,
    composite_plane,
    draw_flat,
    draw_solid,
    enlarge,
    soften_folds,
)
from pipeline.puppet.warping.rim import Rim
from pipeline.puppet.warping.sampling import (
    COARSE,
    composite,
    composite_covered,
    draw_coarse,
    sample,
    sample_coarse,
    visible_spans,
)

_BAND_PIXELS = 1 << 15
"""Pixels drawn at once, so that the maps and the layer fit in the L2 cache."""
_UPSAMPLING = 2
"""The photo is sampled from a copy of twice its size: linear interpolation between its pixels is then as
sharp as cubic."""
_SOFTNESS = 0.02
"""Distance over which the rim of a face becomes opaque, in inter-ocular distances."""
_FOLD_DEPTH = 0.03
"""Step in depth, in inter-ocular distances, from which one part of the face hides another."""
_BEYOND = 0.4
"""Distance beyond the photo up to which it is continued, in inter-ocular distances."""


class WarpedLayer:
    """The part of a photo that can move, as a texture on the mesh."""

    def __init__(
        self,
        image: np.ndarray,
        alpha: np.ndarray,
        mesh: Mesh,
        subject_distance: np.ndarray,
        cut_out: np.ndarray | None = None,
    ) -> None:
        """`image` `(H, W, 3)` uint8; `alpha` `(H, W)` uint8: how much each pixel hides what is behind it.

        `subject_distance` `(H, W)`: inter-ocular distances outside the person, negative in it; `cut_out`
        `(H, W)` uint8: how much of each pixel is the person, if that is to be drawn as well.
        """
        self._roi = left, top, right, bottom = mesh.roi
        region = np.s_[top:bottom, left:right]
        planes = np.dstack([alpha, alpha if cut_out is None else cut_out])
        sides = far_sides(image, planes, mesh, subject_distance)
        beyond = math.ceil(_BEYOND * mesh.frame.scale)
        self._texture = _upsampled(_mirrored(np.dstack([image[region], alpha[region]]), beyond))
        self._lowest = np.float32(len(self._texture) - 1)
        self._cut_out = None if cut_out is None else _upsampled_plane(_mirrored(cut_out[region], beyond))
        self._coordinates = (mesh.rest[:, :2] - np.array([left, top], np.float32) + beyond) * _UPSAMPLING
        self._sheet = FaceSheet(self._coordinates, mesh.face_triangles, sides, len(self._texture))
        if sides:
            below = self._sheet.sides_texture
            self._texture = _stacked(self._texture, below[..., :4])
            self._cut_out = None if self._cut_out is None else _stacked(self._cut_out, below[..., 4])
        scale = _UPSAMPLING * mesh.frame.scale
        self.lips = ClosingLips(self._texture, self._coordinates, mesh, scale)
        self._parting = PartingLips(self._texture, self._coordinates, mesh, scale)
        self._folds = Folds(self._coordinates, scale)
        self._around = _clockwise(mesh.outer_triangles, mesh.rest)
        self._silhouette = mesh.silhouette
        self._rim = Rim(mesh)
        self._still = _identity(right - left, bottom - top, beyond)
        self._coarse = np.empty_like(self._still), np.empty_like(self._still)
        self._rest, self._extent = mesh.rest, _extents(alpha[region])
        self._rows = max(_BAND_PIXELS // (right - left) // COARSE, 1) * COARSE
        self._softness = 2 * max(round(_SOFTNESS * mesh.frame.scale), 2) + 1
        self._fold = _FOLD_DEPTH * mesh.frame.scale
        pixels = self._rows * (right - left + COARSE)
        self._maps = [np.empty(pixels, np.float32) for _ in range(2)]
        self._layer = np.empty(pixels, np.uint32)
        pixels = (right - left) * (bottom - top)
        self._face_maps = [np.zeros(pixels, np.float32) for _ in range(3)]
        self._face_layer = np.empty(pixels, np.uint32)

    def draw(
        self,
        vertices: np.ndarray,
        rotation: np.ndarray,
        image: np.ndarray,
        alpha: np.ndarray | None = None,
        scores: np.ndarray | None = None,
    ) -> None:
        """Draw the layer over `image` `(H, W, 4)` uint8 RGBA, its vertices at `vertices` `(N, 3)` px.

        `rotation` `(3, 3)`: the head's, applied to row vectors from the right; `alpha` `(H, W)` uint8: the
        cut-out is drawn over it in the same way; `scores` `(52,)`: by which the blendshapes differ from the
        photo's, for the folds of the skin.
        """
        self.lips.show(vertices)
        self._parting.show(vertices)
        face = self._face_map(vertices, rotation)
        self._draw_surroundings(vertices, face, image, alpha)
        self._draw_face(face, vertices, image, alpha, 0.0 if scores is None else smile(scores))

    def _draw_surroundings(
        self, vertices: np.ndarray, face: FaceMap, image: np.ndarray, alpha: np.ndarray | None
    ) -> None:
        """Draw all that `face` does not hide: a smooth map, so it is made of few samples."""
        left, top, right, _ = self._roi
        coarse_x, coarse_y = self._surroundings(vertices)
        across, down = np.ceil(np.abs(vertices[:, :2] - self._rest[:, :2]).max(0)).astype(int).tolist()
        spans = visible_spans(
            self._extent, right - left, self._rows, across, down,
            face.cover, face.left - left, face.top - top,
        )  # fmt: skip
        if alpha is None or self._cut_out is None:
            draw_coarse(_pixels(self._texture), coarse_x, coarse_y, spans, left, top, _pixels(image))
            return
        for start, stop, first, last in spans.tolist():
            layer = _shaped(self._layer, (stop - start, last - first))
            sample_coarse(_pixels(self._texture), coarse_x, coarse_y, start, first, layer)
            composite(layer, left + first, top + start, _pixels(image))
            maps = [_shaped(part, layer.shape) for part in self._maps]
            enlarge(coarse_x, start, first, maps[0])
            enlarge(coarse_y, start, first, maps[1])
            _cut(self._cut_out, maps, layer, (left + first, top + start), alpha)

    def _draw_face(
        self,
        face: FaceMap,
        vertices: np.ndarray,
        image: np.ndarray,
        alpha: np.ndarray | None,
        change: float,
    ) -> None:
        """Draw the face over its surroundings, its skin folded by `change`, as `Folds.shade` takes it."""
        layer = _shaped(self._face_layer, face.depth.shape)
        sample(_pixels(self._texture), face.map_x, face.map_y, layer)
        channels = layer.view(np.uint8).reshape(*layer.shape, 4)
        places = vertices[:, :2] - np.array([face.left, face.top], np.float32)
        self._folds.shade(channels, face.map_x, face.map_y, places, change)
        soften_folds(face.depth, self._fold, channels)
        composite_covered(layer, face.cover, face.left, face.top, _pixels(image))
        if alpha is not None and self._cut_out is not None:
            _cut(self._cut_out, [face.map_x, face.map_y], layer, (face.left, face.top), alpha)

    def _face_map(self, vertices: np.ndarray, rotation: np.ndarray) -> FaceMap:
        """Where the face is, and where in the texture each of its pixels is from."""
        left, top, right, bottom = self._face_box(vertices)
        shape = bottom - top, right - left
        map_x, map_y, depth = (_shaped(part, shape) for part in self._face_maps)
        depth[:] = FAR_DEPTH
        triangles, texture = self._sheet.at(rotation, self._coordinates)
        draw_solid(self._sheet.spread(vertices), texture, triangles, left, top, map_x, map_y, depth)
        # a single number will do, which OpenCV's annotations do not say
        covered = cv2.compare(depth, FAR_DEPTH, cv2.CMP_LT)  # type: ignore[call-overload]
        # opaque from a pixel inside the rim on: outside there is none of the face's colour
        side = self._softness
        cover = cv2.blur(covered, (side, side), borderType=cv2.BORDER_REPLICATE)
        return FaceMap(left, top, map_x, map_y, depth, cv2.addWeighted(cover, 2, cover, 0, -255))

    def _face_box(self, vertices: np.ndarray) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in px of the face, inside the part of the image that can move."""
        low, high = vertices[:LANDMARKS, :2].min(0), vertices[:LANDMARKS, :2].max(0)
        left, top = np.clip(
            np.floor(low).astype(int) - 1, self._roi[:2], np.array(self._roi[2:]) - 1
        ).tolist()
        right, bottom = np.minimum(np.ceil(high).astype(int) + 2, self._roi[2:]).tolist()
        return left, top, max(right, left + 1), max(bottom, top + 1)

    def _surroundings(self, vertices: np.ndarray) -> np.ndarray:
        """Where in the texture the surroundings of the face are from, x and y, `(2, h, w)`: one sample every
        `COARSE` px."""
        left, top, right, bottom = self._roi
        tucked = self._rim.tucked(vertices)
        moved, coarse = self._coarse
        moved.fill(NOWHERE)
        draw_flat(tucked, self._coordinates, self._around, left, top, COARSE, moved[0], moved[1])
        bare = np.empty(moved.shape[1:], np.bool_)
        subtract(moved, self._still, bare)
        continue_beneath(moved, bare, (tucked[self._silhouette, :2] - (left, top)) / COARSE)
        np.add(self._still, moved, out=coarse)
        # samples without a triangle beyond the last row and column are such that those themselves stand still
        for axis, length in ((0, bottom - top), (1, right - left)):
            inside, along = divmod(length - 1, COARSE)
            index = (slice(None),) * (axis + 1) + (inside + 1,)
            held = self._still[index] - np.take(moved, inside, axis + 1) * (COARSE - along) / max(along, 1)
            coarse[index] = np.where(np.take(bare, inside + 1, axis), held, coarse[index])
        np.minimum(coarse[1], self._lowest, out=coarse[1])
        return coarse


def _cut(
    cut_out: np.ndarray, maps: list[np.ndarray], layer: np.ndarray, at: tuple[int, int], alpha: np.ndarray
) -> None:
    """Draw the `cut_out`, sampled at `maps`, over `alpha`, in place, by the alpha of `layer` `(h, w)` uint32.

    `at`: left and top px of the layer.
    """
    left, top = at
    plane = cv2.remap(cut_out, maps[0], maps[1], cv2.INTER_LINEAR, None, cv2.BORDER_CONSTANT, 0)
    opacity = layer.view(np.uint8).reshape(*layer.shape, 4)[..., 3]
    composite_plane(plane, opacity, alpha[top:, left : left + layer.shape[1]])


def _shaped(buffer: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The beginning of a flat `buffer` as an array of this shape."""
    return buffer[: math.prod(shape)].reshape(shape)


def _pixels(image: np.ndarray) -> np.ndarray:
    """RGBA pixels `(h, w, 4)` uint8 as numbers `(h, w)` uint32: a view."""
    return image.view(np.uint32)[..., 0]


def _identity(width: int, height: int, beyond: int) -> np.ndarray:
    """Where in the texture the samples of the surroundings are from while nothing moves, `(2, h, w)` x and y:
    one every `COARSE` px of the layer, and some beyond its end. The texture begins `beyond` px before it."""
    x, y = (_UPSAMPLING * (COARSE * np.arange(n // COARSE + 3) + beyond) for n in (width, height))
    return np.stack(np.meshgrid(x, y)).astype(np.float32)


def _clockwise(triangles: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The `triangles` `(M, 3)`, each of whose `points` `(N, 2 or more)` px run clockwise in the image."""
    a, b, c = points[triangles, :2].swapaxes(0, 1)
    sideways, along = b - a, c - a
    turned = sideways[:, 0] * along[:, 1] < sideways[:, 1] * along[:, 0]
    return np.where(turned[:, None], triangles[:, ::-1], triangles)


def _extents(alpha: np.ndarray) -> np.ndarray:
    """Where each row of `alpha` `(h, w)` is not clear: its first such column and the last's end, `(2, h)`."""
    shown, width = alpha > 0, alpha.shape[1]
    some = shown.any(1)
    ends = shown.argmax(1), width - shown[:, ::-1].argmax(1)
    return np.stack([np.where(some, ends[0], width), np.where(some, ends[1], 0)])


def _mirrored(image: np.ndarray, beyond: int) -> np.ndarray:
    """The image `(h, w, …)` with `beyond` px of its mirror image around it: what comes in across the photo's
    border when a torso leans away from it."""
    return cv2.copyMakeBorder(image, beyond, beyond, beyond, beyond, cv2.BORDER_REFLECT_101)


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


def _stacked(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Two textures one below the other, as wide as the wider one."""
    width = max(above.shape[1], below.shape[1])
    whole = np.zeros((len(above) + len(below), width, *above.shape[2:]), np.uint8)
    whole[: len(above), : above.shape[1]] = above
    whole[len(above) :, : below.shape[1]] = below
    return whole
