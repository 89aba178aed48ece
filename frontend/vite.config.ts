import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Joins the icons named in icons.txt (Tabler, outline) into one sprite, so that a page loads only what is used. */
function drawIconSprite(): void {
  const names = readFileSync(here("icons.txt"), "utf8").split(/\s+/).filter(Boolean);
  const symbols = names.map((name) => {
    const svg = readFileSync(here(`node_modules/@tabler/icons/icons/outline/${name}.svg`), "utf8");
    const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "")}</symbol>`;
  });
  mkdirSync(here("generated"), { recursive: true });
  writeFileSync(
    here("generated/icons.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`,
  );
}

export default defineConfig(() => {
  drawIconSprite();
  return {
    base: "/static/dist/",
    publicDir: false as const,
    worker: { format: "es" as const },
    build: {
      outDir: here("../src/linli/ui/static/dist"),
      emptyOutDir: true,
      manifest: "manifest.json",
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1500,
      modulePreload: { polyfill: false },
      // Phones in the field are years old: lower CSS that only newest browsers read (light-dark, oklch).
      target: ["chrome107", "safari16", "firefox110"],
      cssTarget: ["chrome107", "safari16", "firefox110"],
      rolldownOptions: { input: { app: here("src/app.ts") } },
    },
  };
});
