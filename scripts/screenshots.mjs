// Drives headless Chromium by its own protocol, without a library: screenshots.mjs CHROMIUM BASE FOLDER
// Every panel in light, dark, and at phone width, and what the keyboard and the buttons of Watch do; exits 1 when the page logs an error or breaks its content security policy.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [chromium, base, folder] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "gibbs-page-"));
const browser = spawn(chromium, ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
const address = await new Promise((resolve, reject) => {
  let text = "";
  browser.stderr.on("data", part => { text += part; const found = text.match(/ws:\/\/\S+/); if (found) resolve(found[0]); });
  browser.on("exit", () => reject(new Error("Chromium ended: " + text)));
});
const socket = new WebSocket(address), waiting = new Map(), troubles = [];
await new Promise(resolve => socket.addEventListener("open", resolve));
let last = 0, session;
socket.addEventListener("message", ({ data }) => {
  const message = JSON.parse(data);
  if (message.id) {
    const { resolve, reject } = waiting.get(message.id);
    waiting.delete(message.id);
    return message.error ? reject(new Error(message.error.message)) : resolve(message.result);
  }
  if (message.method === "Runtime.exceptionThrown") troubles.push(message.params.exceptionDetails.exception?.description ?? message.params.exceptionDetails.text);
  if (message.method === "Log.entryAdded" && message.params.entry.level === "error") troubles.push(message.params.entry.text);
});
const tell = (method, params = {}) => new Promise((resolve, reject) => {
  waiting.set(++last, { resolve, reject });
  socket.send(JSON.stringify({ id: last, method, params, sessionId: session }));
});
const run = async expression => (await tell("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true })).result.value;
const pause = milliseconds => new Promise(wait => setTimeout(wait, milliseconds));

const { targetId } = await tell("Target.createTarget", { url: "about:blank" });
session = (await tell("Target.attachToTarget", { targetId, flatten: true })).sessionId;
for (const domain of ["Page", "Runtime", "Log"]) await tell(domain + ".enable");

/** Opens a panel afresh, and waits until it shows something of its own. */
async function visit(panel) {
  await tell("Page.navigate", { url: "about:blank" });
  await tell("Page.navigate", { url: `${base}/#${panel}` });
  for (let turn = 0; turn < 100; turn++) {
    await pause(200);
    if (await run(`document.querySelector("main h1") !== null && !document.querySelector("main").textContent.includes("drawing the way")`)) break;
  }
  await pause(1000);
}

const looks = [["", 1180, 900, 1, "light"], ["-dark", 1180, 900, 1, "dark"], ["-phone", 390, 844, 2, "light"]];
const panels = ["watch", "recommend", "create", "models"];
for (const [suffix, width, height, scale, scheme] of looks) {
  await tell("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: scale, mobile: suffix === "-phone" });
  await tell("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  for (const panel of panels) {
    await visit(panel);
    if (panel === "watch") await run(`document.querySelector(".alert-head")?.click()`);
    if (panel === "recommend") await run(`(d => { if (d) { d.value = 45; d.dispatchEvent(new Event("input")); } })(document.getElementById("dial"))`);
    if (panel === "create") await run(`(d => { if (d) { d.value = 9; d.dispatchEvent(new Event("input")); } })(document.getElementById("alpha"))`);
    await pause(800);
    const wide = await run("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    if (wide > 0) troubles.push(`${panel}${suffix} is ${wide} pixels wider than the window`);
    const full = Math.min(await run("document.documentElement.scrollHeight"), suffix === "-phone" ? 2000 : 1500);
    const shot = await tell("Page.captureScreenshot", { format: "png", captureBeyondViewport: true, clip: { x: 0, y: 0, width, height: Math.max(full, 500), scale: 1 } });
    writeFileSync(join(folder, `page-${panel}${suffix}.png`), Buffer.from(shot.data, "base64"));
  }
}
// By keyboard alone: the panels by number, an alarm by Tab and Enter.
await visit("models");
for (const type of ["keyDown", "keyUp"]) await tell("Input.dispatchKeyEvent", { type, key: "1", code: "Digit1", text: type === "keyDown" ? "1" : undefined });
await pause(2500);
const key = async (name, code) => { for (const type of ["keyDown", "keyUp"]) await tell("Input.dispatchKeyEvent", { type, key: name, code: name, windowsVirtualKeyCode: code, text: name === "Enter" && type === "keyDown" ? "\r" : undefined }); };
let opened = false;
for (let step = 0; step < 40 && !opened; step++) {
  await key("Tab", 9);
  if (await run(`document.activeElement.classList.contains("alert-head")`)) { await key("Enter", 13); await pause(200); opened = await run(`document.activeElement.getAttribute("aria-expanded") === "true"`); break; }
}
if (await run(`document.querySelector(".alert-head") !== null`)) {
  if (!opened) troubles.push("no alarm can be opened by keyboard");
  if (await run(`[...document.querySelectorAll(".reasons .nats")].some(bar => bar.offsetParent && bar.offsetWidth === 0)`)) troubles.push("a reason's bar is empty");
  await key("Enter", 13);
  await pause(200);
  if (await run(`document.activeElement.nextElementSibling.offsetHeight > 0`)) troubles.push("an alarm that was closed is still there");
  // A false alarm that is kept quiet is told of, and can be let alarm again.
  const isQuiet = `!document.querySelector("[aria-label='Kept quiet']").hidden`;
  await run(`(() => { const head = document.querySelector(".alert-head"); head.click(); const item = head.parentElement; item.querySelector("input[type=checkbox]").checked = true; [...item.querySelectorAll("button")].find(one => one.textContent === "False alarm").click(); })()`);
  await pause(800);
  if (!await run(isQuiet)) troubles.push("what is kept quiet is not told of");
  await run(`document.querySelector("[aria-label='Kept quiet'] button")?.click()`);
  await pause(800);
  if (await run(isQuiet)) troubles.push("what is let alarm again is still kept quiet");
}
socket.close();
browser.kill();
await new Promise(resolve => browser.on("exit", resolve));
rmSync(profile, { recursive: true, force: true });
for (const trouble of new Set(troubles)) console.error("page: " + trouble);
process.exit(troubles.length ? 1 : 0);
