// The page without signal. It holds nobody's data: what it shows comes from the encrypted store of this device, and
// only while the session goes on in which the key was given.

import { here, lock, one, onChange } from "./store.js";
import { introduce, refresh } from "./logbook.js";
import { find, say } from "./parts.js";
import { sendAll } from "./queue.js";
import { renew, startDay } from "./day.js";
import { startWaiting } from "./waiting.js";
import { startRatings } from "./ratings.js";

const AGAIN = 30_000; // milliseconds between tries where the browser takes the signal for back and it is not
const cookie = /(?:^|; )device=([0-9a-f]+)/.exec(document.cookie)?.[1] ?? "";

function showSignal() {
  for (const state of document.querySelectorAll("[data-signal]")) state.hidden = (state.dataset.signal === "on") !== navigator.onLine;
  find("send").disabled = !navigator.onLine;
}

const some = (number, what, many) => `${number} ${number === 1 ? what : many}`;

async function send() {
  if (!navigator.onLine) return;
  const told = await sendAll().catch(() => null);
  if (!told) return say("There is no signal now. What you wrote waits here and goes out by itself.");
  if (told.ended) return close();
  await report(told);
}

// What became of what was sent, from here or by the service worker.
async function report({ sent, refused, conflict, problem }) {
  if (problem) return say(`${problem} Nothing is lost.`, "note-wait");
  if (sent) await update();
  const attention = refused + conflict;
  if (attention) return say(`${sent ? `${sent} sent. ` : ""}${some(attention, "entry needs", "entries need")} you: look below.`, "note-wait");
  if (sent) say(`${some(sent, "entry was", "entries were")} sent. They are drafts of your week now.`, "note-ok", { week: true });
}

// What stands on the last days, after some of it came from here.
async function update() {
  const me = await here();
  const book = me && (await refresh(me, { now: true }).catch(() => null));
  if (book?.registrations.length) renew(book);
}

function close() {
  for (const part of document.querySelectorAll("[data-day-form], [data-queue], [data-attention], [data-signing]")) part.hidden = true;
  find("who").textContent = "";
  find("closed").hidden = false;
}

async function start() {
  showSignal();
  for (const name of ["online", "offline"]) addEventListener(name, showSignal);
  const me = navigator.onLine ? await introduce().catch(() => here(cookie)) : await here(cookie);
  const book = me && ((await one(me, "logbook")) ?? (await refresh(me).catch(() => null)));
  if (!book) {
    if (!cookie) await lock();
    return close();
  }
  find("who").textContent = book.name;
  if (book.registrations.length) await startDay(me, book);
  await startWaiting(me, book);
  if (book.signing) await startRatings(me, book);
  find("filled").hidden = false; // all at once: nothing moves under a hand
  onChange(async ({ data }) => {
    if (data?.ended) return close();
    await startWaiting(me, book);
    if (data?.sent !== undefined) await report(data);
  });
  find("send").addEventListener("click", send);
  for (const moment of ["online", "send"]) addEventListener(moment, send);
  setInterval(() => { if (!find("queue").hidden) send(); }, AGAIN);
  await send();
}

start();
