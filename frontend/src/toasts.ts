import { say } from "./words";

type Problem = { title?: string; detail?: string; code?: string; fields?: Record<string, { zh: string; en: string }> };

/** Says what went wrong with a background request, in the words of its problem document (RFC 9457). */
export function reportErrors(): void {
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    const problem = parse(xhr);
    const fields = Object.values(problem.fields ?? {}).map((text) => say(text.zh, text.en));
    toast(problem.title ?? say("没有成功", "That did not work"), [problem.detail ?? "", ...fields].join(" ").trim());
  });
  document.addEventListener("htmx:sendError", () => {
    toast(say("网络不通", "No connection"), say("填写的内容还在,请稍后再试。", "What you typed is still here; try again."));
  });
  document.addEventListener("linli:toast", (event) => {
    const { title, text } = (event as CustomEvent<{ title: string; text?: string }>).detail;
    toast(title, text ?? "", false);
  });
}

function parse(xhr: XMLHttpRequest): Problem {
  if (!(xhr.getResponseHeader("Content-Type") ?? "").includes("json")) return {};
  try {
    return JSON.parse(xhr.responseText) as Problem;
  } catch {
    return {};
  }
}

export function toast(title: string, text: string, wrong = true): void {
  const box = document.createElement("div");
  box.className = wrong ? "toast-box is-wrong" : "toast-box";
  const head = document.createElement("strong");
  head.textContent = title;
  const body = document.createElement("span");
  body.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.setAttribute("aria-label", say("关闭", "Close"));
  close.addEventListener("click", () => box.remove());
  box.append(head, body, close);
  document.getElementById("toasts")?.append(box);
  // An error stays until it was read; anything else leaves by itself.
  if (!wrong) window.setTimeout(() => box.remove(), 6000);
}
