"""The map on a page: districts in use, municipalities, fixes with their uncertainty. No tiles are needed."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from vagtcentral.console.floor import Fix
from vagtcentral.console.pages.in_place import literal
from vagtcentral.console.pages.map_shapes import (
    Town,
    districts,
    label_point,
    municipalities,
    reach,
    towns_around,
    uncertainty,
)
from vagtcentral.console.pages.parts import named
from vagtcentral.location.atlas import Atlas

#: Shows a part of the world, and shows it again when the window becomes larger or smaller.
_LOOK = """<script>
window.vagtcentralLook = (id, bounds) => {
  const map = getElement(id)?.map;
  if (!map) return;
  const fit = () => map.fitBounds(map.vagtcentralBounds, {animate: false});
  if (!map.vagtcentralBounds) map.on("resize", fit);
  map.vagtcentralBounds = bounds;
  fit();
};
</script>"""

#: South-west and north-east of Denmark, Bornholm included, in degrees.
DENMARK = ((54.5, 7.9), (57.85, 15.3))

_LAND = {"light": "#e3e9ee", "dark": "#22303c"}
_BORDER = {"light": "#33506b", "dark": "#9fb6c9"}
_THIN = {"light": "#a9b8c4", "dark": "#43586a"}
_NOW = {"light": "#a61b1b", "dark": "#ff9a94"}
_EARLIER = {"light": "#6b7780", "dark": "#8b98a3"}
_FILL = {"light": "#0b5394", "dark": "#7db7ee"}


class MapView:
    """A map of Denmark. `show` draws the fixes of a call, `shade` the districts by a number from 0 to 1."""

    def __init__(self, atlas: Atlas, *, dark: bool, label: str) -> None:
        self._atlas = atlas
        self._colours = "dark" if dark else "light"
        self._drawn: list[Any] = []
        self._labels: list[Any] = []
        self._strengths: dict[str, float] = {}
        self._tooltips: dict[str, tuple[Any, str, dict[str, Any]]] = {}
        self._view: tuple[tuple[float, float], tuple[float, float]] | None = None
        ui.add_head_html(_LOOK)
        # No animation: the place is to be seen at once, and many machines have no graphics card to help.
        still = {"zoomAnimation": False, "fadeAnimation": False, "markerZoomAnimation": False}
        options = {"attributionControl": False, "zoomSnap": 0.5, **still}
        self._map = ui.leaflet(center=(56.1, 11.2), zoom=6, options=options).classes("map")
        named(self._map.props("role=group"), label)
        self._map.on("init", self._begin)
        self._map.clear_layers()  # the default is a server of tiles on the internet
        self._layer(
            "geoJSON",
            municipalities(atlas),
            {
                "style": {
                    "color": self._colour(_THIN),
                    "weight": 1,
                    "fillColor": self._colour(_LAND),
                    "fillOpacity": 1,
                }
            },
        )
        self._districts = {
            feature["properties"]["code"]: self._layer("geoJSON", feature, {"style": self._district_style(0)})
            for feature in districts(atlas)["features"]
        }

    def look_at(self, south_west: tuple[float, float], north_east: tuple[float, float]) -> None:
        """Show this part of the world."""
        self._view = (south_west, north_east)
        look = f"vagtcentralLook({self._map.id}, {literal([south_west, north_east])})"
        self._map.client.run_javascript(look)

    def show(self, fixes: Sequence[Fix]) -> None:
        """Draw the newest fix with its uncertainty, and those before it in grey; the view follows it."""
        self._clear(self._drawn)
        places = [fix.located.position for fix in fixes if fix.located is not None]
        if not places:
            self.look_at(*DENMARK)
            return
        for earlier in places[:-1]:
            self._drawn += self._fix(earlier, self._colour(_EARLIER), dashed=True)
        self._drawn += self._fix(places[-1], self._colour(_NOW), dashed=False)
        self._drawn += [self._town(town) for town in towns_around(places[-1])]
        self.look_at(*reach(places[-1]))

    def shade(self, shares: Mapping[str, float]) -> None:
        """Fill each district as strongly as its number from 0 to 1 says; words beside must say it too."""
        for code, layer in self._districts.items():
            strength = round(shares.get(code, 0.0), 2)
            if strength != self._strengths.get(code, 0.0):
                self._strengths[code] = strength
                style = self._district_style(strength)
                layer.args[1]["style"] = style  # for the browser that comes back after a lost connection
                layer.run_method("setStyle", style)

    def label(self, texts: Mapping[str, str]) -> None:
        """Write a word on each district named; what was written before goes."""
        self._clear(self._labels)
        for code, text in texts.items():
            place = label_point(self._atlas, code)
            marker = self._layer("circleMarker", list(place), {"radius": 1, "opacity": 0})
            self._name(marker, text, {"permanent": True, "direction": "center"})
            self._labels.append(marker)

    # ------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """The browser has the map, for the first time or after a reconnection: layers come by themselves."""
        for marker, words, options in self._tooltips.values():
            marker.run_method("bindTooltip", words, options)
        if self._view is not None:
            self.look_at(*self._view)

    def _district_style(self, strength: float) -> dict[str, Any]:
        fill = 0.08 + 0.3 * strength if strength else 0.0
        colours = {"color": self._colour(_BORDER), "fillColor": self._colour(_FILL)}
        return colours | {"weight": 2, "fillOpacity": fill}

    def _name(self, marker: Any, words: str, options: dict[str, Any]) -> None:
        self._tooltips[marker.id] = (marker, words, options)
        marker.run_method("bindTooltip", words, options)

    def _town(self, town: Town) -> Any:
        marker = self._layer("circleMarker", [town.latitude, town.longitude], {"radius": 2, "opacity": 0.6})
        self._name(marker, town.name, {"permanent": True, "direction": "right", "className": "town"})
        return marker

    def _fix(self, position: Any, colour: str, *, dashed: bool) -> list[Any]:
        place = [position.latitude, position.longitude]
        stroke = {"color": colour, "weight": 2, "dashArray": "6 6" if dashed else None}
        fill = {"fillColor": colour, "fillOpacity": 0.05 if dashed else 0.18}
        shape = uncertainty(position)
        drawn = []
        if shape is not None:
            drawn.append(self._layer("geoJSON", shape, {"style": stroke | fill}))
        elif position.radius_m:
            drawn.append(self._layer("circle", place, {"radius": position.radius_m} | stroke | fill))
        dot = {"radius": 4 if dashed else 7, "color": colour, "fillColor": colour, "fillOpacity": 1}
        drawn.append(self._layer("circleMarker", place, dot))
        return drawn

    def _layer(self, name: str, *args: Any) -> Any:
        return self._map.generic_layer(name=name, args=list(args))

    def _clear(self, layers: list[Any]) -> None:
        for layer in layers:
            self._tooltips.pop(layer.id, None)
            self._map.remove_layer(layer)
        layers.clear()

    def _colour(self, colours: Mapping[str, str]) -> str:
        return colours[self._colours]
