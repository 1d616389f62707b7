import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

/**
 * Who may import whom (ARCHITECTURE.md, "The rooms"). A wall that only a document holds is no wall.
 * @typedef {{ group?: string[], regex?: string, allowTypeImports?: boolean, message: string }} Wall
 */

/** @param {string[]} folders @param {string} reason @returns {Wall[]} */
const closed = (folders, reason) => folders.map((folder) => ({ group: [`**/${folder}/**`], message: reason }));

/** @param {string[]} files @param {...(Wall | Wall[])} walls @returns {import("eslint").Linter.Config} */
const zone = (files, ...walls) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: walls.flat() }] },
});
const apart = "The processes meet only in wire/.";

export default ts.config(
  { ignores: ["dist", "out", "node_modules", "test-results", "recado-data"] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked.map((config) => ({ ...config, files: ["**/*.ts", "**/*.svelte"] })),
  ...svelte.configs.recommended,
  {
    files: ["**/*.ts", "**/*.svelte"],
    languageOptions: {
      parserOptions: {
        project: ["wire", "server", "main", "renderer", "drill", "tests"].map((folder) => `./${folder}/tsconfig.json`),
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: [".svelte"],
      },
    },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/require-await": "off",
      "no-console": "error",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: { "svelte/no-at-html-tags": "error" },
  },
  zone(["wire/**"], closed(["server", "main", "renderer", "drill"], "wire imports nobody."), [
    { regex: "^(?!\\./|zod$)", message: "wire imports zod and nothing else." },
  ]),
  zone(["server/**"], closed(["main", "renderer", "drill"], apart), [
    { group: ["electron", "socket.io-client", "svelte"], message: apart },
  ]),
  zone(["main/**"], closed(["server", "renderer", "drill"], apart), [
    { group: ["socket.io", "amqplib", "svelte"], message: apart },
  ]),
  zone(["renderer/**"], closed(["server", "main", "drill"], apart), [
    { group: ["**/wire/*"], allowTypeImports: true, message: "The window takes types only." },
    { group: ["electron", "node:*", "zod"], message: "The window knows neither Node nor Electron." },
  ]),
  zone(["drill/**"], closed(["server", "tests"], "The relay is broken from outside, as it is released."), [
    { group: ["electron"], allowTypeImports: true, message: "The main process starts the drill and its children." },
  ]),
  {
    // Messages go back to a queue by closing the channel: nack and reject reorder (research, A.9).
    files: ["server/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.property.name=/^(nack|nackAll|reject)$/][callee.object.name!='Promise']",
          message: "Return messages by closing the channel.",
        },
      ],
    },
  },
  { files: ["scripts/**", "*.config.js"], languageOptions: { globals: globals.node } },
  { files: ["bench/**/*.mjs"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
  { files: ["renderer/**", "tests/renderer-harness/**"], languageOptions: { globals: globals.browser } },
);
