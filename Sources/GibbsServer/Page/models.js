// Models: a card each, with where it comes from, what it promises and what it has learned.
import { ask, clock, draw, make, number, picture, share, trouble } from "./tools.js";

/** Scores of late from which on their distance from the calibration's tells more than chance. */
const enough = 500;

export default async function models(main, { signal }) {
  const { models, problems } = await ask("/models", undefined, { signal });
  main.replaceChildren(
    make("div", {}, make("h1", {}, "Models"), make("p.lead", {}, "Every model file in the folder. A changed file takes its place within a second; a broken one leaves the old model at work.")),
    ...problems.map(problem => trouble(new Error(`${problem.name} cannot be read: ${problem.problem}`))),
    models.length ? make("div.cards", {}, models.map(model => card(model, signal))) : make("p.empty", {}, "The folder is empty."));
}

function card(model, signal) {
  const drawing = make("div"), section = make("section.card", { "aria-label": model.name },
    make("div", {}, make("h2", {}, model.name), make("p.soft", {}, model.words[0].toUpperCase() + model.words.slice(1))), drawing,
    make("dl.figures", {}, facts(model).map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))),
    make("p.soft.digest", {}, model.digest ? make("span", {}, "learned from data ", make("code", {}, model.digest.slice(0, 16)), "; ") : "", "file ", make("code", {}, model.fileDigest), `, read ${clock(model.loaded)}`),
    make("div.row", {}, links(model)));
  fill(model, drawing, signal).catch(error => { if (!signal.aborted) drawing.replaceChildren(trouble(error)); });
  return section;
}

function facts(model) {
  const calibration = model.calibration;
  switch (model.kind) {
    case "images": return [["images", number(model.images)], ["classes", number(model.classes.length)], ["pixels", `${model.height} × ${model.width}`], ["energy", model.model ?? "–"], ...(calibration ? [["false alarms", share(calibration.falseAlarmRate)], ["alarm above", `${number(calibration.threshold)} nats`]] : [])];
    case "encoder": return [[model.form, number(model.rows)], ["takes", model.input], ["numbers out", number(model.width)], ["nats shared", model.bound > 0 ? `≥ ${number(model.bound)}` : "none seen"]];
    case "recommender": return [["people", number(model.users)], ["items", number(model.items)], [model.implicit ? "events" : "ratings", number(model.ratings)]];
    case "stream": return [["events learned", number(model.events)], ["entities", number(model.entities)], ["nats an event", number(model.surprise)], ["false alarms", model.falseAlarmRate ? share(model.falseAlarmRate) : "–"]];
    case "events": return [["sessions", number(model.sessions)], ["events", number(model.events)], ["false alarms", calibration ? share(calibration.falseAlarmRate) : "–"], ["alarm above", calibration ? `${number(calibration.threshold)} nats` : "–"]];
    case "frames": return [["frames", number(model.frames)], ["columns", number(model.columns.length)], ["nats a frame", number(model.validationEnergy)]];
    default: return [["records", number(model.rows)], ["fields", number(model.fields.filter(field => field.type !== "ignored").length)], ["false alarms", calibration ? share(calibration.falseAlarmRate) : "–"], ["alarm above", calibration ? `${number(calibration.threshold)} nats` : "–"]];
  }
}

function links(model) {
  const name = encodeURIComponent(model.name);
  const all = [["events", `#watch/${name}`, "Watch it"], ["recommend", `#recommend/${name}`, "Recommend with it"], ["blend", `#create/${name}`, "Draw with it"]];
  return all.filter(([verb]) => model.verbs.includes(verb)).map(([, to, words]) => make("a", { href: to }, words));
}

async function fill(model, drawing, signal) {
  const path = `/models/${encodeURIComponent(model.name)}`;
  if (model.kind === "images") {
    const shown = model.classes.slice(0, 12), sheets = make("div.sheets");
    drawing.replaceChildren(sheets, shown.length < model.classes.length ? make("p.soft", {}, `and ${model.classes.length - shown.length} more classes`) : "");
    for (const { name } of shown) {
      const address = await picture(`${path}/picture?${new URLSearchParams({ class: name })}`, signal);
      sheets.append(make("figure", {}, make("img.pixels", { src: address, alt: `What ${model.name} has learned of ${name}` }), make("figcaption", {}, name)));
    }
    return;
  }
  if (["recommender", "encoder"].includes(model.kind)) return;
  const found = await ask(`${path}/calibration`, undefined, { signal });
  if (found.quantiles.length > 1) drawing.replaceChildren(landscape(found), ...(found.drift ? [make("p.soft", {}, drift(found.drift))] : []));
}

function drift({ psi, ks, count }) {
  if (count < enough) return `${number(count, 2)} scored since: whether data have changed is said from ${enough} on.`;
  const word = psi < .1 ? "as the calibration's" : psi < .25 ? "somewhat shifted" : "far from the calibration's: look at the data, or calibrate again";
  return `The last ${number(count, 2)} are ${word} (PSI ${number(psi, 2)}, KS ${number(ks, 2)}).`;
}

/** How many normal ones have which energy, and where the alarm begins. */
function landscape({ quantiles, threshold }) {
  const low = quantiles[0], high = Math.max(quantiles.at(-1), threshold ?? -Infinity) || low + 1, width = 40, counts = new Array(width).fill(0);
  const at = value => Math.min(width - 1, Math.max(0, Math.floor(width * (value - low) / (high - low || 1))));
  for (const value of quantiles) counts[at(value)]++;
  const most = Math.sqrt(Math.max(...counts)), x = index => 6 + 308 * index / width, chart = draw("svg", { viewBox: "0 0 320 120", role: "img", "aria-label": `Energies of normal ones from ${number(low)} to ${number(quantiles.at(-1))} nats` });
  chart.append(draw("line.axis", { x1: 6, x2: 314, y1: 95, y2: 95 }),
    ...counts.map((count, index) => draw("rect.column", { x: x(index) + .5, width: 308 / width - 1, y: 95 - 80 * Math.sqrt(count) / most, height: 80 * Math.sqrt(count) / most })),
    draw("text", { x: 6, y: 112 }, `${number(low)}`), draw("text", { x: 314, y: 112, "text-anchor": "end" }, `${number(high)} nats`));
  if (threshold !== null && Number.isFinite(threshold)) chart.append(draw("line.limit", { x1: x(width * (threshold - low) / (high - low || 1)), x2: x(width * (threshold - low) / (high - low || 1)), y1: 8, y2: 100 }));
  return chart;
}
