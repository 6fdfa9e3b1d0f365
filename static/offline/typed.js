// On the page of a day that was opened with signal: what is typed there when the signal is lost waits on this device,
// under the name that each line has already, so that it is written once even if the page had got through.

import { add } from "./queue.js";
import { parseMinutes } from "./durations.js";
import { one } from "./store.js";

const form = document.querySelector("form[data-day]");
const [, uid, date] = /\/apprentices\/([^/]+)\/days\/([^/]+)\//.exec(location.pathname) ?? [];
const field = (line, name) => line.querySelector(`[name$="-${name}"]`);

/** Takes the lines instead of the server while there is no signal. */
export function start(me) {
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    event.stopPropagation();
    keep(me).catch((problem) => tell(problem.message));
  }, { capture: true });
}

function tell(words) {
  const note = Object.assign(document.createElement("p"), { className: "note note-wait", textContent: words });
  note.setAttribute("role", "alert");
  form.querySelector(":scope > [role=alert]")?.remove();
  form.prepend(note);
  note.scrollIntoView();
}

async function keep(me) {
  const registration = (await one(me, "logbook"))?.registrations.find((row) => row.uid === uid);
  const lines = [...form.querySelectorAll("[data-line]")];
  if (lines.some((line) => field(line, "entry_uid").value && isChanged(line))) {
    throw new Error("There is no signal. Drafts that are saved already can be changed when it is back; new lines can wait on this device.");
  }
  const entries = lines.filter(isNew).map((line) => entry(line, registration));
  if (!entries.length) throw new Error("Nothing to save yet. Choose what you did and enter the time.");
  for (const words of entries) await add(me, words);
  location.assign("/offline/");
}

const isChanged = (line) => ["minutes", "note"].some((name) => field(line, name).value !== field(line, name).defaultValue) || field(line, "remove")?.checked;
const isNew = (line) => !field(line, "entry_uid").value && ["about", "minutes", "note"].some((name) => field(line, name).value.trim());

function entry(line, registration) {
  const subject = registration?.subjects.find((row) => row.token === field(line, "about").value);
  if (!subject) throw new Error("There is no signal. Choose what you did on each line, and it can wait on this device.");
  const { kind, job_function, competency, course } = subject;
  return {
    apprentice: uid, date, about: subject.token, label: subject.label, minutes: parseMinutes(field(line, "minutes").value),
    typed: field(line, "minutes").value, note: field(line, "note").value.trim(), client_uid: field(line, "client_uid").value,
    fields: { kind, job_function, competency, course }, seen: (registration.days[date] ?? []).map((known) => known.mark),
  };
}
