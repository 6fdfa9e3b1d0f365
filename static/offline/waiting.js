// What waits on this device, and what came back: refused with the remedy, or in conflict with both sides shown.

import { change, drop } from "./queue.js";
import { formatHours } from "./durations.js";
import { all, one } from "./store.js";
import { edit } from "./day.js";
import { clock, dayWords, find, pattern, say, send } from "./parts.js";

const MINE = { mine: "Use mine instead", add: "Keep both" };
let clockTold = false;

const title = (entry) => `${dayWords(entry.date)} · ${formatHours(entry.minutes)}`;

function item(text) {
  return Object.assign(document.createElement("li"), { textContent: text });
}

export async function startWaiting(me, book) {
  const entries = await all(me, "entry");
  const waiting = entries.filter((entry) => entry.state === "waiting");
  const troubled = entries.filter((entry) => entry.state !== "waiting");
  find("queue").hidden = !waiting.length;
  find("queue-title").textContent = `${waiting.length} waiting to be sent`;
  find("waiting").replaceChildren(...waiting.map((entry) => row(me, entry, book)));
  find("attention").hidden = !troubled.length;
  find("troubled").replaceChildren(...troubled.map((entry) => row(me, entry, book)));
  await tellClock(me);
}

// The device's clock is kept as it is and never decides; who sets it wrong is told.
async function tellClock(me) {
  const ahead = (await one(me, "sent"))?.clock_ahead ?? 0;
  if (Math.abs(ahead) < 300 || clockTold) return;
  clockTold = true;
  const minutes = Math.round(Math.abs(ahead) / 60);
  say(`The clock of this device is ${formatHours(minutes)} ${ahead > 0 ? "ahead" : "behind"}. Both times are kept; days are judged by the server's.`, "note-wait");
}

function row(me, entry, book) {
  const shown = pattern({ waiting: "entry" }[entry.state] ?? entry.state);
  find("when", shown).textContent = title(entry);
  find("what", shown).textContent = entry.state === "conflict" ? `${formatHours(entry.minutes)}, ${entry.label}` : entry.label;
  for (const which of shown.querySelectorAll("[data-which]")) which.textContent = ` ${title(entry)}`;
  const noted = find("noted", shown);
  if (noted) [noted.hidden, noted.textContent] = [!entry.note, `“${entry.note}”`];
  if (entry.state === "waiting") find("written", shown).textContent = `written ${clock(entry.device_at, book.zone)}`;
  if (entry.state === "refused") find("sentences", shown).replaceChildren(...entry.errors.map((error) => item(error.detail)));
  if (entry.state === "conflict") showBoth(shown, entry);
  shown.addEventListener("click", (event) => act(me, entry, event.target.closest("[data-act]")?.dataset.act));
  return shown;
}

// Whether this very entry is on the record in other words; otherwise the day has others beside it.
const isSame = (entry) => Boolean(entry.id);

function showBoth(shown, entry) {
  find("why", shown).textContent = isSame(entry)
    ? "This entry arrived before, and says something else by now."
    : "This day has entries that you did not see when you wrote.";
  find("others", shown).replaceChildren(...entry.others.map((other) => (
    item(`${formatHours(other.minutes)}, ${other.subject}${other.note ? ` “${other.note}”` : ""} (${other.status})`))));
  shown.querySelector('[data-act="mine"]').textContent = MINE[isSame(entry) ? "mine" : "add"];
}

async function act(me, entry, what) {
  const { n, state, ...words } = entry;
  if (what === "change") return edit(entry);
  if (what === "drop" || what === "theirs") {
    await drop(n);
    return say(what === "drop" ? "Deleted from this device." : "The record stays as it is.");
  }
  if (what === "mine") {
    const seen = [...(words.seen ?? []), ...words.others.map((other) => other.mark)];
    await change(me, n, { ...words, seen, replaces: isSame(entry) });
    send();
  }
}
