// Which panel is shown, by what stands behind # in the address.
import { ask, make, trouble } from "./tools.js";
import watch from "./watch.js";
import recommend from "./recommend.js";
import create from "./create.js";
import models from "./models.js";

const panels = { watch, recommend, create, models };
const main = document.getElementById("main"), state = document.getElementById("state");
let leaving = new AbortController();

async function show() {
  const [name, choice] = decodeURIComponent(location.hash.slice(1)).split("/");
  const panel = panels[name] ? name : "watch";
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === "#" + panel) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  document.title = panel[0].toUpperCase() + panel.slice(1) + " · Gibbs";
  leaving.abort();
  leaving = new AbortController();
  const signal = leaving.signal;
  main.replaceChildren(make("p.soft", {}, "One moment…"));
  try { await panels[panel](main, { signal, choice, say: text => { state.textContent = text; } }); } catch (error) {
    if (!signal.aborted) main.replaceChildren(trouble(error));
  }
}

addEventListener("hashchange", () => { show(); main.focus(); });
// 1 to 4 go to the panels, as long as nobody is writing.
addEventListener("keydown", event => {
  const name = Object.keys(panels)[Number(event.key) - 1];
  if (name && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, select, textarea, dialog")) location.hash = name;
});

ask("/models").then(found => { state.textContent = `${found.models.length} model${found.models.length === 1 ? "" : "s"}`; }, () => {});
show();
