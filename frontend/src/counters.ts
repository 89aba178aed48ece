import { say } from "./words";

/** Shows how many characters are left below every textarea with a `maxlength`; spoken only near the end. */
export function countCharacters(root: ParentNode): void {
  for (const area of root.querySelectorAll<HTMLTextAreaElement>("textarea[maxlength]")) {
    if (area.dataset.counted || area.maxLength <= 0) continue;
    area.dataset.counted = "yes";
    const left = document.createElement("p");
    left.className = "characters-left";
    area.after(left);
    const show = (): void => {
      const rest = area.maxLength - area.value.length;
      left.textContent = say(`还可以写 ${rest} 字`, `${rest} characters left`);
      left.setAttribute("aria-live", rest < 20 ? "polite" : "off");
    };
    area.addEventListener("input", show);
    show();
  }
}
