// Forms that are sent to the API as they say themselves: `data-method`, `data-path`,
// `data-body` for what is always the same, `data-said` for what is told afterwards.

import { Refusal, part, place, send, toast } from "./app.js";

const AFTER = "callmon-after";
const LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const DAY_MS = 86_400_000;
const ROLES = {
  uploader: "Sends recordings and sees its own.",
  reviewer: "Decides on findings, and coaches.",
  supervisor: "Also disputes, calibration and reports.",
  admin: "All of that, but for beginning a dispute; these settings too.",
  agent: "Their own calls, once a coach has shared them.",
};

// ── What a form holds ───────────────────────────────────────────────────────────────────

/** How the text of a field becomes a value; undefined leaves it out. */
const KINDS = {
  text: (text) => text.trim(),
  "text-or-none": (text) => text.trim() || null,
  password: (text) => text || undefined,
  number: (text) => Number(text),
  days: (text) => (text ? new Date(Date.now() + Number(text) * DAY_MS).toISOString() : null),
  place: (text) => text.trim().split(/[?#]/)[0].replace(/\/+$/, "").split("/").at(-1),
};

/** All teams is null and none is an empty list, so that neither can stand for the other. */
function teams(choice) {
  if (choice.value === "all") return null;
  if (choice.value === "none") return [];
  const lines = choice.form.querySelector("[data-teams]").value.split("\n");
  return [...new Set(lines.map((line) => line.trim()).filter(Boolean))];
}

function told(form) {
  const body = JSON.parse(form.dataset.body || "{}");
  for (const field of form.elements) {
    if (!field.name || field.closest("[hidden]")) continue;
    const kind = field.dataset.kind || "text";
    if (kind === "many") {
      body[field.name] ??= [];
      if (field.checked) body[field.name].push(field.value);
      continue;
    }
    const value = kind === "teams" ? teams(field) : KINDS[kind](field.value);
    if (value !== undefined) body[field.name] = value;
  }
  return body;
}

/** The first field that is not as it has to be, with what it lacks. */
function missing(form) {
  for (const field of form.elements) {
    if (!field.name || field.closest("[hidden]")) continue;
    if (field.required && !field.value.trim()) return [field, "This is needed."];
    if (field.dataset.kind === "teams" && field.value === "these" && !teams(field).length)
      return [field, "Name a team, or choose all teams or none."];
    if (field.minLength > 0 && field.value && field.value.length < field.minLength)
      return [field, `It needs at least ${field.minLength} characters; it has ${field.value.length}.`];
  }
  for (const group of form.querySelectorAll(".checks"))
    if (!group.querySelector("input:checked"))
      return [group.querySelector("input"), "Choose at least one."];
  return null;
}

function refuse(form, text, field) {
  const error = form.querySelector(".error");
  error.textContent = text;
  error.hidden = false;
  if (!field) return;
  field.setAttribute("aria-invalid", "true");
  error.id ||= `error-${form.closest("dialog")?.id || "form"}`;
  field.setAttribute("aria-errormessage", error.id);
  field.focus();
}

function forgive(form) {
  const error = form.querySelector(".error");
  if (error) error.hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-errormessage");
  }
}

async function submit(form) {
  forgive(form);
  const lack = missing(form);
  if (lack) { refuse(form, lack[1], lack[0]); return; }
  const body = told(form);
  let path = form.dataset.path;
  if (path.includes("{recording}")) {
    path = path.replace("{recording}", encodeURIComponent(body.recording));
    delete body.recording;
  }
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const answer = await send(form.dataset.method, path,
      form.dataset.method === "DELETE" ? undefined : body);
    if (form.dataset.secret) showSecret(answer[form.dataset.secret], form.closest("dialog"));
    else again(form.dataset.said, form.dataset.to);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const name = refusal.field?.split(".")[0];
    refuse(form, refusal.message, name ? form.querySelector(`[name="${CSS.escape(name)}"]`) : null);
  } finally {
    button.disabled = false;
  }
}

/** Shows the page as it is now, and says what was done. */
function again(said, to) {
  sessionStorage.setItem(AFTER, JSON.stringify({ said, focus: opener?.id || null }));
  if (to) location.assign(to);
  else location.reload();
}

// ── Dialogs ─────────────────────────────────────────────────────────────────────────────

let opener = null;

function openDialog(button) {
  const dialog = document.getElementById(button.dataset.open);
  const form = dialog.querySelector("form");
  opener = button;
  form.reset();
  forgive(form);
  if (button.dataset.path) form.dataset.path = button.dataset.path;
  for (const place of dialog.querySelectorAll("[data-fill]"))
    place.textContent = button.dataset[place.dataset.fill];
  for (const select of dialog.querySelectorAll("[data-roles]")) fitRole(select);
  for (const reveal of dialog.querySelectorAll("[data-reveal]")) show(reveal, false);
  dialog.showModal();
}

const secret = document.getElementById("secret");

function showSecret(text, before) {
  before?.close();
  const field = document.getElementById("secret-text");
  field.value = text;
  secret.showModal();
  field.select();
}

if (secret) {
  const field = document.getElementById("secret-text");
  const said = document.getElementById("secret-told");
  document.getElementById("secret-copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied.";
    } catch {
      field.focus();
      field.select();
      said.textContent = "This browser does not let a page copy. The text is selected: press Ctrl+C.";
    }
  });
  // Escape would lose what is shown this once. Browsers let nobody refuse its second press,
  // but where the key itself was taken.
  const stay = (event) => {
    event.preventDefault();
    said.textContent = "Keep the text first, then press “I have kept it”.";
  };
  secret.addEventListener("cancel", stay);
  document.addEventListener("keydown", (event) => { if (secret.open && event.key === "Escape") stay(event); });
  secret.addEventListener("close", () => { field.value = ""; again(null); });
}

// ── Fields ──────────────────────────────────────────────────────────────────────────────

function fitRole(select) {
  const form = select.form;
  for (const each of form.querySelectorAll("[data-for-roles]"))
    each.hidden = !each.dataset.forRoles.split(" ").includes(select.value);
  form.querySelector("[data-role-says]").textContent = ROLES[select.value];
  fitTeams(form.querySelector("[data-kind=teams]"));
}

function fitTeams(choice) {
  const names = choice.form.querySelector("[data-teams]").closest(".field");
  names.hidden = choice.value !== "these" || Boolean(choice.closest("[hidden]"));
}

function show(button, shown) {
  button.closest(".joined").querySelector("input").type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  button.textContent = shown ? "Hide" : "Show";
}

function suggested() {
  const numbers = crypto.getRandomValues(new Uint32Array(20));
  return Array.from(numbers, (number) => LETTERS[number % LETTERS.length]).join("");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("open" in button.dataset) openDialog(button);
  else if ("close" in button.dataset) button.closest("dialog").close();
  else if ("reveal" in button.dataset) show(button, button.getAttribute("aria-pressed") !== "true");
  else if ("suggest" in button.dataset) {
    button.closest(".joined").querySelector("input").value = suggested();
    show(button.closest(".joined").querySelector("[data-reveal]"), true);
  }
});
for (const dialog of document.querySelectorAll("dialog"))
  dialog.addEventListener("close", () => opener?.focus());
for (const select of document.querySelectorAll("[data-roles]")) {
  select.addEventListener("change", () => fitRole(select));
  fitRole(select);
}
for (const choice of document.querySelectorAll("[data-kind=teams]"))
  choice.addEventListener("change", () => fitTeams(choice));
for (const form of document.querySelectorAll("form[data-method]"))
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(form); });

// ── Retention ───────────────────────────────────────────────────────────────────────────

const rules = document.getElementById("rules");
const PARTS = { audio: "the sound", transcript: "the words", analysis: "the findings", recording: "everything" };

rules?.addEventListener("submit", async (event) => {
  event.preventDefault();
  forgive(rules);
  const days = {};
  for (const kind of Object.keys(PARTS)) {
    const field = rules.elements[kind];
    if (!field.validity.valid) {
      refuse(rules, "Give whole days, 1 to 36,500, or leave it blank.", field);
      return;
    }
    days[kind] = field.value ? Number(field.value) : null;
  }
  const given = Object.entries(days).filter(([, number]) => number !== null);
  const path = "/v1/privacy/retention";
  try {
    const asked = new URLSearchParams(given.map(([kind, number]) => [kind, String(number)]));
    const answer = given.length ? await send("GET", `${path}/upcoming?${asked}`) : { items: [] };
    const takes = answer.items.filter((each) => each.due > 0);
    if (!takes.length) {
      await send("PUT", path, days);
      again("Saved. Nothing is deleted by that now.");
      return;
    }
    document.getElementById("confirm-takes").replaceChildren(...takes.map((each) => {
      const line = document.createElement("li");
      const calls = each.due === 1 ? "1 call" : `${each.due.toLocaleString("en")} calls`;
      line.textContent = `Within the hour ${PARTS[each.kind]} of ${calls}: received more than ${each.days} days ago.`;
      return line;
    }));
    const dialog = document.getElementById("confirm-rules");
    const form = dialog.querySelector("form");
    form.dataset.body = JSON.stringify(days);
    forgive(form);
    opener = rules.querySelector("[type=submit]");
    dialog.showModal();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    refuse(rules, refusal.message, rules.elements[refusal.field] ?? null);
  }
});

// ── Webhooks ────────────────────────────────────────────────────────────────────────────

const test = document.getElementById("test");
test?.addEventListener("click", async () => {
  const says = document.getElementById("test-answer");
  test.disabled = true;
  says.textContent = "Sending…";
  try {
    const went = await send("POST", test.dataset.path);
    says.textContent = went.arrived
      ? `It arrived: the target answered ${went.status} in ${went.seconds.toFixed(2)} s.`
      : `It did not arrive. ${went.error}`;
    says.classList.toggle("said-bad", !went.arrived);
    const log = document.getElementById("deliveries");
    const found = await part(log.dataset.path);
    if (found.ok) place(log, found.text);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    says.textContent = refusal.message;
    says.classList.add("said-bad");
  } finally {
    test.disabled = false;
    test.focus();
  }
});

// ── What was done before the page was shown again ───────────────────────────────────────

const after = JSON.parse(sessionStorage.getItem(AFTER) || "null");
if (after) {
  sessionStorage.removeItem(AFTER);
  if (after.said) toast(after.said);
  // Who works by keyboard goes on where they were.
  (document.getElementById(after.focus) ?? document.getElementById("main")).focus();
}
