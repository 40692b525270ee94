"""Areas brought to 95 % by another model than the default, before anything else is done with them."""

from dataclasses import replace

from vagtcentral.location.position import Position
from vagtcentral.location.shape_geometry import enlarged
from vagtcentral.location.shapes import Pdf
from vagtcentral.location.uncertainty import (
    AS_SENT,
    NO_RADIUS,
    RECTANGULAR,
    REFERENCE_CONFIDENCE,
    conversion,
    distribution_of,
    growth,
    radius_95,
)


def at_95(position: Position, model: str) -> Position:
    """The position with its area brought to 95 % by a model, so that nothing later converts it by another.

    Unchanged are positions without radius or confidence, areas that cannot be enlarged, and even densities,
    which nothing brings to 95 %; by the model of even densities every area is one of these, and keeps its
    confidence. Raises ValueError as `uncertainty.radius_95`.
    """
    if conversion(position, model) in (NO_RADIUS, AS_SENT):
        return position
    confidence, pdf = position.confidence, distribution_of(position)
    if confidence is None or pdf is Pdf.RECTANGULAR:
        return position
    if model == RECTANGULAR:
        return replace(position, pdf=Pdf.RECTANGULAR)
    if position.shape is not None:
        position = enlarged(position, growth(confidence, pdf, model))
        return replace(position, confidence=REFERENCE_CONFIDENCE)
    return replace(position, radius_m=radius_95(position, model), confidence=REFERENCE_CONFIDENCE)
