// Runs before the first paint: follows the system's light or dark when the reader chose neither.
if (!document.documentElement.dataset.bsTheme) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => { document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  follow();
  dark.addEventListener("change", follow);
}
