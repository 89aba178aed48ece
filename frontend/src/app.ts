import "./app.css";
import "../generated/icons.svg?url";
import htmx from "htmx.org";
import { watchConfirm } from "./confirm";
import { countCharacters } from "./counters";
import { keepTyped } from "./keep";
import { watchMenus } from "./menus";
import { offerPasskeys } from "./passkeys";
import { watchPanes } from "./panes";
import { preparePhotos } from "./photos";
import { watchQueueKeys } from "./queue";
import { reportErrors } from "./toasts";

/** Gives life to what a page, or a piece of a page swapped in by htmx, brings along. */
function prepare(root: ParentNode): void {
  countCharacters(root);
  preparePhotos(root);
  offerPasskeys(root);
  keepTyped(root);
  root.querySelector<HTMLElement>("[data-focus]")?.focus();
  if (root.querySelector(".linli-map")) void import("./map").then((map) => map.drawMaps(root));
  // Tabler's own script is only loaded where a page uses one of its widgets.
  if (root.querySelector("[data-bs-toggle]")) void import("@tabler/core/dist/js/tabler.esm.js");
}

Object.assign(window, { htmx });
watchConfirm();
watchMenus();
watchQueueKeys();
watchPanes();
reportErrors();
prepare(document);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target instanceof Element) prepare(event.target);
});
