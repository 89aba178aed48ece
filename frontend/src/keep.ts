import { say } from "./words";

/**
 * Loses nothing typed: what is written in a form with `data-keep="id"` is kept in this tab until the form has
 * been sent and its answer came back without a refusal: over a reload, going back, a tab that was closed and opened
 * again, a network that was gone. A form that makes something new (`data-keep-new`) begins empty when a link leads to
 * it; links inside `data-keep-on` (other ways to fill in the same form) do not begin another. Passwords, files and
 * tokens are never kept; signing out forgets all.
 */
type Kept = { sent: boolean; values: Record<string, Entry[]> };
/** What the server had given, and what was typed instead; a later answer of the server with another value wins. */
type Entry = { given: string; typed: string };
type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** A form is known by its `data-keep`, or by its id when that is empty. */
const idOf = (form: HTMLFormElement): string => form.dataset.keep || form.id;
const key = (id: string): string => kept + id;
const never = new Set(["password", "file", "submit", "button", "image", "reset"]);

export function keepTyped(root: ParentNode): void {
  if (root === document) {
    forgetSent();
    forgetBegun();
    document.addEventListener("click", noteBegun);
    document.addEventListener("submit", (event) => {
      if ((event.target as Element).matches("[data-forget]")) sessionStorage.clear();
    });
  }
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-keep]")) {
    if (form.dataset.kept) continue;
    form.dataset.kept = "yes";
    restore(form);
    const save = (): void => write(form, false);
    form.addEventListener("input", save);
    form.addEventListener("change", save);
    form.addEventListener("submit", () => write(form, true));
    window.addEventListener("beforeunload", () => {
      if (!read(idOf(form))?.sent && isTouched(form)) write(form, false);
    });
  }
}

const began = "linli:begun";
const kept = "linli:keep:";
/** How this page was reached: by a link or a form ("navigate"), by a reload, or by going back and forth. */
const arrival = (): PerformanceNavigationTiming | undefined =>
  performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
/** Whether a page of ours led here, and not an address that was typed, as after a network that was gone. */
const isLed = (): boolean => arrival()?.type === "navigate" && document.referrer.startsWith(`${location.origin}/`);
const isRefused = (): boolean =>
  document.querySelector("[data-problem]") !== null || (arrival()?.responseStatus ?? 200) >= 400;

/** Drops what was sent and not refused. What was sent into a gap of the network is not known to have arrived. */
function forgetSent(): void {
  if (isRefused()) return;
  const present = new Set([...document.querySelectorAll<HTMLFormElement>("form[data-keep]")].map(idOf));
  for (const name of Object.keys(sessionStorage)) {
    if (!name.startsWith(kept)) continue;
    const id = name.slice(kept.length);
    // A reload of the answer sends again; of the form itself it does not.
    const answered = isLed() || (arrival()?.type === "reload" && !present.has(id));
    if (answered && read(id)?.sent) sessionStorage.removeItem(name);
  }
}

/** Notes that a link is followed, since that is how another matter is begun. */
function noteBegun(event: MouseEvent): void {
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
  const elsewhere = event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || link?.target === "_blank";
  if (!link || elsewhere || link.origin !== location.origin || link.closest("[data-keep-on], form[data-keep]")) return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  try {
    sessionStorage.setItem(began, link.pathname);
  } catch {
    // As below: the page works without.
  }
}

/** Drops what an earlier form had, where a link has just led to a new one. */
function forgetBegun(): void {
  const followed = sessionStorage.getItem(began) === location.pathname && arrival()?.type === "navigate";
  sessionStorage.removeItem(began);
  // A link that opened a tab of its own may have brought a copy of the other tab's.
  if (isRefused() || !(followed || (isLed() && history.length === 1))) return;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-keep-new]")) {
    sessionStorage.removeItem(key(idOf(form)));
  }
}

function read(id: string): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(key(id)) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

function write(form: HTMLFormElement, sent: boolean): void {
  const values: Kept["values"] = {};
  for (const control of controls(form)) {
    const list = (values[control.name] ??= []);
    if (!isBox(control)) list.push({ given: given(control), typed: control.value });
    else if (control.checked) list.push({ given: "", typed: control.value });
  }
  store(form, { sent, values });
}

function store(form: HTMLFormElement, what: Kept): void {
  try {
    sessionStorage.setItem(key(idOf(form)), JSON.stringify(what));
  } catch {
    // A full or forbidden store only means that this copy is not kept; the page itself still works.
  }
}

function restore(form: HTMLFormElement): void {
  const before = read(idOf(form));
  if (!before) return;
  if (before.sent) store(form, { ...before, sent: false });
  const at: Record<string, number> = {};
  let changed = false;
  for (const control of controls(form)) {
    const values = before.values[control.name];
    if (!values) continue;
    if (isBox(control)) {
      const checked = values.some(({ typed }) => typed === control.value);
      changed ||= checked !== control.checked;
      control.checked = checked;
      continue;
    }
    const index = at[control.name] ?? 0;
    at[control.name] = index + 1;
    const entry = values[index];
    if (!entry || entry.typed === control.value || entry.given !== given(control)) continue;
    control.value = entry.typed;
    changed = true;
  }
  if (!changed) return;
  form.dispatchEvent(new CustomEvent("linli:restored"));
  for (const area of form.querySelectorAll("textarea")) area.dispatchEvent(new Event("input"));
  const note = document.createElement("p");
  note.className = "field-help kept-note";
  note.setAttribute("role", "status");
  note.textContent = say("已恢复您上次没有提交的内容。", "What you had typed was brought back.");
  form.prepend(note);
}

const isBox = (control: Control): control is HTMLInputElement =>
  control instanceof HTMLInputElement && (control.type === "checkbox" || control.type === "radio");

const given = (control: Control): string =>
  control instanceof HTMLSelectElement
    ? ([...control.options].find((option) => option.defaultSelected)?.value ?? "")
    : control.defaultValue;

const isTouched = (form: HTMLFormElement): boolean =>
  controls(form).some((c) => (isBox(c) ? c.checked !== c.defaultChecked : c.value !== given(c)));

function controls(form: HTMLFormElement): Control[] {
  return ([...form.elements] as Control[]).filter((control) => {
    if (!control.name || control.name === "csrfmiddlewaretoken" || never.has(control.type)) return false;
    return control.matches("input, textarea, select") && (control.type !== "hidden" || control.hasAttribute("data-keep-value"));
  });
}
