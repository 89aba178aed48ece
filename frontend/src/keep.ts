import { say } from "./words";

/**
 * Loses nothing typed: what is written in a form with `data-keep="id"` is kept in this tab until the form has
 * been sent and another page came back. Passwords, files and tokens are never kept; signing out forgets all.
 */
type Kept = { sent: boolean; values: Record<string, Entry[]> };
/** What the server had given, and what was typed instead; a later answer of the server with another value wins. */
type Entry = { given: string; typed: string };
type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** A form is known by its `data-keep`, or by its id when that is empty. */
const idOf = (form: HTMLFormElement): string => form.dataset.keep || form.id;
const key = (id: string): string => `linli:keep:${id}`;
const never = new Set(["password", "file", "submit", "button", "image", "reset"]);

export function keepTyped(root: ParentNode): void {
  if (root === document) {
    forgetSent();
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

/** Drops what was sent, unless its form or an error page came back. */
function forgetSent(): void {
  if (document.querySelector("[data-problem]")) return;
  const present = new Set([...document.querySelectorAll<HTMLFormElement>("form[data-keep]")].map(idOf));
  for (const name of Object.keys(sessionStorage)) {
    if (!name.startsWith("linli:keep:")) continue;
    const id = name.slice("linli:keep:".length);
    if (read(id)?.sent && !present.has(id)) sessionStorage.removeItem(name);
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
  try {
    sessionStorage.setItem(key(idOf(form)), JSON.stringify({ sent, values } satisfies Kept));
  } catch {
    // A full or forbidden store only means that this copy is not kept; the page itself still works.
  }
}

function restore(form: HTMLFormElement): void {
  const kept = read(idOf(form));
  if (!kept) return;
  const at: Record<string, number> = {};
  let changed = false;
  for (const control of controls(form)) {
    const values = kept.values[control.name];
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
