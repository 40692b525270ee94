"""Latitude and longitude exchanged: the commonest mistake in coordinates, and here one that shows.

The latitudes and the longitudes of Denmark have no number in common. So a place that falls into the box
around it only when exchanged has exchanged coordinates. They are never put right: a guess that sends a patrol
to the wrong place is worse than asking. The price: nobody can be in that box's image in the Arabian Sea.
"""

#: South, north, west, east of a box around Denmark with its waters, in degrees.
AROUND_DENMARK = (54.0, 58.5, 7.0, 16.0)


def are_exchanged(latitude: float, longitude: float) -> bool:
    """Whether a place in degrees would lie in or near Denmark if its coordinates were exchanged."""
    south, north, west, east = AROUND_DENMARK
    return south <= longitude <= north and west <= latitude <= east


def check_not_exchanged(latitude: float, longitude: float) -> None:
    """Raise ValueError, one line, for coordinates in degrees that are exchanged."""
    if are_exchanged(latitude, longitude):
        raise ValueError(f"latitude {latitude}, longitude {longitude} would be in Denmark if exchanged")
