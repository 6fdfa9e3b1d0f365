// Keys for who decides, only while a control of a link has the focus: c confirms, r rejects, j and k go on and back.
const links = [...document.querySelectorAll("[data-link]")];
const first = (link) => link.querySelector("button");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select")) return;
  const here = links.indexOf(event.target.closest("[data-link]"));
  if (here < 0) return;
  const press = links[here].querySelector(`button[aria-keyshortcuts="${event.key}"]`);
  const step = { j: 1, k: -1 }[event.key];
  if (press) press.click();
  else if (step) first(links[here + step] ?? links[here]).focus();
});
