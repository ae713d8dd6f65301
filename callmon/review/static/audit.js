// Days are chosen in the viewer's zone and sent as moments; a call by its address or id.

const form = document.getElementById("audit");
const begin = form.querySelector("[data-begin]");
const end = form.querySelector("[data-end]");

/** The first moment of a day here, or of the one after. */
function moment(day, later) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

function dayOf(text, earlier) {
  const at = new Date(text);
  if (!text || Number.isNaN(at.getTime())) return "";
  at.setMilliseconds(at.getMilliseconds() - earlier);
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

begin.value = dayOf(form.elements.since.value, 0);
end.value = dayOf(form.elements.until.value, 1);
begin.addEventListener("change", () => {
  form.elements.since.value = begin.value ? moment(begin.value, 0) : "";
});
end.addEventListener("change", () => {
  form.elements.until.value = end.value ? moment(end.value, 1) : "";
});
form.addEventListener("submit", () => {
  const call = form.elements.recording_id;
  call.value = call.value.trim().split(/[?#]/)[0].replace(/\/+$/, "").split("/").at(-1);
  // What is blank need not stand in the address.
  for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
});
window.addEventListener("pageshow", () => {
  for (const field of form.elements) field.disabled = false;
});
