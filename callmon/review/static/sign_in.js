import { send } from "./app.js";

const form = document.getElementById("sign-in");
const error = document.getElementById("error");
const button = form.querySelector("button[type=submit]");

function tell(text) {
  error.textContent = text;
  error.hidden = false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const login = form.elements.login.value;
  const password = form.elements.password.value;
  if (!login || !password) {
    tell("Enter your login and your password.");
    (login ? form.elements.password : form.elements.login).focus();
    return;
  }
  button.disabled = true;
  error.hidden = true;
  try {
    await send("POST", "/v1/session", { login, password });
    location.assign(form.dataset.then);
  } catch (refusal) {
    tell(refusal.status === 401
      ? "This login with this password is not known. Check both; upper and lower case count in the password."
      : refusal.message);
    form.elements.password.select();
    button.disabled = false;
  }
});
