// On every page: who is signed in gets the key to what this device keeps, sees what waits, and is asked at sign-out.
// Pages work without it; nothing is kept then.

import { meet, refresh } from "./logbook.js";
import { counts, discard, here, lock, lockIfOpen, onChange } from "./store.js";

const { session } = document.documentElement.dataset;
const strip = document.querySelector("[data-unsent]");

const some = (number, what, many) => `${number} ${number === 1 ? what : many}`;

async function show(me) {
  const [entries, ratings] = [await counts(me, "entry"), await counts(me, "rating")];
  const attention = (entries.refused ?? 0) + (entries.conflict ?? 0);
  const words = [
    entries.waiting && `${some(entries.waiting, "entry", "entries")} waiting to be sent`,
    attention && `${some(attention, "entry needs", "entries need")} you`,
    ratings.all && `${some(ratings.all, "sign-off", "sign-offs")} ready to sign`,
  ].filter(Boolean);
  strip.hidden = !words.length;
  strip.querySelector("[data-words]").textContent = words.join(" · ");
}

async function send(me) {
  if (!navigator.onLine || !(await counts(me, "entry")).waiting) return;
  const { sendAll } = await import("./queue.js");
  const told = await sendAll().catch(() => null);
  if (told?.sent) await refresh(me, { now: true });
}

async function start() {
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/sw.js", { type: "module", updateViaCache: "none" }).catch(() => {});
  }
  const me = await meet(session);
  if (!me) return;
  if (document.querySelector("form.signing")) (await import("./signing.js")).start(me);
  if (document.querySelector("form[data-day]")) (await import("./typed.js")).start(me);
  onChange(() => show(me).catch(() => {}));
  addEventListener("online", () => send(me));
  await show(me);
  await send(me);
  await refresh(me, { now: Boolean(document.querySelector("main .messages")) }); // something was done a moment ago
}

// Signing out asks when something was not sent; otherwise it deletes the key first.
async function leave(form, wish) {
  const me = await here();
  if (!navigator.onLine) return say("Signing out needs signal. What you wrote is safe; try again when it is back.");
  const left = me ? (await counts(me, "entry")).all : 0;
  if (left && !wish) return ask(form, left);
  if (wish === "send" && !(await sent(me))) return;
  if (wish === "discard") await discard(me);
  await lock();
  form.submit();
}

function ask(form, left) {
  const question = document.querySelector("[data-unsent-question]");
  if (!question) return location.assign(form.action);
  question.hidden = false;
  question.querySelector("[data-left]").textContent = some(left, "entry is", "entries are");
  document.querySelector("[data-plain-leave]").hidden = true;
}

async function sent(me) {
  const { sendAll } = await import("./queue.js");
  const told = await sendAll().catch(() => null);
  const { all } = await counts(me, "entry");
  if (!all) return true;
  say(told ? "Some could not be sent. Open them and see why, or keep them for you." : "There is no signal now. Keep them for you, or stay.");
  return false;
}

function say(words) {
  const place = document.querySelector("[data-unsent-said]") ?? strip;
  place.hidden = false;
  (place.querySelector("[data-words]") ?? place).textContent = words;
}

document.addEventListener("submit", (event) => {
  if (new URL(event.target.action).pathname !== "/accounts/logout/") return;
  event.preventDefault();
  event.stopPropagation();
  leave(event.target, event.submitter?.value).catch(() => event.target.submit());
}, { capture: true });

if (session) {
  start().catch(() => {}); // no signal, or a browser that keeps nothing
  const leaving = document.querySelector("[data-leave]");
  if (leaving) here(session).then(async (me) => {
    const left = me ? (await counts(me, "entry")).all : 0;
    if (left) ask(leaving, left);
  });
} else {
  lockIfOpen();
}
