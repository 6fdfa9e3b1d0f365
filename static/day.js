// The page of one day, without a round trip: more lines, chips that fill one, the running total.
// Without this script the same buttons ask the server.

(() => {
  const form = document.querySelector("form[data-day]");
  if (!form) return;
  const list = form.querySelector("[data-list]");
  const count = form.querySelector("[data-lines]");
  const pattern = form.querySelector("[data-pattern]");
  const total = document.querySelector("[data-total]");
  const MOST = 24;

  const field = (line, name) => line.querySelector(`[name$="-${name}"]`);
  const lines = () => [...list.querySelectorAll("[data-line]")];
  const isBlank = (line) => !field(line, "entry_uid").value && !field(line, "about").value
    && !field(line, "minutes").value.trim() && !field(line, "note").value.trim();

  const randomUid = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  const showTotal = () => {
    let sum = Number(form.dataset.fixed);
    for (const line of lines()) {
      if (!field(line, "remove")?.checked) sum += minutesOf(field(line, "minutes").value);
    }
    total.textContent = `${Math.floor(sum / 60)}:${String(sum % 60).padStart(2, "0")}`;
    const chosen = new Set(lines().map((line) => field(line, "about").value));
    for (const chip of form.querySelectorAll(".chip")) chip.classList.toggle("on", Boolean(chip.value) && chosen.has(chip.value));
  };

  const addLine = () => {
    const number = lines().length;
    if (number >= MOST) return null;
    const holder = document.createElement("div");
    holder.innerHTML = pattern.innerHTML.replaceAll("__n__", String(number));
    const line = holder.firstElementChild;
    line.querySelector("[data-number]").textContent = String(number + 1);
    field(line, "client_uid").value = randomUid();
    list.append(line);
    count.value = String(number + 1);
    return line;
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="add"]');
    if (!button) return;
    event.preventDefault();
    const line = (button.value && lines().find(isBlank)) || addLine();
    if (!line) return;
    if (button.value) field(line, "about").value = button.value;
    if (button.dataset.minutes && !field(line, "minutes").value) field(line, "minutes").value = button.dataset.minutes;
    if (find.value) { find.value = ""; found.replaceChildren(); }
    field(line, button.value ? "minutes" : "about").focus({ preventScroll: Boolean(field(line, "minutes").value) });
    showTotal();
  });
  // Every word typed must occur in the code, the words or the job function of what is offered.
  const find = form.querySelector("[data-find-work]");
  const found = form.querySelector("[data-found]");
  const offered = [...pattern.content.querySelectorAll("select option")].filter((option) => option.value)
    .map((option) => ({ token: option.value, label: option.textContent, all: `${option.textContent} ${option.closest("optgroup")?.label ?? ""}`.toLowerCase() }));
  const SHOWN = 8;
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = words.length ? offered.filter(({ all }) => words.every((word) => all.includes(word))) : [];
    const inLabel = ({ label }) => words.every((word) => label.toLowerCase().includes(word));
    fits.sort((one, other) => inLabel(other) - inLabel(one));
    found.replaceChildren(...fits.slice(0, SHOWN).map(({ token, label }) => {
      const chip = Object.assign(document.createElement("button"), { className: "chip", type: "submit", name: "add", value: token });
      const text = Object.assign(document.createElement("span"), { className: "chip-words two-lines", textContent: label });
      chip.append(text);
      return chip;
    }));
    if (words.length && fits.length !== Math.min(fits.length, SHOWN)) found.append(`${fits.length - SHOWN} more fit: write another word.`);
    if (words.length && !fits.length) found.append("Nothing of your program fits.");
  });
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    found.querySelector("button")?.click();
  });

  form.addEventListener("input", showTotal);
  form.addEventListener("change", showTotal);
  showTotal();
})();
