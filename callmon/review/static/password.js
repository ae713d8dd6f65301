// Changes one's own password.

import { send } from "./app.js";

const SHORTEST = 12; // characters, as the API has it

const form = document.getElementById("password");
const error = document.getElementById("error");
const done = document.getElementById("done");

function refuse(text, field) {
  error.textContent = text;
  error.hidden = false;
  for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { present, password } = form.elements;
  done.textContent = "";
  if (!present.value) { refuse("Enter the password that you have now.", present); return; }
  if ([...password.value].length < SHORTEST) {
    refuse(`The new password needs at least ${SHORTEST} characters.`, password);
    return;
  }
  if (password.value === present.value) { refuse("This is the password that you have now. Choose another one.", password); return; }
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    await send("PUT", "/v1/me/password", { present: present.value, password: password.value });
    refuse("");
    error.hidden = true;
    form.reset();
    tellReveal();
    done.textContent = "Your password is changed. Wherever else you were signed in, you are signed out.";
  } catch (refusal) {
    refuse(refusal.field === "present" ? "This is not the password that you have now." : refusal.message, form.elements[refusal.field]);
  }
  button.disabled = false;
});

const reveal = document.getElementById("reveal");
function tellReveal() {
  for (const name of ["present", "password"]) form.elements[name].type = reveal.checked ? "text" : "password";
}
reveal?.addEventListener("change", tellReveal);
