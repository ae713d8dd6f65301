// A call is asked for by its address or id.

const form = document.getElementById("audit");
form.addEventListener("submit", () => {
  const call = form.elements.recording_id;
  call.value = call.value.trim().split(/[?#]/)[0].replace(/\/+$/, "").split("/").at(-1);
  // What is blank need not stand in the address.
  for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
});
window.addEventListener("pageshow", () => {
  for (const field of form.elements) field.disabled = false;
});
