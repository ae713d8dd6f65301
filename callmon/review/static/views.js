// Saved views: filters under a name, to be opened, renamed and deleted.

import { isKeyOff, isWriting, part, send, toast } from "./app.js";

const dialog = document.getElementById("views");
const form = document.getElementById("view-form");
const error = document.getElementById("view-error");
const path = (id) => `/v1/views/${encodeURIComponent(id)}`;

/** Both lists as they are now. */
async function refresh() {
  const { page, query } = dialog.dataset;
  const { text, ok } = await part(`/views?${new URLSearchParams({ page, query })}`);
  if (!ok) return;
  const held = document.createElement("template");
  held.innerHTML = text;
  for (const id of ["view-chips", "view-list"])
    document.getElementById(id).replaceWith(held.content.getElementById(id));
}

async function change(act, said) {
  error.hidden = true;
  try {
    await act();
    await refresh();
    toast(said);
    return true;
  } catch (refusal) {
    error.textContent = refusal.message;
    error.hidden = false;
    return false;
  }
}

function rename(row) {
  const line = document.createElement("form");
  line.className = "view-form";
  const field = document.createElement("input");
  field.value = row.dataset.name;
  field.maxLength = 200;
  field.required = true;
  field.setAttribute("aria-label", "New name");
  const save = document.createElement("button");
  save.className = "button";
  save.textContent = "Rename";
  line.append(field, save);
  const before = [...row.childNodes];
  row.replaceChildren(line);
  field.select();
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    row.replaceChildren(...before);
    row.querySelector("[data-rename]").focus();
  });
  line.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { view, query, team } = row.dataset;
    const body = { name: field.value, query, team: team || null };
    if (await change(() => send("PUT", path(view), body), "Renamed."))
      document.querySelector(`[data-view="${CSS.escape(view)}"] [data-rename]`)?.focus();
  });
}

function open() {
  error.hidden = true;
  dialog.showModal();
  (form?.elements.name ?? dialog.querySelector("a, button")).focus();
}

if (dialog) {
  document.getElementById("show-views").addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "v" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isKeyOff(event) || isWriting(event) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    open();
  });
  dialog.addEventListener("click", (event) => {
    const row = event.target.closest("[data-view]");
    if (!row) return;
    if (event.target.closest("[data-rename]")) rename(row);
    else if (event.target.closest("[data-delete]"))
      change(() => send("DELETE", path(row.dataset.view)), "Deleted.").then(() =>
        dialog.querySelector("[data-delete], #view-form input, form[method=dialog] button").focus());
  });
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { page, query } = dialog.dataset;
    const name = form.elements.name.value;
    const team = form.elements.team?.value.trim() || null;
    if (await change(() => send("POST", "/v1/views", { page, query, name, team }), "Kept.")) {
      form.reset();
      dialog.close();
    }
  });
}
