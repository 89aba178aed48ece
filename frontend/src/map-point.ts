import { type Map as TownMap, Marker } from "maplibre-gl";
import { say } from "./words";

/** A position, when both parts are given and possible. */
export function position(lng: unknown, lat: unknown): [number, number] | null {
  if (lng === undefined || lat === undefined || lng === "" || lat === "") return null;
  const [x, y] = [Number(lng), Number(lat)];
  return Math.abs(x) <= 180 && Math.abs(y) <= 85 ? [x, y] : null;
}

/** The mark of one place. */
export function pointMarker(at: [number, number], label?: string): Marker {
  const marker = new Marker({ color: "#c2410c", scale: 1.1 }).setLngLat(at);
  if (label) marker.getElement().setAttribute("aria-label", label);
  return marker;
}

/** What surrounds a map on which one point is chosen: two inputs, two buttons, a sentence. */
class PointField {
  readonly lng: HTMLInputElement | null;
  readonly lat: HTMLInputElement | null;
  readonly said: HTMLElement | null;
  readonly around: Element;

  constructor(element: HTMLElement) {
    this.around = element.closest("[data-point]") ?? element;
    this.lng = this.around.querySelector("[data-lng]");
    this.lat = this.around.querySelector("[data-lat]");
    this.said = this.around.querySelector("[data-said]");
  }

  read(): [number, number] | null {
    return position(this.lng?.value.trim(), this.lat?.value.trim());
  }

  write([lng, lat]: [number, number], how: string): void {
    if (this.lng) this.lng.value = lng.toFixed(6);
    if (this.lat) this.lat.value = lat.toFixed(6);
    this.say(how);
    // For htmx (asking which grid this is) and for keeping what was typed.
    this.lat?.dispatchEvent(new Event("change", { bubbles: true }));
  }

  say(words: string): void {
    if (this.said) this.said.textContent = words;
  }

  /** The device's own position, asked only when somebody presses the button. */
  whenLocated(use: (at: [number, number]) => void): void {
    this.around.querySelector("[data-locate]")?.addEventListener("click", () => {
      this.say(say("正在定位……", "Finding your position…"));
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => use([coords.longitude, coords.latitude]),
        () => this.say(say("没有得到位置,请在地图上点一下。", "No position; please tap on the map.")),
        { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
      );
    });
  }
}

export function pickPoint(map: TownMap, element: HTMLElement, start: [number, number] | null): void {
  const field = new PointField(element);
  let marker: Marker | null = null;
  const place = (at: [number, number], how: string, quiet = false): void => {
    if (!marker) {
      marker = pointMarker(at).setDraggable(true).addTo(map);
      const dragged = marker;
      dragged.on("dragend", () => {
        const { lng, lat } = dragged.getLngLat();
        field.write([lng, lat], chosen());
      });
    }
    marker.setLngLat(at);
    if (!quiet) field.write(at, how);
  };
  const given = field.read() ?? start;
  if (given) {
    place(given, "", true);
    map.jumpTo({ center: given, zoom: Math.max(map.getZoom(), 15) });
  }
  map.on("click", ({ lngLat }) => place([lngLat.lng, lngLat.lat], chosen()));
  field.around.querySelector("[data-centre]")?.addEventListener("click", () => {
    const { lng, lat } = map.getCenter();
    place([lng, lat], chosen());
  });
  field.whenLocated((at) => {
    place(at, say("已定在您现在的位置,可拖动调整。", "Placed at your position; drag to adjust."));
    map.jumpTo({ center: at, zoom: 16 });
  });
  const typed = (event: Event): void => {
    const at = field.read();
    if (!at || !event.isTrusted) return;
    place(at, "", true);
    map.jumpTo({ center: at });
  };
  field.lng?.addEventListener("change", typed);
  field.lat?.addEventListener("change", typed);
  element.closest("form")?.addEventListener("linli:restored", () => {
    const at = field.read();
    if (at) place(at, "", true);
  });
}

/** Without a map, a place can still be given by position or as numbers. */
export function fallBackToInputs(element: HTMLElement): void {
  const field = new PointField(element);
  field.around.querySelector<HTMLDetailsElement>("details")?.setAttribute("open", "");
  field.around.querySelector("[data-centre]")?.remove();
  field.whenLocated((at) => field.write(at, say("已定在您现在的位置。", "Placed at your position.")));
}

const chosen = (): string => say("已选定位置,可拖动标记调整。", "Place chosen; drag the mark to adjust.");
