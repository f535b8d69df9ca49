// Watch: the stream's energy as it comes, alarms with their reasons, and what another false-alarm rate would have made of today.
import { ask, clock, draw, follow, make, number, share, throttle, trouble } from "./tools.js";
import { severities } from "./words.js";

const kept = 240;

export default async function watch(main, { signal, choice, say }) {
  const { streams, problems } = await ask("/streams", undefined, { signal });
  if (streams.length === 0) {
    main.replaceChildren(make("div.card", {}, make("h1", {}, "Nothing is being watched yet"),
      make("p.lead", {}, "Put a watchdog on a stream of events into the folder of models, and it appears here within a second:"),
      make("pre", {}, "gibbs fit events logins.ndjson --entity address --event outcome --out models/logins.gibbs"),
      ...problems.map(problem => trouble(new Error(`${problem.name}: ${problem.problem}`)))));
    return;
  }
  const stream = streams.find(one => one.name === choice) ?? streams[0];
  const live = new Live(stream), today = new Today(stream.name, signal, threshold => live.move(threshold)), quiet = new Quiet(stream.name, signal, () => alerts.load()), alerts = new Alerts(stream, signal, () => { today.load(); quiet.load(); });
  const chooser = streams.length > 1 && make("label", {}, "Stream ", make("select", { onchange: event => { location.hash = "watch/" + encodeURIComponent(event.target.value); } },
    streams.map(one => make("option", { value: one.name, selected: one.name === stream.name }, one.name))));
  main.replaceChildren(
    make("div.row.end", {},
      make("div", {}, make("h1", {}, stream.name), make("p.lead", {}, `Every event costs as many nats as it is unexpected. When what one ${stream.entity} does costs more than a normal one's day, it alarms.`)), chooser || ""),
    stream.trouble ? trouble(new Error(stream.trouble)) : "",
    make("div.columns", {}, live.element, today.element), quiet.element, alerts.element);
  const [, past] = await Promise.all([today.load(), alerts.load(), quiet.load()]);
  // What came between the list and the first word of the stream is missed by neither.
  const highest = past[0]?.number ?? 0;
  for (const alert of past.reverse()) live.mark(alert);
  // While events flow, pulses never pause: what today would have been moves on all the same.
  const later = throttle(1500, () => { if (!signal.aborted) today.load(); });
  follow(`/streams/${encodeURIComponent(stream.name)}/alerts`, signal, (name, data) => {
    if (name === "open") say("live");
    if (name === "closed") say("the service does not answer; trying again");
    if (name === "pulse") { live.add(data); later(); }
    if (name === "alert") { alerts.add(data); live.mark(data); later(); }
    if (name === "verdict") { alerts.replace(data); quiet.load(); }
  }, highest);
  signal.addEventListener("abort", () => say(""));
}

/** How high a score stands: the logarithm of one more, so that an ordinary entity and the strangest both have room. */
const climb = value => Math.log10(1 + Math.max(0, value));

/** What such an axis says: 0, 1, 10, 100, as far as it goes. */
const powers = top => [0, ...Array.from({ length: 8 }, (_, power) => 10 ** power)].filter(value => value <= top);

/** The line that moves. */
class Live {
  constructor(stream) {
    this.points = stream.pulses.slice(-kept);
    // Alarms that came while nobody looked are told by when they were received.
    this.marks = [];
    this.threshold = stream.threshold;
    this.chart = draw("svg", { viewBox: "0 0 640 260", role: "img", "aria-label": "The highest score of each moment, and the threshold" });
    this.now = make("p.soft", {}, "waiting for events");
    this.figures = make("dl.figures");
    this.counts = { events: stream.events, entities: stream.entities };
    this.element = make("section.card", { "aria-label": "Live energy" }, make("div.row.end", {}, make("h2", {}, "Energy now"), this.now), this.chart, this.figures);
    this.show();
  }

  add(pulse) {
    this.points.push(pulse);
    if (this.points.length > kept) this.points.shift();
    this.counts.events += pulse.events;
    this.threshold = pulse.threshold ?? this.threshold;
    this.show();
  }

  move(threshold) {
    this.threshold = threshold;
    this.show();
  }

  mark(alert) {
    this.marks.push({ at: Date.parse(alert.received) / 1000, score: alert.score });
    if (this.marks.length > 60) this.marks.shift();
    this.show();
  }

  show() {
    const points = this.points, last = points.at(-1);
    // A unit is a pixel, so that what the axes say can be read on a phone too.
    const right = Math.max(280, this.chart.clientWidth || 640) - 6;
    this.chart.setAttribute("viewBox", `0 0 ${right + 6} 260`);
    const top = Math.max(this.threshold ?? 1, ...points.map(point => point.score), ...this.marks.map(mark => mark.score), 1) * 1.1;
    const end = last ? last.at : Date.now() / 1000, begin = points.length ? Math.min(points[0].at, end - 10) : end - 10;
    const x = at => 44 + (right - 44) * (at - begin) / (end - begin || 1), y = value => 230 - 200 * climb(value) / climb(top);
    const line = points.map((point, index) => `${index ? "L" : "M"}${x(point.at).toFixed(1)} ${y(point.score).toFixed(1)}`).join("");
    this.chart.replaceChildren(
      ...powers(top).flatMap(value => [draw("line.axis", { x1: 44, x2: right, y1: y(value), y2: y(value) }), draw("text", { x: 38, y: y(value) + 4, "text-anchor": "end" }, number(value))]),
      draw("text", { x: 44, y: 16 }, "nats"),
      ...(points.length > 1 ? [draw("path.area", { d: `${line}L${x(end)} 230L${x(points[0].at)} 230Z` }), draw("path.curve", { d: line })] : []),
      ...(this.threshold ? [draw("line.limit", { x1: 44, x2: right, y1: y(this.threshold), y2: y(this.threshold) }), draw("text.name", { x: 50, y: y(this.threshold) - 5 }, "alarm above " + number(this.threshold))] : []),
      ...this.marks.filter(mark => mark.at >= begin).map(mark => draw("circle.dot", { cx: x(Math.min(mark.at, end)), cy: y(mark.score), r: 5 })),
      draw("text", { x: 44, y: 250 }, `${Math.round(end - begin)} s ago`), draw("text", { x: right, y: 250, "text-anchor": "end" }, "now"));
    const rate = points.length > 1 ? points.slice(-20).reduce((sum, point) => sum + point.events, 0) / Math.max(1, end - points.at(-Math.min(20, points.length)).at) : 0;
    this.now.textContent = last ? `highest: ${last.entity}, ${number(last.score)} nats` : "waiting for events";
    this.figures.replaceChildren(...[["events", number(this.counts.events)], ["events a second", number(rate, 2)], ["nats an event", number(last?.surprise, 2)], ["alarm above", this.threshold ? number(this.threshold) + " nats" : "–"]]
      .map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
  }
}

/** The slider from a false-alarm rate to its threshold, and what today would have been. */
class Today {
  constructor(name, signal, moved) {
    Object.assign(this, { name, signal, moved, chosen: null });
    this.chart = draw("svg", { viewBox: "0 0 400 190", role: "img", "aria-label": "Today's entities by their highest score" });
    this.slider = make("input", { type: "range", min: "0", max: "39", step: "1", id: "rate", oninput: () => { this.chosen = Number(this.slider.value); this.show(); } });
    this.words = make("p", { "aria-live": "polite" });
    this.use = make("button", { hidden: true, onclick: () => this.apply() }, "Let the alarm use this rate");
    this.element = make("section.card", { "aria-label": "Threshold" }, make("h2", {}, "How often may it be wrong?"), this.chart,
      make("div", {}, make("label", { for: "rate" }, "False-alarm rate: fewer alarms to the right"), this.slider), this.words, this.use);
  }

  async load() {
    try {
      this.data = await ask(`/streams/${encodeURIComponent(this.name)}/today`, undefined, { signal: this.signal });
      if (this.data.curve.length === 0) { this.words.textContent = "The watchdog is not calibrated, so there is no rate to choose."; this.slider.disabled = true; return; }
      this.slider.max = String(this.data.curve.length - 1);
      this.show();
    } catch (error) { if (!this.signal.aborted) this.words.textContent = error.message; }
  }

  /** The place of the slider that is nearest to the rate in use. */
  get own() { return this.data.curve.reduce((best, point, index, all) => Math.abs(Math.log(point.rate / this.data.falseAlarmRate)) < Math.abs(Math.log(all[best].rate / this.data.falseAlarmRate)) ? index : best, 0); }

  show() {
    const { curve, scores, entities, falseAlarmRate, entityDaysPerDay } = this.data;
    const place = this.chosen ?? this.own, point = curve[place], isOwn = place === this.own;
    const rate = isOwn ? falseAlarmRate : point.rate, threshold = isOwn ? this.data.threshold : point.threshold;
    this.slider.value = String(place);
    // The day of the events, which may be a past one: days are those of UTC.
    const when = this.data.day ? `on ${new Date(this.data.day + "T00:00Z").toLocaleDateString(undefined, { dateStyle: "medium", timeZone: "UTC" })} (UTC)` : "today";
    const above = isOwn ? this.data.alarms : point.alarms;
    this.slider.setAttribute("aria-valuetext", `${share(rate)}, ${above} alarms ${when}`);
    this.words.replaceChildren(make("b", {}, `${above} alarm${above === 1 ? "" : "s"} ${when}`), ` among ${number(entities)} at a rate of ${share(rate)} of normal days: above ${number(threshold)} nats. About `,
      `${number(rate * entityDaysPerDay, 2)} a day would be false.`);
    this.use.hidden = isOwn || this.chosen === null;
    const top = Math.max(...scores.slice(0, 1), threshold, 1), width = 24, columns = new Array(width).fill(0);
    // Square roots of scores, so that the many low ones leave room for the few high ones.
    const at = score => Math.min(width - 1, Math.floor(width * Math.sqrt(Math.max(0, score) / top)));
    for (const score of scores) columns[at(score)]++;
    if (entities > scores.length) columns[0] += entities - scores.length;
    const most = Math.log1p(Math.max(...columns, 1)), x = index => 8 + 384 * index / width;
    this.chart.replaceChildren(
      draw("line.axis", { x1: 8, x2: 392, y1: 160, y2: 160 }),
      ...columns.map((count, index) => draw("rect", { x: x(index) + 1, width: 384 / width - 2, y: 160 - 140 * Math.log1p(count) / most, height: 140 * Math.log1p(count) / most, class: x(index + .5) > x(width * Math.sqrt(threshold / top)) ? "column out" : "column" })),
      draw("line.limit", { x1: x(width * Math.sqrt(threshold / top)), x2: x(width * Math.sqrt(threshold / top)), y1: 10, y2: 166 }),
      draw("text", { x: 8, y: 180 }, "ordinary"), draw("text", { x: 392, y: 180, "text-anchor": "end" }, `strange (up to ${number(top)} nats)`));
  }

  async apply() {
    this.use.disabled = true;
    try {
      const found = await ask(`/streams/${encodeURIComponent(this.name)}/rate`, { falseAlarmRate: this.data.curve[this.chosen].rate });
      this.chosen = null;
      this.moved(found.threshold);
      await this.load();
    } catch (error) { this.words.textContent = error.message; }
    this.use.disabled = false;
  }
}

/** What verdicts keep quiet, and how to hear of it again; not there where nothing is. */
class Quiet {
  constructor(name, signal, changed) {
    Object.assign(this, { name, signal, changed });
    this.list = make("ul.reasons");
    this.element = make("section.card", { "aria-label": "Kept quiet", hidden: true }, make("h2", {}, "Kept quiet"), this.list);
  }

  async load() {
    const { rules } = await ask(`/streams/${encodeURIComponent(this.name)}/rules`, undefined, { signal: this.signal });
    this.element.hidden = rules.length === 0;
    this.list.replaceChildren(...rules.map(rule => make("li.quiet", {},
      make("span", {}, make("b", {}, rule.entity), rule.field ? ` where ${rule.field} ${rule.value === null ? "stands out" : "is " + rule.value}` : "", make("span.soft", {}, rule.until ? `, until ${clock(rule.until)}` : "")),
      make("button", { onclick: () => this.end(rule.number) }, "Let it alarm again"))));
  }

  async end(number) {
    try {
      await ask(`/rules/${number}`, undefined, { method: "DELETE" });
      await this.load();
      this.changed();
    } catch (error) { this.list.append(make("li", {}, trouble(error))); }
  }
}

/** The last lines of an entity as a table of their fields, where they are objects of a few; else as they are. */
function recent(lines, entity, time) {
  const events = lines.map(line => { try { return JSON.parse(line); } catch { return null; } });
  const names = [...new Set(events.flatMap(event => event ? Object.keys(event) : []))].filter(name => name !== entity && events.some(event => event && event[name] !== "" && event[name] !== null));
  if (events.includes(null) || names.length > 8) return make("pre.raw", { tabindex: "0" }, lines.join("\n"));
  const cell = (name, value) => value === undefined || value === null ? "" : name === time ? clock(value) : typeof value === "object" ? JSON.stringify(value) : String(value);
  return make("div.wide", { tabindex: "0" }, make("table", {}, make("thead", {}, make("tr", {}, names.map(name => make("th", {}, name)))),
    make("tbody", {}, events.map(event => make("tr", {}, names.map(name => make("td", {}, cell(name, event[name]))))))));
}

/** The list of alarms, each opening to its reasons. */
class Alerts {
  constructor(stream, signal, changed) {
    Object.assign(this, { name: stream.name, entity: stream.entity, time: stream.time, signal, changed, next: null, isOpen: false });
    this.list = make("ul.alerts");
    this.empty = make("p.empty", {}, "No alarm so far. That is what most days look like.");
    this.more = make("button", { hidden: true, onclick: () => this.load(this.next) }, "Earlier alarms");
    this.filter = make("button", { "aria-pressed": "false", onclick: () => {
      this.isOpen = !this.isOpen;
      this.filter.setAttribute("aria-pressed", String(this.isOpen));
      this.load();
    } }, "Only those without a verdict");
    this.element = make("section.card", { "aria-label": "Alarms" }, make("div.row.end", {}, make("h2", {}, "Alarms"), this.filter), this.empty, this.list, this.more);
  }

  async load(before) {
    const query = new URLSearchParams({ limit: "25", ...(before ? { before } : {}), ...(this.isOpen ? { open: "true" } : {}) });
    const found = await ask(`/streams/${encodeURIComponent(this.name)}/alerts?${query}`, undefined, { signal: this.signal });
    if (!before) this.list.replaceChildren();
    this.list.append(...found.alerts.map(alert => this.item(alert)));
    this.next = found.next;
    this.more.hidden = found.next === null;
    this.empty.hidden = this.list.children.length > 0;
    return found.alerts;
  }

  add(alert) {
    if (this.find(alert.number)) return;
    const item = this.item(alert);
    item.classList.add("fresh");
    this.list.prepend(item);
    while (this.list.children.length > 200) this.list.lastChild.remove();
    this.empty.hidden = true;
  }

  find(number) { return [...this.list.children].find(item => item.dataset.number === String(number)); }

  replace(alert) {
    const old = this.find(alert.number);
    if (!old) return;
    const wasOpen = old.querySelector("button").getAttribute("aria-expanded") === "true", hadFocus = old.contains(document.activeElement);
    const item = this.item(alert, wasOpen);
    old.replaceWith(item);
    if (hadFocus) item.querySelector("button").focus();
  }

  item(alert, isOpen = false) {
    const level = severities.indexOf(alert.severity);
    const body = make("div.alert-body", { id: `alert-${alert.number}`, hidden: !isOpen });
    const head = make("button.alert-head", { "aria-expanded": String(isOpen), "aria-controls": body.id, onclick: () => {
      body.hidden = !body.hidden;
      head.setAttribute("aria-expanded", String(!body.hidden));
      if (!body.hidden && !body.firstChild) body.append(...this.reasons(alert));
    } },
      make(`span.severity.${alert.severity}`, {}, make("span.bars", { "aria-hidden": "true" }, severities.map((_, index) => make(index <= level ? "i.on" : "i"))), make("b", {}, alert.severity)),
      make("span.who", {}, alert.entity), make("span.number", {}, `${number(alert.score)} nats`),
      make("span.verdict", {}, alert.verdict === "real" ? "✓ real" : alert.verdict === "falseAlarm" ? "✕ false alarm" : clock(alert.time ?? alert.received)));
    if (isOpen) body.append(...this.reasons(alert));
    return make("li", { "data-number": String(alert.number) }, head, body);
  }

  reasons(alert) {
    const most = Math.max(...alert.reasons.map(reason => reason.gain), ...alert.dayReasons.map(reason => reason.gain), 1);
    const summary = alert.pValue < 1 ? ` Of normal days, ${share(alert.pValue)} get${alert.pValue < .01 ? "s" : ""} this strange.` : "";
    const reason = (gain, what, value, expected, probability, when) => make("li", {},
      make("span.gain", {}, make("span.nats", { style: `width:${Math.max(2, 100 * gain / most)}%`, "aria-hidden": "true" })), make("b.number", {}, `+${number(gain)}`),
      make("span", {}, `${what} `, make("b", {}, value ?? "missing"), make("span.soft", {}, `, expected ${expected} (${share(Math.max(probability, 1e-6))})`)), make("span.soft.number", {}, when));
    const raw = [...alert.reasons.map(reason => reason.raw).filter(line => line)];
    return [
      make("p", {}, `After ${number(alert.events)} event${alert.events === 1 ? "" : "s"}, what this ${this.entity} did adds up to `, make("b", {}, `${number(alert.score)} nats`), `; an alarm begins at ${number(alert.threshold)}.${summary}`),
      alert.reasons.length ? make("div", {}, make("h3", {}, "Events that added most"), make("ul.reasons", {},
        alert.reasons.map(one => reason(one.gain, one.field, one.value, one.expected, one.probability, one.time ? clock(one.time) : `line ${one.line}`)))) : "",
      alert.dayReasons.length ? make("div", {}, make("h3", {}, "Its day as a whole"), make("ul.reasons", {},
        alert.dayReasons.map(one => reason(one.gain, one.what, one.value, one.expected, one.probability, "")))) : "",
      alert.recent.length ? make("div", {}, make("h3", {}, `Its last ${alert.recent.length} events`), recent(alert.recent, this.entity, this.time)) : "",
      raw.length ? make("details", {}, make("summary", {}, "The lines behind the reasons"), make("pre.raw", { tabindex: "0" }, raw.join("\n"))) : "",
      this.judging(alert),
    ];
  }

  judging(alert) {
    const quiet = make("input", { type: "checkbox", id: `quiet-${alert.number}` }), problem = make("span");
    const judge = async verdict => {
      try {
        const found = await ask(`/alerts/${alert.number}/verdict`, { verdict, ...(verdict === "falseAlarm" && quiet.checked ? { quietDays: 7 } : {}) });
        this.replace(found.alert);
        this.changed();
      } catch (error) { problem.replaceChildren(trouble(error)); }
    };
    const button = (verdict, words) => make("button", { "aria-pressed": String(alert.verdict === verdict), onclick: () => judge(alert.verdict === verdict ? "none" : verdict) }, words);
    return make("div.row", {}, button("real", "It was real"), button("falseAlarm", "False alarm"), make("label", {}, quiet, ` with “false alarm”, keep this ${this.entity} quiet for a week`), problem);
  }
}
