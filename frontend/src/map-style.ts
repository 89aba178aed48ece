import type { ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { MapOptions } from "./map";

/**
 * The town's own picture: grid units, roads, waters and names, all from our GeoJSON. No tiles and no fonts
 * are asked of any other server: without a `glyphs` address MapLibre draws letters with the device's fonts.
 */
export function baseStyle(options: MapOptions): StyleSpecification {
  const c = colours();
  const sources: Record<string, SourceSpecification> = {};
  const layers: LayerSpecification[] = [{ id: "ground", type: "background", paint: { "background-color": c.ground } }];
  if (options.units) {
    sources.units = { type: "geojson", data: options.units };
    layers.push({ id: "units-fill", type: "fill", source: "units", paint: { "fill-color": byState(c), "fill-opacity": 0.35 } });
  }
  if (options.places) {
    sources.places = { type: "geojson", data: options.places };
    layers.push(
      {
        id: "waters", type: "fill", source: "places",
        filter: ["all", ["==", ["geometry-type"], "Polygon"], isKind("river", "water", "lake")],
        paint: { "fill-color": c.water },
      },
      {
        id: "greens", type: "fill", source: "places",
        filter: ["all", ["==", ["geometry-type"], "Polygon"], isKind("park", "green", "field")],
        paint: { "fill-color": c.green },
      },
      {
        id: "rivers", type: "line", source: "places",
        filter: ["all", ["==", ["geometry-type"], "LineString"], isKind("river", "water")],
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": c.water, "line-width": byZoom(2, 12) },
      },
      {
        id: "roads-edge", type: "line", source: "places", filter: roads,
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": c.roadEdge, "line-width": byZoom(2.5, 13) },
      },
      {
        id: "roads", type: "line", source: "places", filter: roads,
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": c.road, "line-width": byZoom(1.5, 10) },
      },
    );
  }
  if (options.units) {
    layers.push({
      id: "units-line", type: "line", source: "units",
      paint: {
        "line-color": c.border,
        "line-width": ["match", ["get", "rank"], ["town", "county", "city"], 2.5, "village", 1.75, "area", 1, 0.6],
        "line-dasharray": [3, 2],
      },
    });
  }
  if (options.places) {
    layers.push(
      {
        id: "line-names", type: "symbol", source: "places", minzoom: 13.5,
        filter: ["==", ["geometry-type"], "LineString"],
        layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-size": 12, "text-font": FONT },
        paint: { "text-color": c.name, "text-halo-color": c.ground, "text-halo-width": 1.5 },
      },
      {
        id: "place-names", type: "symbol", source: "places", minzoom: 14,
        filter: ["==", ["geometry-type"], "Point"],
        layout: { "text-field": ["get", "name"], "text-size": 12, "text-font": FONT, "text-anchor": "top" },
        paint: { "text-color": c.name, "text-halo-color": c.ground, "text-halo-width": 1.5 },
      },
    );
  }
  if (options.units) {
    layers.push({
      id: "unit-names", type: "symbol", source: "units",
      layout: {
        "text-field": ["get", "name"], "text-font": FONT, "text-size": 13, "text-padding": 8,
        "symbol-sort-key": ["match", ["get", "rank"], "village", 0, "area", 1, 2],
      },
      paint: { "text-color": c.unitName, "text-halo-color": c.ground, "text-halo-width": 2 },
    });
  }
  return { version: 8, sources, layers };
}

export const FONT = ["sans-serif"];

/** What the page says of a unit in its `state`; its words stand in the legend and the list beside the map. */
const byState = (c: Colours): ExpressionSpecification => [
  "match", ["coalesce", ["get", "state"], ""],
  "gap", c.gap, "double", c.double, "vacant", c.vacant, "fine", c.fine, c.unit,
];
const isKind = (...kinds: string[]): ExpressionSpecification => ["in", ["get", "kind"], ["literal", kinds]];
const roads: ExpressionSpecification = ["all", ["==", ["geometry-type"], "LineString"], isKind("road", "street", "lane")];
const byZoom = (far: number, near: number): ExpressionSpecification => [
  "interpolate", ["exponential", 1.5], ["zoom"], 11, far, 18, near,
];

export const isDark = (): boolean => document.documentElement.dataset.bsTheme === "dark";

type Colours = Record<
  | "ground" | "unit" | "border" | "unitName" | "name" | "road" | "roadEdge" | "water" | "green"
  | "gap" | "double" | "vacant" | "fine",
  string
>;

function colours(): Colours {
  return isDark()
    ? {
        ground: "#182227", unit: "#22343c", border: "#5c7d8a", unitName: "#b9d3dc", name: "#9fb2ba",
        road: "#3a4a52", roadEdge: "#26343a", water: "#1d4a5f", green: "#1f3a2b",
        gap: "#b3262e", double: "#a86400", vacant: "#6b7a85", fine: "#1e6b45",
      }
    : {
        ground: "#f5f3ee", unit: "#e4eef0", border: "#7fa3ae", unitName: "#2f5662", name: "#55606a",
        road: "#ffffff", roadEdge: "#d5d0c6", water: "#aed7e6", green: "#d6e8cf",
        gap: "#e05a61", double: "#e8a33d", vacant: "#9aa8b1", fine: "#7cc49b",
      };
}
