import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const dist = here("../src/linli/ui/static/dist");

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

/** Lays a .br and a .gz beside every built text; whitenoise sends those to browsers that take them. */
const compressed = {
  name: "linli-compressed",
  closeBundle(): void {
    const folder = join(dist, "assets");
    for (const name of readdirSync(folder).filter((one) => /\.(css|js|svg)$/.test(one))) {
      const text = readFileSync(join(folder, name));
      writeFileSync(join(folder, `${name}.gz`), gzipSync(text, { level: 9 }));
      writeFileSync(join(folder, `${name}.br`), brotliCompressSync(text));
    }
  },
};

export default defineConfig(() => {
  drawIconSprite();
  return {
    base: "/static/dist/",
    publicDir: false as const,
    plugins: [compressed],
    worker: { format: "es" as const },
    build: {
      outDir: dist,
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
