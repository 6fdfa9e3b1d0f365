// The copy of the logbook that this device keeps: asked for while there is signal, read when there is none.

import { all, here, lock, one, putOne, remove, unlock } from "./store.js";

const PATIENCE = 8_000; // milliseconds until a device that only wants to open its logbook goes on without an answer
const FRESH = 120_000; // milliseconds for which it is not asked for again without a reason

/** Who is signed in, by the key that is here for this session, else as the server says. */
export async function meet(session) {
  return (await here(session)) ?? introduce();
}

/** Who is signed in, as the server says: takes their key, and deletes that of anybody else. Null for nobody. */
export async function introduce() {
  const before = await here();
  const answer = await fetch("/offline/device/", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new TypeError("no answer");
  const device = await answer.json();
  if (device.owner) return unlock(device);
  if (before) await lock(before);
  return null;
}

/** Asks for the logbook anew, if it is not fresh or something was done a moment ago. Returns it as it is kept. */
export async function refresh(me, { now = false } = {}) {
  const known = await one(me, "logbook");
  if (known && !now && Date.now() - known.at < FRESH) return known;
  const answer = await fetch("/offline/logbook/", { cache: "no-store" });
  const words = answer.ok ? await answer.json() : {};
  if (!words.name) return known; // signed out a moment ago, perhaps on another page
  const book = { ...words, at: Date.now() };
  await putOne(me, "logbook", book, { ifHere: true }); // not after signing out, though it was asked for before
  await dropSigned(me, book);
  return book;
}

/** When `code` was signed last for somebody, by who reads this; "" for never. The server's time, only to compare. */
export function lastSigned(book, uid, code) {
  return book?.signing?.people.find((person) => person.uid === uid)?.signed[code] ?? "";
}

// A draft has done its part when its competency was signed after it was made.
async function dropSigned(me, book) {
  for (const draft of await all(me, "rating")) {
    if (lastSigned(book, draft.uid, draft.code) !== draft.before) await remove(draft.n);
  }
}
