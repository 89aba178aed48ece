import { type GeoJSONSource, type Map as TownMap, type MapGeoJSONFeature, Popup } from "maplibre-gl";
import { FONT, isDark } from "./map-style";
import { toast } from "./toasts";
import { say } from "./words";

type State = "on_time" | "due_soon" | "overdue" | "paused" | "done";
/** A case on the map; `when` is a ready sentence such as 还剩2天. */
type CaseProperties = { title: string; url: string; state: State; ref?: string; when?: string; unit?: string };

const SIZE = 22;
const COLOURS: Record<State, string> = {
  on_time: "#1e7f4b", due_soon: "#b26a00", overdue: "#c4262e", paused: "#5d6d78", done: "#7b8a93",
};
const WORDS: Record<State, [string, string]> = {
  on_time: ["按时", "On time"], due_soon: ["快到期", "Due soon"], overdue: ["已超时", "Overdue"],
  paused: ["已暂停", "Paused"], done: ["已办结", "Closed"],
};

/** Cases as points: colour and shape say the same, near ones are gathered, a click tells and links. */
export function showCases(map: TownMap, address: string): void {
  map.on("load", () => {
    for (const state of Object.keys(COLOURS) as State[]) {
      map.addImage(`case-${state}`, drawShape(state), { pixelRatio: 2 });
    }
    map.addSource("cases", {
      type: "geojson", data: { type: "FeatureCollection", features: [] },
      cluster: true, clusterRadius: 28, clusterMaxZoom: 15,
      clusterProperties: { overdue: ["+", ["case", ["==", ["get", "state"], "overdue"], 1, 0]] },
    });
    map.addLayer({
      id: "case-groups", type: "circle", source: "cases", filter: ["has", "point_count"],
      paint: {
        "circle-color": isDark() ? "#0e7f9a" : "#0b6e86", "circle-opacity": 0.88,
        "circle-radius": ["step", ["get", "point_count"], 14, 10, 18, 100, 24],
        "circle-stroke-color": ["case", [">", ["get", "overdue"], 0], COLOURS.overdue, "#fff"],
        "circle-stroke-width": ["case", [">", ["get", "overdue"], 0], 3, 1.5],
      },
    });
    map.addLayer({
      id: "case-counts", type: "symbol", source: "cases", filter: ["has", "point_count"],
      layout: {
        // A group with something overdue in it has a red ring and an exclamation mark.
        "text-field": ["concat", ["get", "point_count_abbreviated"], ["case", [">", ["get", "overdue"], 0], "!", ""]],
        "text-font": FONT, "text-size": 13, "text-allow-overlap": true, "text-ignore-placement": true,
      },
      paint: { "text-color": "#fff" },
    });
    map.addLayer({
      id: "case-points", type: "symbol", source: "cases", filter: ["!", ["has", "point_count"]],
      layout: {
        "icon-image": ["concat", "case-", ["coalesce", ["get", "state"], "done"]],
        "icon-allow-overlap": true, "icon-ignore-placement": true,
      },
    });
    watchClicks(map);
    void load(map, address);
    if (address.includes("{bbox}")) map.on("moveend", () => void load(map, address));
  });
}

async function load(map: TownMap, address: string): Promise<void> {
  const box = map.getBounds().toArray().flat().map((part) => part.toFixed(5)).join(",");
  try {
    const answer = await fetch(address.replace("{bbox}", box), { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    map.getSource<GeoJSONSource>("cases")?.setData((await answer.json()) as GeoJSON.FeatureCollection);
  } catch {
    toast(say("地图上的事项没有取到", "The matters could not be fetched"), say("请稍后刷新。", "Please reload later."));
  }
}

function watchClicks(map: TownMap): void {
  map.on("click", "case-points", ({ features, lngLat }) => {
    const feature = features?.[0];
    if (feature) new Popup({ maxWidth: "18rem", focusAfterOpen: true }).setLngLat(lngLat).setDOMContent(tell(feature)).addTo(map);
  });
  map.on("click", "case-groups", async ({ features, lngLat }) => {
    const group = Number(features?.[0]?.properties.cluster_id);
    const zoom = await map.getSource<GeoJSONSource>("cases")?.getClusterExpansionZoom(group);
    map.easeTo({ center: lngLat, zoom: Math.min((zoom ?? map.getZoom() + 2) + 0.2, 18) });
  });
  for (const layer of ["case-points", "case-groups"]) {
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
}

function tell(feature: MapGeoJSONFeature): HTMLElement {
  const about = feature.properties as CaseProperties;
  const box = document.createElement("div");
  box.className = "map-popup";
  const link = document.createElement("a");
  link.href = about.url;
  link.textContent = about.title;
  const state = document.createElement("span");
  state.className = `time-badge is-${about.state}`;
  const [zh, en] = WORDS[about.state] ?? WORDS.done;
  state.textContent = [say(zh, en), about.when].filter(Boolean).join(" · ");
  const rest = document.createElement("small");
  rest.textContent = [about.unit, about.ref].filter(Boolean).join(" · ");
  box.append(link, state, rest);
  return box;
}

/** Round: on time; triangle: due soon; diamond: overdue; two bars: paused; ring: closed. */
function drawShape(state: State): ImageData {
  const side = SIZE * 2;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  const m = side / 2;
  pen.fillStyle = COLOURS[state];
  pen.strokeStyle = "#fff";
  pen.lineWidth = 4;
  pen.lineJoin = "round";
  pen.beginPath();
  if (state === "due_soon") polygon(pen, [[m, 5], [side - 5, side - 8], [5, side - 8]]);
  else if (state === "overdue") polygon(pen, [[m, 3], [side - 3, m], [m, side - 3], [3, m]]);
  else if (state === "paused") pen.roundRect(6, 6, side - 12, side - 12, 6);
  else pen.arc(m, m, state === "done" ? m - 11 : m - 6, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
  pen.fillStyle = "#fff";
  if (state === "paused") {
    pen.fillRect(m - 8, m - 8, 5, 16);
    pen.fillRect(m + 3, m - 8, 5, 16);
  } else if (state === "overdue" || state === "due_soon") {
    pen.fillRect(m - 2.5, m - 9, 5, 12);
    pen.fillRect(m - 2.5, m + 6, 5, 5);
  }
  return pen.getImageData(0, 0, side, side);
}

function polygon(pen: CanvasRenderingContext2D, corners: [number, number][]): void {
  corners.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
}
