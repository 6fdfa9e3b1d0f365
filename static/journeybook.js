// Small comforts; every page works without them.

// The account menu closes on Escape and on a press elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.account[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.account[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// One key for the search: "/" leads to its box, or to its page where none is shown. It can be turned off there.
const slashIsOff = () => localStorage.getItem("slash") === "off";
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || slashIsOff()) return;
  if (event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]")) return;
  event.preventDefault();
  const box = document.querySelector("[data-find]");
  if (!box?.checkVisibility()) return void document.querySelector(".find-link")?.click();
  box.focus();
  box.select();
});
for (const choice of document.querySelectorAll("[data-slash]")) {
  choice.checked = !slashIsOff();
  choice.addEventListener("change", () => localStorage.setItem("slash", choice.checked ? "on" : "off"));
}

// Steppers: <div class="stepper"><button type="button" data-step="-30">...<input>...; minutes shown as h:mm.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const input = button.parentElement.querySelector("input");
  const [, hours, minutes] = /^\s*(\d*):(\d\d)\s*$/.exec(input.value) || [];
  const typed = hours === undefined ? Math.round((parseFloat(input.value.replace(",", ".")) || 0) * 60) : Number(hours) * 60 + Number(minutes);
  const total = Math.min(24 * 60, Math.max(0, typed + Number(button.dataset.step)));
  input.value = `${Math.floor(total / 60)}:${String(total % 60).padStart(2, "0")}`;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

// Copy buttons: <button data-copy="#id">.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
  button.textContent = "Copied";
});

// A form is sent once, however often the button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
const sendAnew = () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
};
window.addEventListener("pageshow", sendAnew);

// Without signal the service worker leaves the page as it is, and this says what became of the press.
navigator.serviceWorker?.addEventListener("message", ({ data }) => {
  if (data !== "not-sent") return;
  sendAnew();
  document.querySelector(".not-sent")?.remove();
  const words = "No signal: nothing was sent. What you typed is still here. Press again when the signal is back.";
  const note = Object.assign(document.createElement("p"), { className: "note note-wait not-sent", textContent: words });
  note.setAttribute("role", "alert");
  document.body.append(note);
});
window.addEventListener("online", () => document.querySelector(".not-sent")?.remove());

// After a refusal the page begins at the first field that was refused.
document.querySelector('main [aria-invalid="true"]')?.focus();

// What can be undone for some seconds is offered no longer.
for (const offer of document.querySelectorAll("[data-gone-after]")) {
  setTimeout(() => offer.remove(), Number(offer.dataset.goneAfter) * 1000);
}

// The time zone of this device, offered where a person has not chosen one yet.
for (const select of document.querySelectorAll("select[data-guess-zone]")) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === here)) select.value = here;
}

// Print buttons: <button class="only-js" data-print>.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});

// Minutes as typed, only for running totals; the server reads what is typed by its own rules.
const minutesOf = (text) => {
  const typed = text.trim().toLowerCase().replace(",", ".");
  const clock = /^(\d*)(?::|h| h )(\d{1,2})\s?m?$/.exec(typed);
  if (clock) return Number(clock[1]) * 60 + Number(clock[2]);
  const number = /^(\d*\.?\d*)\s*(h|hrs?|hours?|m|min|minutes)?$/.exec(typed);
  if (!number || !number[1]) return 0;
  const value = Number(number[1]);
  const inMinutes = number[2] ? number[2].startsWith("m") : value > 24 && !number[1].includes(".");
  return Math.round(inMinutes ? value : value * 60);
};
