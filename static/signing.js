// Comforts of the page on which somebody signs; without them each button asks the server.
const form = document.querySelector("form.signing");
const button = form.querySelector(".foot [data-count]");

function tell() {
  const chosen = [...form.querySelectorAll(".rate input:checked")].map((input) => input.value);
  const what = chosen.length ? ` ${chosen.length} of ${button.dataset.count}: ${chosen.join(", ")}` : "";
  button.textContent = `${button.dataset.verb || "Read and sign"}${what}`;
}

form.addEventListener("click", (event) => {
  const fill = event.target.closest("[data-fill]");
  const clear = event.target.closest("[data-clear]");
  if (!fill && !clear) return;
  event.preventDefault();
  if (clear) {
    for (const input of form.querySelectorAll(`input[name="${clear.dataset.clear}"]`)) input.checked = false;
    form.querySelector(`input[name="${clear.dataset.clear}"]`).focus();
  }
  if (fill) {
    for (const group of form.querySelectorAll(".rate")) {
      const input = group.querySelector(`input[value="${fill.dataset.fill}"]`);
      if (input && !group.querySelector("input:checked")) input.checked = true;
    }
  }
  tell();
});
form.addEventListener("change", tell);
window.addEventListener("pageshow", tell);
