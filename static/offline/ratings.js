// A mentor's ratings without signal: drafts on this device. They are signed on the page of signing, with signal.

import { all, put, remove } from "./store.js";
import { lastSigned } from "./logbook.js";
import { clock, find, pattern, say, today } from "./parts.js";

const form = find("rating-form");
const field = (name) => form.elements[name];
let me, book, signing, zone;

export async function startRatings(owner, logbook) {
  [me, book, signing, zone] = [owner, logbook, logbook.signing, logbook.zone];
  field("person").replaceChildren(...signing.people.map((person) => new Option(person.name, person.uid)));
  field("method").replaceChildren(...signing.methods.map((method) => new Option(method.label, method.value)));
  field("person").addEventListener("change", showCompetencies);
  field("competency").addEventListener("change", showStandards);
  form.addEventListener("submit", (event) => { event.preventDefault(); keep(); });
  clear();
  await showDrafts();
  find("signing").hidden = false;
}

const person = () => signing.people.find((one) => one.uid === field("person").value);
const competencies = () => signing.schedules[person().schedule];
const competency = () => competencies().find((one) => one.code === field("competency").value);

function clear() {
  const chosen = field("person").value;
  form.reset();
  if (chosen) field("person").value = chosen;
  for (const name of ["observed_from", "observed_to"]) field(name).value = field(name).max = today(zone);
  showCompetencies();
}

function showCompetencies() {
  field("competency").replaceChildren(new Option("Choose …", ""), ...competencies().map((one) => new Option(`${one.code} ${one.title}`, one.code)));
  showStandards();
}

function showStandards() {
  const levels = signing.scales[person().scale] ?? [];
  find("standards").replaceChildren(...(competency()?.standards ?? []).map((standard) => {
    const shown = pattern("standard");
    const rate = shown.querySelector("fieldset");
    rate.querySelector("legend").textContent = standard.text;
    rate.append(...levels.map((level) => choice(standard, level)));
    askWhy(shown, standard, levels);
    return shown;
  }));
}

/** The place for the reason stands there while a rating is chosen that needs one; else it is kept nowhere. */
function askWhy(shown, standard, levels) {
  const because = find("because", shown), reason = because.querySelector("input"), help = because.querySelector(".helptext");
  reason.id = reason.name = because.querySelector("label").htmlFor = `reason-${standard.uid}`;
  help.id = `${reason.id}_help`;
  reason.setAttribute("aria-describedby", help.id);
  shown.addEventListener("change", ({ target }) => {
    const level = levels.find((one) => String(one.value) === target.value);
    if (target !== reason && level) because.hidden = reason.disabled = !level.needs_reason;
  });
}

function choice(standard, level) {
  const label = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type: "radio", name: `rating-${standard.uid}`, value: level.value });
  const value = Object.assign(document.createElement("b"), { textContent: level.value });
  const word = Object.assign(document.createElement("small"), { textContent: level.short });
  label.append(input, value, " ", word);
  return label;
}

async function keep() {
  const fields = Object.fromEntries(new FormData(form));
  const rated = Object.keys(fields).filter((name) => name.startsWith("rating-"));
  if (!rated.length) return say("Choose a competency and rate at least one standard.", "note-bad");
  const { person: uid, competency: code, ...words } = fields;
  const earlier = (await all(me, "rating")).find((draft) => draft.uid === uid && draft.code === code);
  const draft = { uid, code, name: person().name, title: competency().title, fields: words, at: new Date().toISOString() };
  await put(me, "rating", { ...draft, before: lastSigned(book, uid, code) }, { n: earlier?.n });
  say(`Kept: ${rated.length} rated of ${code} for ${person().name}. Sign when you have signal.`, "note-ok");
  clear();
  await showDrafts();
}

async function showDrafts() {
  const drafts = await all(me, "rating");
  find("drafts").replaceChildren(...drafts.map((draft) => {
    const shown = pattern("draft");
    find("what", shown).textContent = `${draft.code} for ${draft.name}`;
    for (const which of shown.querySelectorAll("[data-which]")) which.textContent = ` ${draft.code} for ${draft.name}`;
    find("written", shown).textContent = `${draft.title}, kept ${clock(draft.at, zone)}`;
    find("sign", shown).href = `/apprentices/${draft.uid}/sign/${draft.code}/`;
    shown.querySelector('[data-act="drop"]').addEventListener("click", async () => { await remove(draft.n); await showDrafts(); });
    return shown;
  }));
}
