"""How a caller may be spread over the area that a position states: evenly, or as a normal distribution.

Both are integrated along borders. By Green's theorem, the part of a density that lies in a region is a sum
over the region's border, seen from the middle of the density; a border far from it adds nothing but an angle.
"""

from enum import StrEnum
from math import expm1

import numpy as np
from numpy.typing import NDArray

from vagtcentral.location.position import Position
from vagtcentral.location.shapes import Pdf
from vagtcentral.location.uncertainty import REFERENCE_CONFIDENCE, distribution_of, sigmas_holding

Numbers = NDArray[np.float64]

#: A normal density is followed out to this many standard deviations: 1.5e-8 of it lies beyond.
REACH_SIGMAS = 6.0
#: How much of it is counted, as if that were all.
_WITHIN_REACH = -expm1(-(REACH_SIGMAS**2) / 2)
#: Standard deviations in a 95 % radius: its circle holds 95 % of the very density that is integrated.
SIGMAS_IN_95 = sigmas_holding(REFERENCE_CONFIDENCE)

#: Longest stretch of border, in standard deviations, that one set of nodes integrates (error below 1e-9).
_PANEL_SIGMAS = 3.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)


class Density(StrEnum):
    """How the caller is spread over the area; the names stand in answers and records."""

    UNIFORM = "uniform"  #: equally likely everywhere in the 95 % area, nowhere else (RFC 7459 "rectangular")
    NORMAL = "normal"  #: a circular normal distribution around the centre (RFC 7459 "normal")


#: Where nobody knows how errors fall, the 95 % area counts evenly (RFC 7459, sections 4.1 and 5.5).
BY_PDF = {Pdf.NORMAL: Density.NORMAL, Pdf.RECTANGULAR: Density.UNIFORM, Pdf.UNKNOWN: Density.UNIFORM}


def density_of(position: Position) -> Density:
    """The density that a position stands for: that of its sender's `pdf`, else of its source.

    An area that is not a circle is always even.
    """
    return Density.UNIFORM if position.shape is not None else BY_PDF[distribution_of(position)]


def reach_m(density: Density, radius_95_m: float) -> float:
    """How far from its centre, in metres, a density is not nothing."""
    return radius_95_m if density is Density.UNIFORM else radius_95_m * (REACH_SIGMAS / SIGMAS_IN_95)


def on_chords(density: Density, aside: Numbers, begin: Numbers, end: Numbers, reach: float) -> Numbers:
    """What straight stretches of border inside the outermost circle add, as angles: a full turn is all.

    All in metres: `aside` is how far to the left of the centre each stretch's line runs (and then the stretch
    takes off; to the right if negative), `begin` and `end` are measured along it from its point nearest to
    the centre.
    """
    if density is Density.UNIFORM:
        angle = begin - end
        angle *= aside
        angle /= reach * reach
        return angle
    angle = np.zeros_like(aside)
    there = (end > begin).nonzero()[0]
    sigma = reach / REACH_SIGMAS
    aside, begin, end = aside[there] / sigma, begin[there] / sigma, end[there] / sigma
    angle[there] = aside * (begin - end) * _mean_falloff(aside * aside, begin, end) / (2 * _WITHIN_REACH)
    return angle


def _mean_falloff(beside_squared: Numbers, begin: Numbers, end: Numbers) -> Numbers:
    """The mean of `(1 - exp(-q)) / q` over each stretch, `q` half the squared distance; all in sigmas."""
    length = end - begin
    panels = int(float(length.max(initial=0.0)) / _PANEL_SIGMAS) + 1
    nodes = (np.add.outer(np.arange(panels), (_NODES + 1) / 2) / panels).ravel()
    at = begin + np.multiply.outer(nodes, length)
    half = np.maximum((beside_squared + at * at) / 2, 1e-300)
    result: Numbers = np.tile(_WEIGHTS / (2 * panels), panels) @ (-np.expm1(-half) / half)
    return result
