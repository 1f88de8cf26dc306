// Loads the gadget's module by absolute URLs: the page's origin is Finesse's, not ours.
const NAMES = /* names */ {} /* names */;

const base = new URL(".", import.meta.url);
const server = new URL("..", base).href.replace(/\/$/, "");
const at = (name) => new URL(NAMES[name], base).href;

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = at("style");
document.head.append(style);

const [{ io }, module] = await Promise.all([import(at("client")), import(at("module"))]);
await module.default({ module_or_path: at("wasm") });
module.start({
  server,
  root: document.getElementById("lockstep"),
  io,
  finesse: window.finesse,
  gadgets: window.gadgets,
});
