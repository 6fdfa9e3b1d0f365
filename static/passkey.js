// Passkeys: django-allauth's scripts do the work; this leads from our pages to them. Without any of it the
// page says so, and every page has another way.

const credentials = document.getElementById("id_credential");
const button = document.getElementById("passkey");
const asks = document.querySelector("[data-passkey]");

const able = credentials && button && window.webauthnJSON?.supported() && window.isSecureContext;

if (asks?.hidden && !able) {
  asks.remove(); // one way of several: who cannot go it is not told of it
} else if (asks && !able) {
  for (const note of asks.querySelectorAll("[data-passkey-missing]")) note.hidden = false;
  button?.remove();
} else if (asks) {
  button.hidden = asks.hidden = false;
  const ids = { add: button.id, authenticate: button.id, login: button.id, credential: credentials.id, passwordless: "id_passwordless" };
  const data = asks.dataset.options && JSON.parse(asks.dataset.options);
  window.allauth.webauthn.forms[asks.dataset.passkey]({ ids, data });
  // Enter in a field would send the form without what the device makes.
  asks.addEventListener("submit", (event) => {
    if (credentials.value) return;
    event.preventDefault();
    button.click();
  });
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    for (const note of asks.querySelectorAll("[data-passkey-problem]")) note.hidden = false;
  });
}
