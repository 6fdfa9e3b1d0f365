// On the page of signing: a draft that was made without signal fills the page, and what is rated while the signal is
// lost becomes one. Nothing is ever signed from here.

import { all, one, put, remove } from "./store.js";
import { lastSigned } from "./logbook.js";

const NEVER = ["csrfmiddlewaretoken", "key", "step", "password"];
const form = document.querySelector("form.signing");
const uid = /\/apprentices\/([^/]+)\/sign\//.exec(location.pathname)?.[1];
const said = document.querySelector("[data-draft]");
let me;

const own = async () => (await all(me, "rating")).find((draft) => draft.uid === uid && draft.code === said.dataset.draft);

export async function start(owner) {
  me = owner;
  if (!said) return;
  const draft = await own();
  if (draft && !form.querySelector(".rate input:checked")) fill(draft); // else the page says what was typed since
  said.querySelector("button").addEventListener("click", drop);
  form.addEventListener("change", () => { if (!navigator.onLine) keep(); });
  form.addEventListener("submit", wait, { capture: true });
}

function fill(draft) {
  for (const [name, value] of Object.entries(draft.fields)) {
    if (form.elements[name] && !NEVER.includes(name)) form.elements[name].value = value;
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
  tell("This is what you rated without signal. Nothing is signed yet.");
}

function tell(words) {
  said.querySelector("span").textContent = words;
  said.hidden = false;
}

async function drop() {
  await remove((await own()).n);
  location.assign(location.pathname);
}

async function keep() {
  const [draft, book] = [await own(), await one(me, "logbook")];
  const fields = Object.fromEntries([...new FormData(form)].filter(([name]) => !NEVER.includes(name)));
  const { name, title } = said.dataset;
  const words = { uid, code: said.dataset.draft, name, title, fields, at: new Date().toISOString() };
  await put(me, "rating", { ...words, before: draft?.before ?? lastSigned(book, uid, words.code) }, { n: draft?.n });
  tell("There is no signal. What you rate is kept on this device; sign when the signal is back.");
}

function wait(event) {
  if (navigator.onLine) return;
  event.preventDefault();
  event.stopPropagation();
  keep();
}
