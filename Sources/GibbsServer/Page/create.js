// Create: pick two classes, move α, and see one become the other beside its energies.
import { ask, bytes, draw, make, number, paint, ticks, trouble } from "./tools.js";

export default async function create(main, { signal, choice }) {
  const { models } = await ask("/models", undefined, { signal });
  const images = models.filter(model => model.verbs.includes("blend"));
  if (images.length === 0) {
    main.replaceChildren(make("div.card", {}, make("h1", {}, "Nothing to draw with yet"), make("p.lead", {}, "Put a model of images in classes into the folder of models, and it appears here:"),
      make("pre", {}, "gibbs fit images train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz --model gaussian --out models/digits.gibbs")));
    return;
  }
  const model = images.find(one => one.name === choice) ?? images[0], names = model.classes.map(part => part.name), path = `/models/${encodeURIComponent(model.name)}`;
  const pick = (id, name) => make("select", { id, onchange: () => load() }, names.map(one => make("option", { value: one, selected: one === name }, one)));
  const from = pick("from", names.includes("4") ? "4" : names[0]), to = pick("to", names.includes("9") ? "9" : names[1]);
  const digit = make("canvas.digit", { role: "img" }), dial = make("input", { type: "range", id: "alpha", min: "0", max: "20", value: "10" });
  const chart = draw("svg", { viewBox: "0 0 400 220", role: "img", "aria-label": "Energy under both classes along the way" });
  const words = make("p", { "aria-live": "polite" }), strip = make("div.strip"), problem = make("div");
  // Corrections of a diffusion take four times as long, and somebody is waiting.
  const quick = model.model === "diffusion" ? { corrections: 0 } : {};
  let found = null, asking = new AbortController();

  async function load() {
    if (from.value === to.value) { problem.replaceChildren(trouble(new Error("Pick two different classes."))); return; }
    asking.abort();
    asking = new AbortController();
    words.textContent = "drawing the way…";
    try {
      found = await ask(`${path}/blend`, { from: from.value, to: to.value, steps: 21, ...quick }, { signal: asking.signal });
      problem.replaceChildren();
      strip.replaceChildren(...found.frames.map((frame, place) => {
        const canvas = make("canvas");
        paint(canvas, bytes(frame.pixels), found.width, found.height);
        return make("button", { "aria-label": `α = ${number(frame.alpha, 2)}`, onclick: () => { dial.value = String(place); show(); } }, canvas);
      }));
      show();
    } catch (error) { if (error.name !== "AbortError") { words.textContent = ""; problem.replaceChildren(trouble(error)); } }
  }

  function show() {
    if (!found) return;
    const place = Number(dial.value), frame = found.frames[place];
    paint(digit, bytes(frame.pixels), found.width, found.height);
    words.replaceChildren("α = ", make("b.number", {}, number(frame.alpha, 2)), `: most like `, make("b", {}, frame.likeliest), `, with a probability of ${number(frame.probability, 2)}.`);
    digit.setAttribute("aria-label", words.textContent);
    dial.setAttribute("aria-valuetext", words.textContent);
    [...strip.children].forEach((one, index) => one.setAttribute("aria-pressed", String(index === place)));
    strip.scrollLeft = strip.children[place].offsetLeft - strip.clientWidth / 2;
    const top = Math.max(...found.frames.flatMap(one => [one.energyFrom, one.energyTo]), 1), x = alpha => 48 + 344 * alpha, y = value => 185 - 165 * value / top;
    const line = key => found.frames.map((one, index) => `${index ? "L" : "M"}${x(one.alpha).toFixed(1)} ${y(one[key]).toFixed(1)}`).join("");
    chart.replaceChildren(
      ...ticks(0, top).flatMap(value => [draw("line.axis", { x1: 48, x2: 392, y1: y(value), y2: y(value) }), draw("text", { x: 42, y: y(value) + 4, "text-anchor": "end" }, number(value))]),
      draw("path.curve", { d: line("energyFrom") }), draw("path.curve.second", { d: line("energyTo") }), draw("line.here", { x1: x(frame.alpha), x2: x(frame.alpha), y1: 20, y2: 185 }),
      draw("text", { x: 392, y: Math.max(12, y(found.frames.at(-1).energyFrom) - 6), "text-anchor": "end" }, `energy as a ${from.value}`), draw("text", { x: 48, y: Math.max(12, y(found.frames[0].energyTo) - 6) }, `energy as a ${to.value} (dashed)`),
      draw("text", { x: 48, y: 205 }, `α = 0: ${from.value}`), draw("text", { x: 392, y: 205, "text-anchor": "end" }, `α = 1: ${to.value}`), draw("text", { x: 48, y: 12 }, ""));
  }

  dial.addEventListener("input", show);
  const chooser = images.length > 1 && make("label", {}, "Model ", make("select", { onchange: event => { location.hash = "create/" + encodeURIComponent(event.target.value); } },
    images.map(one => make("option", { value: one.name, selected: one.name === model.name }, one.name))));
  main.replaceChildren(
    make("div.row.end", {}, make("div", {}, make("h1", {}, "Create"), make("p.lead", {}, "Each class has a landscape whose valleys are its images. Mix two landscapes, look where the lowest point is, and one image becomes the other.")), chooser || ""),
    make("div.columns", {},
      make("section.card", { "aria-label": "The image" }, make("div.row", {}, make("label", { for: "from" }, "From ", from), make("label", { for: "to" }, "to ", to)), digit, make("div", {}, make("label", { for: "alpha" }, "α, how far it has gone"), dial), words, problem),
      make("section.card", { "aria-label": "Energies" }, make("h2", {}, "What each class thinks of it"), make("p.soft", {}, "In nats above its own lowest; the lower, the more it looks like one."), chart)),
    make("section.card", { "aria-label": "The whole way" }, make("h2", {}, "The whole way"), strip));
  await load();
}
