/** Keys of a queue: j and k go down and up, Enter opens, x chooses, / searches. Not while one types. */
export function watchQueueKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const queue = document.querySelector<HTMLElement>("[data-queue]");
    if (!queue) return;
    if (press(queue, event.key)) event.preventDefault();
  });
}

function press(queue: HTMLElement, key: string): boolean {
  const rows = [...queue.querySelectorAll<HTMLElement>("[data-queue-row]")];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  switch (key) {
    case "j":
      return go(rows[Math.min(here + 1, rows.length - 1)]);
    case "k":
      return go(rows[Math.max(here - 1, 0)]);
    case "x": {
      const box = rows[here]?.querySelector<HTMLInputElement>("input[type=checkbox]");
      box?.click();
      go(rows[here]);
      return Boolean(box);
    }
    case "/": {
      const search = document.querySelector<HTMLInputElement>("[data-search]");
      search?.focus();
      return Boolean(search);
    }
    default:
      return false;
  }
}

function go(row: HTMLElement | undefined): boolean {
  const link = row?.querySelector<HTMLElement>("[data-open]") ?? row?.querySelector<HTMLElement>("a[href]");
  if (!link) return false;
  link.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
  return true;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit])") ||
    target.closest(".linli-map") !== null ||
    target.closest("dialog") !== null);
