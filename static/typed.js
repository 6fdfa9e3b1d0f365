// Keeps what is typed, on the server: nothing of it stays on a phone. Without this script Save keeps it.

(() => {
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const version = form.querySelector('[name="version"]');
  const note = form.querySelector("[data-kept]");
  let [timer, open, sent] = [0, true, ""];

  const words = () => {
    const typed = new FormData(form);
    typed.delete("add");
    return typed;
  };
  const said = () => [...words()].filter(([name]) => name !== "version").join("\n");
  sent = said();

  const keep = async () => {
    timer = 0;
    if (!open || said() === sent) return;
    sent = said();
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", body: words(), keepalive: true, redirect: "error" });
      if (answer.ok) version.value = (await answer.json()).version;
      else if (answer.status === 409) open = false;
      note.textContent = answer.ok ? "Kept, not saved yet." : open ? "" : `${(await answer.json()).says} What you type here is kept when you save it.`;
    } catch {
      sent = ""; // no signal: the next change tries again
    }
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(keep, 800); };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("click", (event) => { if (event.target.closest(".chip, [data-step]")) later(); });
  form.addEventListener("submit", () => { open = false; clearTimeout(timer); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && timer) { clearTimeout(timer); keep(); } });
})();
