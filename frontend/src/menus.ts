/** Closes an open menu on Escape and on a click elsewhere; "go back" links; select-all boxes. */
export function watchMenus(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
      if (!menu.contains(target)) menu.open = false;
    }
    if (target.closest("[data-back]")) {
      event.preventDefault();
      history.back();
    }
    if (target.closest("[data-print]")) window.print();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector<HTMLDetailsElement>("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  document.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.matches("[data-check-all]")) {
      for (const one of rowBoxes(box)) one.checked = box.checked;
    } else if (box.matches("select[data-go]")) {
      box.form?.requestSubmit();
    }
    if (box.type === "checkbox") showChosen(box);
  });
}

const rowBoxes = (inside: Element): HTMLInputElement[] => [
  ...(inside.closest("[data-queue]")?.querySelectorAll<HTMLInputElement>("[data-queue-row] input[type=checkbox]") ?? []),
];

/** Tells how many rows are chosen, for a bar of bulk moves (`[data-chosen]` in the same form). */
function showChosen(box: HTMLInputElement): void {
  const number = rowBoxes(box).filter((one) => one.checked).length;
  const bar = (box.form ?? document).querySelector<HTMLElement>("[data-bulk]");
  if (!bar) return;
  bar.hidden = number === 0;
  const said = bar.querySelector("[data-chosen]");
  if (said) said.textContent = String(number);
}
