// Days are chosen in the viewer's zone and sent as moments.

const begin = document.querySelector("[data-begin]");
const end = document.querySelector("[data-end]");
const { since, until } = begin.form.elements;

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

begin.value = dayOf(since.value, 0);
end.value = dayOf(until.value, 1);
begin.addEventListener("change", () => {
  since.value = begin.value ? moment(begin.value, 0) : "";
});
end.addEventListener("change", () => {
  until.value = end.value ? moment(end.value, 1) : "";
});
