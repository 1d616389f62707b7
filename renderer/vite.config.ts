import { svelte, vitePreprocess } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** The page: one script, one style sheet, fonts beside them; nothing inline, so that the CSP can forbid it. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [svelte({ preprocess: vitePreprocess(), emitCss: true })],
  build: {
    outDir: "../dist/app/renderer",
    emptyOutDir: true,
    target: "chrome130",
    modulePreload: false,
    // a font as data: would need font-src data: in the CSP
    assetsInlineLimit: 0,
  },
});
