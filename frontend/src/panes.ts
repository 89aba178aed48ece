import htmx from "htmx.org";

/**
 * A queue with its matter beside it: on a wide screen a chosen row loads the case into `[data-pane]` without
 * moving the list; elsewhere, and without this script, the row's link opens the case's page. The address bar
 * keeps which case is shown, so that it can be sent to a colleague.
 */
export function watchPanes(): void {
  // The bar of bulk moves comes once something is chosen; without this script it is always there.
  for (const bar of document.querySelectorAll<HTMLElement>("[data-bulk]")) {
    bar.hidden = !bar.closest("form")?.querySelector("[data-queue-row] input:checked");
  }
  // On a narrow screen the tab where one is would lie outside the row of tabs.
  for (const row of document.querySelectorAll<HTMLElement>(".count-tabs, .staff-nav")) {
    const here = row.querySelector<HTMLElement>("[aria-current]");
    if (here) row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
  }
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-open][data-case]");
    const pane = document.querySelector<HTMLElement>("[data-pane]");
    if (!link || !pane || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    if (getComputedStyle(pane).display === "none") return;
    event.preventDefault();
    void show(link, pane);
  });
  document.addEventListener("keydown", (event) => {
    const pane = document.querySelector<HTMLElement>("[data-pane]");
    if (event.key !== "Escape" || !pane?.contains(document.activeElement)) return;
    document.querySelector<HTMLElement>('[data-queue-row][aria-current] [data-open]')?.focus();
  });
}

async function show(link: HTMLAnchorElement, pane: HTMLElement): Promise<void> {
  await htmx.ajax("get", link.href, { target: pane, swap: "innerHTML" });
  if (!pane.querySelector(`[data-matter="${link.dataset.case}"]`)) return;
  for (const row of document.querySelectorAll("[data-queue-row][aria-current]")) row.removeAttribute("aria-current");
  link.closest("[data-queue-row]")?.setAttribute("aria-current", "true");
  const here = new URL(window.location.href);
  here.searchParams.set("case", link.dataset.case ?? "");
  window.history.replaceState(window.history.state, "", here);
  pane.querySelector<HTMLElement>(".matter-title")?.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}
