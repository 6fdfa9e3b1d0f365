// The copy of the logbook that this device keeps: asked for while there is signal, read when there is none.

import { all, one, putOne, remove } from "./store.js";

const FRESH = 120_000; // milliseconds for which it is not asked for again without a reason

/** Asks for the logbook anew, if it is not fresh or something was done a moment ago. Returns it as it is kept. */
export async function refresh(me, { now = false } = {}) {
  const known = await one(me, "logbook");
  if (known && !now && Date.now() - known.at < FRESH) return known;
  const answer = await fetch("/offline/logbook/", { cache: "no-store" });
  if (!answer.ok) return known;
  const book = { ...(await answer.json()), at: Date.now() };
  await putOne(me, "logbook", book);
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
