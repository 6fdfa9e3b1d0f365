// Entries that wait to be sent: each goes out once, in the order in which it was written.
// Used by the pages and by the service worker; whoever sends holds a lock, so that two never send the same.

import { all, counts, here, lock, one, put, putOne, remove } from "./store.js";

export { announce } from "./store.js";

const AT_ONCE = 50; // entries of one request, as ojt_logs/api/batch.py takes them
const PATIENCE = 30_000; // milliseconds until no answer counts as no signal
const REMEMBERED = 400; // names of entries that went out, so that they are not taken for changes by others

/** A random name for an entry, by which the server knows it when it comes twice. */
export const newUid = () => crypto.randomUUID();

/** Keeps an entry until it is sent; asks the browser to send it when the signal is back, also without this page. */
export async function add(me, entry) {
  const written = { ...entry, client_uid: entry.client_uid ?? newUid(), device_at: new Date().toISOString(), replaces: false };
  const n = await put(me, "entry", written, { state: "waiting" });
  navigator.storage?.persist?.();
  (await navigator.serviceWorker?.getRegistration())?.sync?.register("send").catch(() => {});
  return n;
}

/** Says an entry anew, after a refusal or a conflict or on second thoughts. It keeps its place and its name. */
export function change(me, n, entry) {
  return alone(() => put(me, "entry", { ...entry, errors: [], others: [] }, { n, state: "waiting" }));
}

/** Takes an entry back for good. */
export function drop(n) {
  return alone(() => remove(n));
}

/** Sends what waits. Tells `{sent, refused, conflict, ended, problem}`; throws TypeError where there is no signal. */
export function sendAll() {
  return alone(send);
}

// What is on its way is neither changed nor sent again before its answer is here.
function alone(act) {
  return navigator.locks.request("journeybook-send", act);
}

async function send() {
  const told = { sent: 0, refused: 0, conflict: 0 };
  const me = await here();
  if (!me || !(await counts(me, "entry")).waiting) return told;
  const csrf = await greet(me);
  if (!csrf) return { ...told, ended: true };
  for (;;) {
    const batch = (await all(me, "entry")).filter((entry) => entry.state === "waiting").slice(0, AT_ONCE);
    if (!batch.length) return told;
    const answer = await post(csrf, batch, (await one(me, "sent"))?.uids ?? []);
    if (!answer.ok) return { ...told, problem: (await answer.json().catch(() => ({}))).detail ?? "The server does not answer." };
    await settle(me, batch, await answer.json(), told);
  }
}

// Only to the person whose entries they are: whoever else is signed in by now gets nothing, and the key goes.
async function greet(me) {
  const answer = await fetch("/offline/device/", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new TypeError("no answer");
  const device = await answer.json();
  if (device.owner === me.owner) return device.csrf;
  await lock(me);
  return null;
}

function post(csrf, batch, ours) {
  const entries = batch.map(({ fields, apprentice, date, minutes, note, client_uid, device_at, seen, replaces }) => (
    { ...fields, apprentice, date, minutes, note, client_uid, device_at, seen, replaces }));
  return fetch("/api/v1/hours/batch/", {
    method: "POST",
    signal: AbortSignal.timeout(PATIENCE),
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify({ entries, ours, sent_at: new Date().toISOString() }),
  });
}

async function settle(me, batch, { results, clock_ahead }, told) {
  const byName = new Map(results.map((row) => [row.client_uid, row]));
  const done = batch.filter((entry) => ["saved", "there"].includes(byName.get(entry.client_uid)?.result));
  const uids = [...((await one(me, "sent"))?.uids ?? []), ...done.map((entry) => entry.client_uid)].slice(-REMEMBERED);
  await putOne(me, "sent", { uids, clock_ahead });
  await remove(...done.map((entry) => entry.n));
  told.sent += done.length;
  for (const { n, state, ...entry } of batch.filter((entry) => !done.includes(entry))) {
    const { result, errors, others, id } = byName.get(entry.client_uid);
    await put(me, "entry", { ...entry, errors, others, id }, { n, state: result });
    told[result] += 1;
  }
}
