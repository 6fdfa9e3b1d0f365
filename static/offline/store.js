// What this device keeps, encrypted (AES-GCM) in IndexedDB. The key comes from the server for one session, cannot be
// read out again, and is deleted when the session ends; what it encrypted stays unreadable until the same person
// signs in again. Beside the encrypted words stand only: a number, a random name of the owner, what kind it is, and
// whether it still waits.

const REQUESTED = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const FLAG = "device"; // in localStorage while there is a key to delete
const changes = new BroadcastChannel("journeybook");

async function within(mode, act) {
  const opening = indexedDB.open("journeybook", 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("key", { keyPath: "id" });
    opening.result.createObjectStore("sealed", { keyPath: "n", autoIncrement: true }).createIndex("of", ["owner", "kind"]);
  };
  const base = await REQUESTED(opening);
  try {
    const work = base.transaction(["key", "sealed"], mode, { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      work.oncomplete = resolve;
      work.onabort = work.onerror = () => reject(work.error);
    });
    const result = await act(work.objectStore("sealed"), work.objectStore("key"));
    await done;
    return result;
  } finally {
    base.close();
  }
}

/** Calls `listener` whenever another page, the worker or this page has changed what is kept. */
export function onChange(listener) {
  changes.addEventListener("message", listener);
  addEventListener("kept", listener);
}

/** Tells every open page. */
export function announce(what) {
  changes.postMessage(what);
}

function tell() {
  changes.postMessage("kept");
  if (typeof document !== "undefined") dispatchEvent(new Event("kept"));
}

/** Who may read here: `{owner, session, key}`, or null. With `session`, only while it is the one of the key. */
export async function here(session) {
  const found = await within("readonly", (sealed, key) => REQUESTED(key.get("here")));
  return found && (session === undefined || found.session === session) ? found : null;
}

/** Takes the key that the server gave: from now on it can be used and no longer be read. */
export async function unlock({ owner, session, key }) {
  const bytes = Uint8Array.from(atob(key), (sign) => sign.charCodeAt(0));
  const usable = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  const earlier = await here();
  if (earlier && earlier.owner !== owner) await wipe(earlier); // the cookie is the newcomer's already
  await within("readwrite", (sealed, keys) => REQUESTED(keys.put({ id: "here", owner, session, key: usable })));
  if (typeof localStorage !== "undefined") localStorage.setItem(FLAG, "1");
  return here();
}

// With `only`, nothing if somebody else has come in since: their key is theirs.
function wipe(only) {
  return within("readwrite", async (sealed, keys) => {
    const me = await REQUESTED(keys.get("here"));
    if (only && me?.session !== only.session) return false;
    keys.clear();
    const copies = me ? await REQUESTED(sealed.index("of").getAllKeys([me.owner, "logbook"])) : [];
    for (const n of copies) sealed.delete(n);
    return true;
  });
}

/** Deletes the key (`only` that of this one) and what nobody needs to keep: the copy of the logbook. What waits stays,
 * unreadable. */
export async function lock(only) {
  if (!(await wipe(only))) return;
  if (typeof localStorage !== "undefined") localStorage.removeItem(FLAG);
  if (typeof document !== "undefined") document.cookie = "device=; max-age=0; path=/; samesite=lax";
  tell();
}

/** As `lock`, on a page of nobody; opens nothing where nothing was ever kept. */
export async function lockIfOpen() {
  if (localStorage.getItem(FLAG)) await lock();
}

function bound(owner, kind) {
  return new TextEncoder().encode(`${owner} ${kind}`);
}

/** Keeps `value`: anew, or in the place of number `n`. Returns its number. `ifHere`: unless the key is gone meanwhile. */
export async function put(me, kind, value, { n, state = "", ifHere = false } = {}) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const words = new TextEncoder().encode(JSON.stringify(value));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound(me.owner, kind) }, me.key, words);
  const row = { owner: me.owner, kind, state, iv, data, ...(n && { n }) };
  const number = await within("readwrite", async (sealed, keys) => {
    const gone = ifHere && (await REQUESTED(keys.get("here")))?.session !== me.session;
    return gone ? null : REQUESTED(sealed.put(row));
  });
  tell();
  return number;
}

async function open(me, row) {
  const how = { name: "AES-GCM", iv: row.iv, additionalData: bound(me.owner, row.kind) };
  const words = await crypto.subtle.decrypt(how, me.key, row.data);
  return { ...JSON.parse(new TextDecoder().decode(words)), n: row.n, state: row.state };
}

/** Everything of a kind, readable, in the order in which it was written. */
export async function all(me, kind) {
  const rows = await within("readonly", (sealed) => REQUESTED(sealed.index("of").getAll([me.owner, kind])));
  return Promise.all(rows.map((row) => open(me, row)));
}

/** The one of a kind, or null. */
export async function one(me, kind) {
  return (await all(me, kind)).at(-1) ?? null;
}

/** Keeps `value` as the only one of its kind. */
export async function putOne(me, kind, value, how = {}) {
  return put(me, kind, value, { ...how, n: (await one(me, kind))?.n });
}

/** How many there are of a kind, by state; nothing is decrypted for it. */
export async function counts(me, kind) {
  const rows = await within("readonly", (sealed) => REQUESTED(sealed.index("of").getAll([me.owner, kind])));
  const found = { all: rows.length };
  for (const { state } of rows) found[state] = (found[state] ?? 0) + 1;
  return found;
}

export async function remove(...numbers) {
  await within("readwrite", (sealed) => { for (const n of numbers) sealed.delete(n); });
  tell();
}

/** Deletes everything of this person. */
export async function discard(me) {
  await within("readwrite", async (sealed) => {
    const all = IDBKeyRange.bound([me.owner, ""], [me.owner, "\uffff"]);
    for (const n of await REQUESTED(sealed.index("of").getAllKeys(all))) sealed.delete(n);
  });
  tell();
}
