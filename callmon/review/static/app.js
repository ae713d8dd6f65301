// What every page has: times in the viewer's zone, requests to the API, short messages.

const LONG = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const SHORT = new Intl.DateTimeFormat(undefined, {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
});
const TOAST_MS = 6000;

/** Writes the times in it in the zone of the viewer. */
export function localise(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    element.textContent = (element.dataset.form === "short" ? SHORT : LONG).format(at);
    element.title = LONG.format(at);
  }
}

/** Says something that need not be answered. */
export function toast(text, { bad = false } = {}) {
  const line = document.createElement("p");
  line.className = bad ? "toast bad" : "toast";
  line.textContent = text;
  const area = document.getElementById("toasts");
  area.replaceChildren(line);
  setTimeout(() => line.remove(), TOAST_MS);
}

/** What the API said no to. */
export class Refusal extends Error {
  constructor(problem, status) {
    super(problem.detail || "The service did not answer. Try again.");
    this.status = status;
    this.field = problem.field;
  }
}

/** Sends JSON to the API and gives its answer; throws a Refusal. */
export async function send(method, path, body, { key } = {}) {
  const headers = { Accept: "application/json" };
  const csrf = document.querySelector("meta[name=csrf]");
  if (csrf) headers["X-CSRF-Token"] = csrf.content;
  if (key) headers["Idempotency-Key"] = key;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refusal({ detail: "The service cannot be reached. Try again." }, 0);
  }
  const text = await response.text();
  let answer = {};
  try { answer = text ? JSON.parse(text) : {}; } catch { /* a proxy in between */ }
  if (response.status === 401 && !path.endsWith("/session")) signInAgain();
  if (!response.ok) throw new Refusal(answer, response.status);
  return answer;
}

/** A part of a page as the server writes it, which escapes whatever is in it. */
export async function part(path) {
  let response;
  try {
    response = await fetch(path, { headers: { "HX-Request": "true" } });
  } catch {
    throw new Refusal({ detail: "The service cannot be reached. Try again." }, 0);
  }
  if (response.status === 401) signInAgain();
  return { text: await response.text(), ok: response.ok };
}

/** Puts a part of a page in its place. */
export function place(element, text) {
  element.innerHTML = text;
  ready(element);
}

export function ready(element) {
  localise(element);
  if (window.htmx) window.htmx.process(element);
}

/** A name for a request that may be sent twice. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const tried = new Map(); // what was sent and not answered yet: its key

/** Posts what is to be there once, however often it is tried: without an answer, it may be
 *  there all the same, so that another try has the same key. */
export async function sendOnce(path, body) {
  const name = JSON.stringify([path, body]);
  if (!tried.has(name)) tried.set(name, newKey());
  const answer = await send("POST", path, body, { key: tried.get(name) });
  tried.delete(name);
  return answer;
}

/** Seconds as m:ss, or h:mm:ss from one hour on. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const minutes = Math.floor(whole / 60);
  const tail = String(whole % 60).padStart(2, "0");
  if (minutes < 60) return `${minutes}:${tail}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${tail}`;
}

/** Whether somebody is writing, so that keys are letters. */
export function isWriting(event) {
  const at = event.target;
  return at.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, dialog[open]") !== null;
}

/** Whether the key is a character, and those do nothing here: one who speaks to the machine,
 *  or whose hand slips, would give verdicts by them. */
export function isKeyOff(event) {
  return event.key.length === 1 && event.key !== " " && !lettersWork();
}
const LETTERS = "callmon.letters";
function lettersWork() {
  try { return localStorage.getItem(LETTERS) !== "no"; } catch { return true; }
}

function signInAgain() {
  const here = location.pathname + location.search;
  location.assign(`/sign-in?then=${encodeURIComponent(here)}`);
}

localise(document);
// On a small screen the page that is open may be beyond the edge of the list.
for (const here of document.querySelectorAll(".links [aria-current], .tabs [aria-current]")) {
  const list = here.closest("nav");
  list.scrollLeft += here.getBoundingClientRect().left - list.getBoundingClientRect().left - 24;
}
// On a small screen the filters would fill it.
for (const box of document.querySelectorAll(".filter-box"))
  if (matchMedia("(max-width: 820px)").matches) box.open = false;
document.addEventListener("htmx:load", (event) => localise(event.detail.elt));
document.addEventListener("htmx:responseError", () =>
  toast("That did not work. Load the page again.", { bad: true }));
document.addEventListener("htmx:sendError", () =>
  toast("The service cannot be reached. Try again.", { bad: true }));

document.getElementById("sign-out")?.addEventListener("click", async () => {
  try {
    await send("DELETE", "/v1/session");
  } catch (refusal) {
    if (refusal.status !== 401) { toast(refusal.message, { bad: true }); return; }
  }
  location.assign("/sign-in");
});
const keys = document.getElementById("keys");
const letters = document.getElementById("letters");
const tellLetters = () => document.documentElement.classList.toggle("letters-off", !lettersWork());
tellLetters();
if (letters) {
  letters.checked = lettersWork();
  letters.addEventListener("change", () => {
    localStorage.setItem(LETTERS, letters.checked ? "yes" : "no");
    tellLetters();
  });
}
document.getElementById("show-keys")?.addEventListener("click", () => keys.showModal());
document.addEventListener("keydown", (event) => {
  if (event.key === "?" && keys && !isWriting(event) && !isKeyOff(event)) {
    event.preventDefault();
    keys.showModal();
  }
});
