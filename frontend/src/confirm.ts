import { say } from "./words";

/** Asks before a move that cannot be undone: `data-confirm` on a form or its button, `hx-confirm` of htmx. */
export function watchConfirm(): void {
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target as HTMLFormElement;
      const button = event.submitter as HTMLButtonElement | null;
      const question = button?.dataset.confirm ?? form.dataset.confirm;
      if (!question || form.dataset.confirmed === "yes") {
        delete form.dataset.confirmed;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      void ask(question, button?.textContent?.trim()).then((yes) => {
        if (!yes) return;
        form.dataset.confirmed = "yes";
        form.requestSubmit(button ?? undefined);
      });
    },
    true,
  );
  document.addEventListener("htmx:confirm", (event) => {
    const detail = (event as CustomEvent<{ question?: string; issueRequest: (skip: boolean) => void }>).detail;
    if (!detail.question) return;
    event.preventDefault();
    void ask(detail.question).then((yes) => {
      if (yes) detail.issueRequest(true);
    });
  });
}

function ask(question: string, yes = say("确定", "Yes")): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  const words = document.createElement("p");
  words.id = "ask-words";
  words.textContent = question;
  dialog.setAttribute("aria-labelledby", words.id);
  const bar = document.createElement("form");
  bar.method = "dialog";
  bar.className = "ask-bar";
  bar.append(button(say("取消", "Cancel"), "", "btn"), button(yes, "yes", "btn btn-danger"));
  dialog.append(words, bar);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "yes");
    });
  });
}

function button(text: string, value: string, css: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.textContent = text;
  made.value = value;
  made.className = css;
  return made;
}
