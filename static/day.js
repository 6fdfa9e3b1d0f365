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

  // Only for the running total; the server reads what is typed by its own rules.
  const minutesOf = (text) => {
    const typed = text.trim().toLowerCase().replace(",", ".");
    const clock = /^(\d*)(?::|h| h )(\d{1,2})\s?m?$/.exec(typed);
    if (clock) return Number(clock[1]) * 60 + Number(clock[2]);
    const number = /^(\d*\.?\d*)\s*(h|hrs?|hours?|m|min|minutes)?$/.exec(typed);
    if (!number || !number[1]) return 0;
    const value = Number(number[1]);
    const inMinutes = number[2] ? number[2].startsWith("m") : value > 24 && !number[1].includes(".");
    return Math.round(inMinutes ? value : value * 60);
  };

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
    field(line, button.value ? "minutes" : "about").focus();
    showTotal();
  });
  form.addEventListener("input", showTotal);
  form.addEventListener("change", showTotal);
  showTotal();
})();
