// How people write time worked; the same rules as accounts/durations.py, tested with the same table of cases.

const REMEDY = "Write it like 7:30, 7.5, 7h30 or 450m.";
const CLOCK = /^([0-9]{0,4}):([0-5][0-9])$/;
const MINUTES = /^([0-9]{1,6}) ?(?:m|min|mins|minutes?)$/;
const NUMBER = /^[0-9]{0,6}(?:\.[0-9]{0,4})?$/;
const UNITS = /^(?:([0-9]{0,4}(?:\.[0-9]{1,4})?) ?h(?:rs?|ours?)?)? ?(?:([0-9]{1,6}) ?(?:m|min|mins|minutes?)?)?$/;

/** Whole minutes that the person meant; an Error whose message says the remedy for the rest. */
export function parseMinutes(text) {
  const clean = text.toLowerCase().replace(/,(?![0-9]{3})/g, ".").trim().split(/\s+/).join(" ").replace(/\.+$/, "");
  if (!clean) throw new Error(`Enter the time. ${REMEDY}`);
  const clock = CLOCK.exec(clean);
  if (clock) return Number(clock[1]) * 60 + Number(clock[2]);
  const minutes = MINUTES.exec(clean);
  if (minutes) return Number(minutes[1]);
  if (NUMBER.test(clean)) return fromNumber(clean);
  const units = clean.includes("h") && UNITS.exec(clean);
  if (units && units[1]) return fromUnits(units[1], units[2], text);
  throw notATime(text);
}

/** Clock form: 450 is "7:30". */
export function formatMinutes(minutes) {
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

/** Spoken form: "45 min", "7 h 30 min", "8 h". */
export function formatHours(minutes) {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (!hours && rest) return `${rest} min`;
  return rest ? `${hours} h ${rest} min` : `${hours} h`;
}

function notATime(text) {
  return new Error(`“${text.trim().slice(0, 40)}” is not a time. ${REMEDY}`);
}

function fromNumber(number) {
  return !number.includes(".") && Number(number) > 24 ? Number(number) : fromDecimalHours(number);
}

function fromUnits(hours, minutes, text) {
  if (minutes === undefined) return fromDecimalHours(hours);
  if (hours.includes(".") || Number(minutes) > 59) throw notATime(text);
  return Number(hours) * 60 + Number(minutes);
}

// The minute whose hours, rounded or cut to as many places, are written like this number. In whole numbers only.
function fromDecimalHours(number) {
  const [whole, places = ""] = number.split(".");
  const scale = 10 ** places.length;
  const scaled = Number(whole) * scale + Number(places);
  const minutes = Math.floor((scaled * 120 + scale) / (2 * scale));
  const rounded = Math.floor((minutes * scale * 2 + 60) / 120);
  const cut = Math.floor((minutes * scale) / 60);
  if (scaled === rounded || scaled === cut) return minutes;
  const below = Math.floor((scaled * 60) / scale);
  throw new Error(`${number} hours is not a whole number of minutes. Write ${formatMinutes(below)} or ${formatMinutes(below + 1)}.`);
}
