// What all panels share: asking the service, building elements, numbers for people, and lines in SVG.
// Text from the service only ever becomes text: nothing here makes HTML of it.

const door = document.getElementById("door");

/** Asks for a token, and keeps it in this tab; says so where the one it had was not accepted. */
export function askForToken() {
  return new Promise(resolve => {
    const field = document.getElementById("token");
    document.getElementById("refused").hidden = !sessionStorage.getItem("token");
    if (!door.open) field.value = "";
    door.addEventListener("close", () => {
      sessionStorage.setItem("token", field.value.trim());
      resolve();
    }, { once: true });
    if (!door.open) door.showModal();
  });
}

function headers(more) {
  const token = sessionStorage.getItem("token");
  return token ? { ...more, Authorization: `Bearer ${token}` } : { ...more };
}

/** The JSON of a path; with a body it is posted. Throws what the service says. */
export async function ask(path, body, options = {}) {
  const answer = await fetch(path, {
    method: options.method ?? (body === undefined ? "GET" : "POST"),
    headers: headers(body === undefined ? {} : { "Content-Type": "application/json" }),
    body: body === undefined ? undefined : JSON.stringify(body), signal: options.signal,
  });
  if (answer.status === 401) {
    await askForToken();
    return ask(path, body, options);
  }
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error ? found.error.message + (found.error.advice ? "; " + found.error.advice : "") : answer.statusText);
  return found;
}

/** An image of the service, as an address for `img`. */
export async function picture(path, signal) {
  const answer = await fetch(path, { headers: headers({}), signal });
  if (!answer.ok) throw new Error(answer.statusText);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return "data:image/png;base64," + btoa(text);
}

/** Follows server-sent events behind the number `last` until `signal` says stop; comes back after a break, from the last event on. */
export async function follow(path, signal, tell, last) {
  while (!signal.aborted) {
    try {
      const answer = await fetch(path, { headers: headers({ Accept: "text/event-stream", "Last-Event-ID": String(last) }), signal });
      if (answer.status === 401) { await askForToken(); continue; }
      if (!answer.ok) throw new Error(answer.statusText);
      tell("open", null);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        rest += value;
        for (let end; (end = rest.indexOf("\n\n")) >= 0; rest = rest.slice(end + 2)) {
          let name = "message", data = "";
          for (const line of rest.slice(0, end).split("\n")) {
            if (line.startsWith("event: ")) name = line.slice(7);
            if (line.startsWith("data: ")) data += line.slice(6);
            if (line.startsWith("id: ")) last = line.slice(4);
          }
          if (data) tell(name, JSON.parse(data));
        }
      }
    } catch (error) { if (signal.aborted) return; }
    tell("closed", null);
    await new Promise(wait => setTimeout(wait, 2000));
  }
}

/** An element: its name with classes, attributes, and what is in it. */
export function make(tag, attributes = {}, ...content) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    // By the style object, which the content security policy allows; attributes of style it does not.
    if (key === "style") element.style.cssText = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && key !== "list" && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...content.flat().filter(part => part !== null && part !== undefined && part !== false));
  return element;
}

const space = "http://www.w3.org/2000/svg";

/** An element of SVG. */
export function draw(tag, attributes = {}, ...content) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElementNS(space, name);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

/** A number for people: so many digits that tell. */
export function number(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return "∞";
  if (Math.abs(value) >= 10000 || Number.isInteger(value)) return Math.round(value).toLocaleString("en");
  return Number(value.toPrecision(digits)).toLocaleString("en", { maximumSignificantDigits: digits });
}

/** A share as people say it. */
export function share(value) {
  if (value >= .01) return `${number(value * 100, 2)} %`;
  return `1 in ${Math.round(1 / value).toLocaleString("en")}`;
}

/** A time of day, with the date where it is not today's. */
export function clock(text) {
  if (!text) return "";
  // Numbers are seconds since 1970, or milliseconds.
  const date = new Date(typeof text === "number" && text < 1e11 ? text * 1000 : text);
  if (Number.isNaN(date.valueOf())) return text;
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(undefined, isToday ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" });
}

/** What an axis may say between two ends. */
export function ticks(low, high, count = 4) {
  const span = high - low || 1, rough = span / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(k => k * power).find(k => k >= rough);
  const result = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) result.push(Number(at.toPrecision(12)));
  return result;
}

/** Puts bytes from 0 to 255 on a canvas, a byte a pixel. */
export function paint(canvas, pixels, width, height) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d"), image = context.createImageData(width, height);
  for (let at = 0; at < pixels.length; at++) image.data.set([pixels[at], pixels[at], pixels[at], 255], at * 4);
  context.putImageData(image, 0, 0);
}

/** The bytes of a text in base 64. */
export const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));

/** Runs the last of many calls, when they have paused. */
export function settle(milliseconds, body) {
  let timer;
  return (...args) => { clearTimeout(timer); timer = setTimeout(() => body(...args), milliseconds); };
}

/** Runs the first of many calls at once, and while they go on the latest of them every so many milliseconds; the last one is never lost. */
export function throttle(milliseconds, body) {
  let timer, latest = null;
  const run = args => {
    latest = null;
    timer = setTimeout(() => { timer = undefined; if (latest) run(latest); }, milliseconds);
    body(...args);
  };
  return (...args) => { if (timer === undefined) run(args); else latest = args; };
}

/** Says that something went wrong, where it went wrong. */
export const trouble = error => make("p.trouble", { role: "alert" }, error.message);
