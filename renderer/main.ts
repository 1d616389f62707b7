import { mount } from "svelte";
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import App from "./App.svelte";
import { AppState } from "./app-state.svelte.ts";
import { openBridge } from "./bridge.ts";

// The composition root of the page: the only place that builds, and that knows window and Date.
const target = document.getElementById("app");
if (!target) throw new Error("The page has no #app.");
const app = new AppState({
  bridge: openBridge(window),
  locale: navigator.language.toLowerCase().startsWith("pt") ? "pt-BR" : "en",
  now: () => Date.now(),
});
mount(App, { target, props: { app } });
