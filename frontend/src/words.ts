/** Texts that only the browser says, Chinese first, chosen by the page's language. */
const english = document.documentElement.lang.startsWith("en");

export const say = (zh: string, en: string): string => (english ? en : zh);
