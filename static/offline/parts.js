// The parts of the page without signal: its places, its patterns, and the sentence at the top.

export const find = (name, within = document) => within.querySelector(`[data-${name}]`);

/** A copy of one of the page's patterns. */
export function pattern(name) {
  return document.querySelector(`template[data-pattern="${name}"]`).content.firstElementChild.cloneNode(true);
}

/** A sentence at the top, read aloud. */
export function say(words, kind = "", { week = false } = {}) {
  const note = pattern("said");
  find("week", note).hidden = !week;
  note.className = `note ${kind}`;
  find("words", note).textContent = words;
  find("said").replaceChildren(note);
}

/** Asks the page to send what waits, if there is signal. */
export const send = () => dispatchEvent(new Event("send"));

/** Today where the person is, as the server counts days. */
export function today(zone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(new Date());
}

/** A moment where the person is: "Nov 20, 7:12 AM". */
export function clock(moment, zone) {
  return new Date(moment).toLocaleString("en-US", { timeZone: zone, month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
}

/** A day: "Thu, Nov 19". */
export function dayWords(day) {
  return new Date(`${day}T12:00`).toLocaleDateString("en-US", { weekday: "short", month: "short", day: "numeric" });
}
