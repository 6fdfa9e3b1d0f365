// The week as a grid: totals while typing, and the keys of a table. Without this script Tab and Save do it.

(() => {
  const form = document.querySelector("form[data-grid]");
  if (!form) return;
  const rows = () => [...form.querySelectorAll("[data-row]")].map((row) => [...row.children].filter((one) => one.matches(".grid-cell, [data-minutes]")));
  const fixed = [...form.querySelectorAll("[data-fixed-day]")].map((one) => Number(one.dataset.fixedDay));
  const heads = form.querySelectorAll("[data-day] b");
  const total = document.querySelector("[data-total]");
  const clock = (sum) => `${Math.floor(sum / 60)}:${String(sum % 60).padStart(2, "0")}`;

  const showTotals = () => {
    const sums = Array.from({ length: 7 }, (_, day) => fixed[day] || 0);
    for (const row of rows()) row.forEach((cell, day) => { sums[day] += cell.dataset.minutes ? Number(cell.dataset.minutes) : minutesOf(cell.value); });
    heads.forEach((head, day) => { head.textContent = sums[day] ? clock(sums[day]) : "–"; });
    total.textContent = clock(sums.reduce((one, other) => one + other, 0));
  };

  const go = (cell, down, right) => {
    const all = rows();
    const row = all.findIndex((one) => one.includes(cell));
    const day = all[row].indexOf(cell);
    for (let [at, on] = [row + down, day + right]; all[at]?.[on]; at += down, on += right) {
      if (!all[at][on].matches("input:enabled")) continue;
      all[at][on].focus();
      all[at][on].select();
      return true;
    }
    return false;
  };

  form.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.matches(".grid-cell") || event.altKey || event.shiftKey) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return void form.requestSubmit();
    const [start, end] = [cell.selectionStart, cell.selectionEnd];
    const all = end - start === cell.value.length;
    const moved = {
      ArrowUp: () => go(cell, -1, 0),
      ArrowDown: () => go(cell, 1, 0),
      ArrowLeft: () => (all || end === 0) && go(cell, 0, -1),
      ArrowRight: () => (all || start === cell.value.length) && go(cell, 0, 1),
      Enter: () => go(cell, 0, 1) || go(cell, 1, 0) || true,
    }[event.key]?.();
    if (moved) event.preventDefault();
  });
  form.addEventListener("input", showTotals);
  showTotals();
})();
