import "maplibre-gl/dist/maplibre-gl.css";
import { AttributionControl, LngLatBounds, Map as TownMap, NavigationControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { showCases } from "./map-cases";
import { fallBackToInputs, pickPoint, pointMarker, position } from "./map-point";
import { baseStyle } from "./map-style";
import { say } from "./words";

/** What a page asks of a map, in `data-map` (docs/how-to/write-a-page.md). Positions are WGS-84 degrees. */
export type MapOptions = {
  mode: "pick" | "show" | "cases";
  lng?: number | string;
  lat?: number | string;
  center_lng?: number | string;
  center_lat?: number | string;
  zoom?: number | string;
  /** Address of a GeoJSON of cases; `{bbox}` in it is filled and asked again when the map moved. */
  source?: string;
  /** Address of a GeoJSON of grid units: polygons with `name` and `rank`. */
  units?: string;
  /** Address of a GeoJSON of roads, waters and named places, told apart by `kind`. */
  places?: string;
  label?: string;
};

setWorkerUrl(workerUrl);

export function drawMaps(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>(".linli-map:not([data-drawn])")) {
    element.dataset.drawn = "yes";
    draw(element, JSON.parse(element.dataset.map ?? "{}") as MapOptions);
  }
}

function draw(element: HTMLElement, options: MapOptions): void {
  const point = position(options.lng, options.lat);
  const centre = point ?? position(options.center_lng, options.center_lat);
  let map: TownMap;
  try {
    map = new TownMap({
      container: element,
      style: baseStyle(options),
      center: centre ?? [105, 35],
      zoom: Number(options.zoom ?? (point ? 15.5 : centre ? 13 : 3)),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      cooperativeGestures: options.mode === "show",
      localIdeographFontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
      locale: words(),
    });
  } catch {
    // No WebGL: the page stays usable without a picture of the map.
    element.classList.add("is-missing");
    element.textContent = say("这台设备不能显示地图。", "This device cannot show the map.");
    if (options.mode === "pick") fallBackToInputs(element);
    return;
  }
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }));
  map.addControl(new AttributionControl({ compact: true }));
  map.on("load", () => element.setAttribute("data-ready", ""));
  if (!centre && options.units) void showAll(map, options.units);
  if (options.mode === "pick") pickPoint(map, element, point);
  if (options.mode === "show" && point) pointMarker(point, options.label).addTo(map);
  if (options.mode === "cases" && options.source) showCases(map, options.source);
}

/** Moves the view so that the whole town is in it. */
async function showAll(map: TownMap, units: string): Promise<void> {
  const answer = await fetch(units);
  if (!answer.ok) return;
  const bounds = new LngLatBounds();
  const add = (coordinates: unknown): void => {
    if (!Array.isArray(coordinates)) return;
    if (typeof coordinates[0] === "number") bounds.extend(coordinates as [number, number]);
    else coordinates.forEach(add);
  };
  const data = (await answer.json()) as GeoJSON.FeatureCollection;
  for (const { geometry } of data.features) {
    if (geometry && "coordinates" in geometry) add(geometry.coordinates);
  }
  if (!bounds.isEmpty()) map.fitBounds(bounds, { padding: 24, animate: false });
}

const words = (): Record<string, string> => ({
  "AttributionControl.ToggleAttribution": say("地图来源", "Sources of the map"),
  "Map.Title": say("地图", "Map"),
  "Marker.Title": say("选定的位置", "Chosen place"),
  "NavigationControl.ZoomIn": say("放大", "Zoom in"),
  "NavigationControl.ZoomOut": say("缩小", "Zoom out"),
  "Popup.Close": say("关闭", "Close"),
  "CooperativeGesturesHandler.WindowsHelpText": say("按住 Ctrl 滚动可缩放地图", "Hold Ctrl and scroll to zoom"),
  "CooperativeGesturesHandler.MacHelpText": say("按住 ⌘ 滚动可缩放地图", "Hold ⌘ and scroll to zoom"),
  "CooperativeGesturesHandler.MobileHelpText": say("用两根手指移动地图", "Use two fingers to move the map"),
});
