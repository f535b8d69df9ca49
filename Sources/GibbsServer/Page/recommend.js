// Recommend: pick a person, move the temperature, and see the list breathe.
import { ask, make, number, settle, trouble } from "./tools.js";

export default async function recommend(main, { signal, choice }) {
  const { models } = await ask("/models", undefined, { signal });
  const recommenders = models.filter(model => model.verbs.includes("recommend"));
  if (recommenders.length === 0) {
    main.replaceChildren(make("div.card", {}, make("h1", {}, "No recommender yet"), make("p.lead", {}, "Put one into the folder of models, and it appears here:"),
      make("pre", {}, "gibbs fit ratings ratings.csv --out models/films.gibbs")));
    return;
  }
  const model = recommenders.find(one => one.name === choice) ?? recommenders[0], path = `/models/${encodeURIComponent(model.name)}`;
  const list = make("ol.list"), figures = make("dl.figures"), words = make("p.soft", { "aria-live": "polite" }), problem = make("div");
  const options = make("datalist", { id: "people" });
  const person = make("input", { type: "search", id: "person", list: "people", autocomplete: "off", spellcheck: "false" });
  person.setAttribute("list", "people");
  const dial = make("input", { type: "range", id: "dial", min: "0", max: "100", value: "0" });
  let asking = new AbortController();

  const suggest = settle(150, async () => {
    const found = await ask(`${path}/names?${new URLSearchParams({ of: "users", like: person.value, limit: "12" })}`, undefined, { signal });
    options.replaceChildren(...found.names.map(one => make("option", { value: one.name })));
  });
  // From the best (τ = 0) by even steps of entropy: the slider is the share of ln(candidates) that the entropy may have.
  const update = settle(60, async () => {
    asking.abort();
    asking = new AbortController();
    const explore = Number(dial.value) / 100;
    if (person.value === "") { words.textContent = "Name a person, or take anybody."; return; }
    try {
      const found = await ask(`${path}/recommend`, { user: person.value, k: 10, key: 1, ...(explore === 0 ? { temperature: 0 } : { explore }) }, { signal: asking.signal });
      problem.replaceChildren();
      show(found, explore);
    } catch (error) { if (error.name !== "AbortError") problem.replaceChildren(trouble(error)); }
  });

  function show(found, explore) {
    const most = Math.max(...found.items.map(item => item.probability), 1e-12), before = new Map([...list.children].map(row => [row.dataset.item, row.getBoundingClientRect().top]));
    // What is drawn comes in any order; the likeliest first reads more calmly.
    found.items.sort((one, other) => other.probability - one.probability);
    list.replaceChildren(...found.items.map((item, place) => make("li", { "data-item": item.item }, make("span.soft.number", {}, `${place + 1}`), make("span", {}, item.title ?? item.item),
      make("span.meter", { "aria-hidden": "true" }, make("i", { style: `width:${100 * item.probability / most}%` })), make("span.number.soft", {}, `${number(item.probability * 100, 2)} %`))));
    // What stays on the list glides to its new place.
    for (const row of list.children) {
      const top = before.get(row.dataset.item);
      if (top === undefined) continue;
      row.style.transition = "none";
      row.style.transform = `translateY(${top - row.getBoundingClientRect().top}px)`;
      requestAnimationFrame(() => { row.style.transition = ""; row.style.transform = ""; });
    }
    figures.replaceChildren(...[["temperature", number(found.temperature, 2)], ["effective items", number(found.effectiveItems)], ["diversity", number(found.diversity, 2)], ["novelty", `${number(found.novelty, 2)} nats`]]
      .map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
    words.textContent = explore === 0 ? `The ten best of ${number(found.candidates)}, in order.` : `Ten drawn from ${number(found.candidates)}, as though ${number(found.effectiveItems, 2)} were equally good.`;
    dial.setAttribute("aria-valuetext", words.textContent);
  }

  const chooser = recommenders.length > 1 && make("label", {}, "Model ", make("select", { onchange: event => { location.hash = "recommend/" + encodeURIComponent(event.target.value); } },
    recommenders.map(one => make("option", { value: one.name, selected: one.name === model.name }, one.name))));
  main.replaceChildren(
    make("div.row.end", {}, make("div", {}, make("h1", {}, "Recommend"), make("p.lead", {}, "Each item has an energy for a person; low is a good match. The temperature says how strictly the list keeps to the lowest: cold repeats the best, warm explores.")), chooser || ""),
    make("div.columns", {},
      make("section.card", { "aria-label": "The list" }, words, list),
      make("section.card.controls", { "aria-label": "For whom, and how" },
        make("div", {}, make("label", { for: "person" }, `Person (${number(model.users)} known)`), make("div.row", {}, person, options, make("button", { onclick: () => anybody() }, "Anybody"))),
        make("div", {}, make("label", { for: "dial" }, "Temperature: from the best to the unexpected"), dial), figures, problem)));
  person.addEventListener("input", () => { suggest(); update(); });
  dial.addEventListener("input", update);
  const names = (await ask(`${path}/names?limit=1000`, undefined, { signal })).names;
  function anybody() { person.value = names[Math.floor(Math.random() * names.length)].name; update(); }
  person.value = names[0].name;
  suggest();
  update();
}
