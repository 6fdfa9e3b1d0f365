// The form of one entry: subject, time, note. What it takes waits on the device, or says why it cannot be taken.

import { add, change } from "./queue.js";
import { formatHours, formatMinutes, parseMinutes } from "./durations.js";
import { all, onChange, one } from "./store.js";
import { dayWords, find, pattern, say, send, today } from "./parts.js";

const form = find("day-form");
const field = (name) => form.elements[name];
let me, book, changed; // `changed`: the waiting entry that the form changes

const registration = () => book.registrations.find((row) => row.uid === field("apprentice").value) ?? book.registrations[0];
const known = (day) => registration().days[day] ?? [];

export async function startDay(owner, logbook) {
  [me, book] = [owner, logbook];
  field("apprentice").replaceChildren(...book.registrations.map((row) => new Option(row.program, row.uid)));
  find("which-registration").hidden = book.registrations.length < 2;
  field("date").max = today(book.zone);
  fillSubjects();
  form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
  form.addEventListener("input", showTotal);
  field("apprentice").addEventListener("change", fillSubjects);
  find("cancel").addEventListener("click", clear);
  find("same").addEventListener("click", copy);
  onChange(showTotal);
  await clear();
  form.hidden = false;
}

/** Goes on with a newer copy of the logbook. What is typed stays. */
export function renew(logbook) {
  book = logbook;
  showTotal();
}

function fillSubjects() {
  const row = registration();
  const groups = Map.groupBy(row.subjects, (subject) => subject.group);
  const options = [...groups].map(([label, subjects]) => {
    const group = document.createElement("optgroup");
    group.label = label;
    group.append(...subjects.map((subject) => new Option(subject.label, subject.token)));
    return group;
  });
  field("about").replaceChildren(new Option("Choose …", ""), ...options);
  find("recent").replaceChildren(...row.recent.map((token) => chip(row, token)));
}

function chip(row, token) {
  const { label, competency } = row.subjects.find((subject) => subject.token === token);
  const button = pattern("chip");
  button.value = token;
  button.querySelector("code").textContent = competency ?? "";
  button.querySelector("span").textContent = competency ? label.replace(`${competency} `, "") : label;
  button.addEventListener("click", () => {
    field("about").value = token;
    field("minutes").value ||= usual(row, token);
    showTotal();
    field("minutes").focus();
  });
  return button;
}

// As long as it took the last time.
function usual(row, token) {
  const days = Object.values(row.days).flat().filter((entry) => entry.about === token);
  return days.length ? formatMinutes(days.at(-1).minutes) : "";
}

function clear() {
  changed = null;
  const day = field("date").value || today(book.zone);
  form.reset();
  field("date").value = day;
  find("note").open = false;
  find("form-title").textContent = "Log hours";
  find("save").textContent = "Save on this device";
  find("cancel").hidden = true;
  refuse({});
  return showTotal();
}

/** Opens a waiting entry in the form, as it was typed, with what is wrong with it. */
export function edit(entry) {
  changed = entry;
  field("apprentice").value = entry.apprentice;
  fillSubjects();
  field("date").value = entry.date;
  field("about").value = entry.about;
  field("minutes").value = entry.typed;
  field("note").value = entry.note;
  find("note").open = Boolean(entry.note);
  find("form-title").textContent = "Change what you wrote";
  find("save").textContent = "Save the change";
  find("cancel").hidden = false;
  const told = {};
  for (const { field: name, detail } of entry.errors ?? []) (told[place(name)] ??= []).push(detail);
  refuse(told);
  showTotal();
  form.scrollIntoView();
  (form.querySelector('[aria-invalid="true"]') ?? field("minutes")).focus();
}

const place = (name) => (["date", "minutes", "note"].includes(name) ? { date: "day" }[name] ?? name : "about");

function refuse(told) {
  for (const list of form.querySelectorAll(".errorlist")) {
    const sentences = told[list.id.replace("_error", "")] ?? [];
    list.replaceChildren(...sentences.map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence })));
    list.hidden = !sentences.length;
    const input = document.getElementById(list.id.replace("_error", ""));
    if (sentences.length) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    input.setAttribute("aria-describedby", list.id);
  }
}

// The last day before this one on which something stands, for a day on which nothing does.
function toCopy() {
  const day = field("date").value;
  const last = Object.keys(registration().days).filter((one) => one < day).sort().at(-1);
  return last && !known(day).length && known(last).every((entry) => entry.about) ? last : "";
}

async function copy() {
  const from = toCopy();
  find("same").hidden = true;
  for (const { about, minutes } of known(from)) await add(me, words(about, minutes, formatMinutes(minutes), ""));
  say(`The same as ${dayWords(from)} is saved on this device.`, "note-ok");
  send();
}

function typed() {
  const told = {};
  let minutes = 0;
  try {
    minutes = parseMinutes(field("minutes").value);
    if (minutes < 1 || minutes > 1440) told.minutes = ["Enter more than 0 minutes and at most 24 hours."];
  } catch (problem) {
    told.minutes = [problem.message];
  }
  if (!field("about").value) told.about = ["Choose what you did."];
  if (!field("date").value) told.day = ["Choose the day."];
  refuse(told);
  if (Object.keys(told).length) form.querySelector('[aria-invalid="true"]').focus();
  return Object.keys(told).length ? null : minutes;
}

// An entry as it waits: what is sent, and what is shown of it.
function words(about, minutes, text, note) {
  const row = registration();
  const { label, kind, job_function, competency, course } = row.subjects.find((one) => one.token === about);
  const date = field("date").value;
  const seen = known(date).map((entry) => entry.mark);
  return { apprentice: row.uid, date, about, label, minutes, typed: text, note, seen, fields: { kind, job_function, competency, course } };
}

async function save() {
  const minutes = typed();
  if (minutes === null) return;
  const entry = words(field("about").value, minutes, field("minutes").value, field("note").value.trim());
  if (changed) {
    const { n, state, ...before } = changed;
    await change(me, n, { ...before, ...entry, seen: [...(before.seen ?? []), ...entry.seen] });
  } else {
    await add(me, entry);
  }
  say(navigator.onLine ? "Saved on this device." : "Saved on this device. It goes out when the signal is back.", "note-ok");
  clear();
  send();
}

async function showTotal() {
  const waiting = (await all(me, "entry")).filter((entry) => entry.date === field("date").value && entry.n !== changed?.n);
  const sum = [...known(field("date").value), ...waiting].reduce((minutes, entry) => minutes + entry.minutes, 0);
  let now = 0;
  try { now = parseMinutes(field("minutes").value); } catch { /* not typed yet */ }
  find("day-total").textContent = formatMinutes(sum + now);
  const same = waiting.length || changed ? "" : toCopy();
  find("same").hidden = !same;
  if (same) find("same").textContent = `Same as ${dayWords(same)}: ${formatHours(known(same).reduce((total, entry) => total + entry.minutes, 0))}`;
  for (const one of form.querySelectorAll(".chip")) one.classList.toggle("on", one.value === field("about").value);
}
