"""What a flow may cost a thumb: taps and keystrokes, counted in the page itself, and a budget that fails.

    page.goto("/review/")
    with budget(page, "approve a week", taps=1):
        page.get_by_role("button", name="Approve week of Ana Reyes").click()
        expect(page.get_by_role("status")).to_contain_text("Approved")

Counted is what reaches the page, however a test does it: a press of a finger or button, a key. Text that a
test fills in at once costs the tap on the field and a key a letter; a choice from a list costs two taps.
Scrolling is free. `pytest -o log_cli=true --log-cli-level=INFO` prints what each flow took.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Page

log = logging.getLogger("budget")

COUNT = """
(() => {
  if (window.isCounted) return;
  window.isCounted = true;
  let keyed = false;
  // On the document: a press that missed a moving button is stopped at the window and made again.
  const on = (name, tell) => document.addEventListener(name, tell, true);
  on("pointerdown", () => window.costs("taps", 1));
  on("keydown", (event) => {
    if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    keyed = true;
    window.costs("keys", 1);
  });
  on("input", (event) => {
    if (event.isTrusted && !keyed && event.inputType === "insertText") {
      window.costs("taps", 1);
      window.costs("keys", event.data.length);
    }
    keyed = false;
  });
  on("change", (event) => {
    if (!event.isTrusted && event.target.matches("select")) window.costs("taps", 2);
  });
})();
"""


@dataclass
class Cost:
    """What a flow has cost so far."""

    taps: int = 0
    keys: int = 0
    seconds: float = 0.0


_counting: WeakKeyDictionary[Page, Cost] = WeakKeyDictionary()
"""The flow that each page is in."""


def _add(source: dict[str, Any], what: str, number: int) -> None:
    cost = _counting[source["page"]]
    setattr(cost, what, getattr(cost, what) + number)


@contextmanager
def budget(page: Page, flow: str, *, taps: int, keys: int = 0) -> Iterator[Cost]:
    """Fails when what is done to `page` inside takes more taps or keystrokes than this."""
    cost = Cost()
    if page not in _counting:
        page.expose_binding("costs", _add)
        page.add_init_script(COUNT)
        page.evaluate(COUNT)
    _counting[page] = cost
    began = time.perf_counter()
    yield cost
    page.evaluate("1")  # what was counted a moment ago has arrived when this has
    cost.seconds = time.perf_counter() - began
    log.info("%s: %d taps, %d keystrokes, %.1f s", flow, cost.taps, cost.keys, cost.seconds)
    assert cost.taps <= taps, f"{flow} took {cost.taps} taps; the budget is {taps}"
    assert cost.keys <= keys, f"{flow} took {cost.keys} keystrokes; the budget is {keys}"
