"""docs/scaling.md: how the cost grows, from what was measured at several sizes and the lines that fit it."""

from typing import Any

from django.db import connection

from machine.programs import ROOT

PATH = ROOT / "docs" / "scaling.md"
BEGIN, END = "<!-- written by make bench-national -->", "<!-- end of what make bench-national writes -->"
TABLES = (
    "ojt_logs_hoursentry",
    "ojt_logs_hourstotal",
    "apprenticeship_apprentice",
    "accounts_user",
    "accounts_consent",
    "apprenticeship_mentorship",
)
SIZES = """
SELECT c.relname, c.reltuples::bigint, pg_relation_size(c.oid), pg_indexes_size(c.oid) FROM pg_class c
WHERE c.relname = ANY(%s)
"""
INDEXES = """
SELECT indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes
WHERE relname = 'ojt_logs_hoursentry' ORDER BY 2 DESC
"""
FEWEST = 100
"""Rows from which on bytes a row mean anything."""
LEDGER = ("ledger_entry", "ledger_payload", "ojt_logs_receipt", "ojt_logs_notice")


def sizes_of() -> dict[str, Any]:
    """Rows, bytes of the table and of its indexes, by table; and the indexes of hours."""
    with connection.cursor() as cursor:
        cursor.execute(SIZES, [list(TABLES)])
        found: dict[str, Any] = {
            name: {"rows": rows, "table": size, "indexes": indexes} for name, rows, size, indexes in cursor
        }
        cursor.execute(INDEXES)
        found["indexes of hours"] = dict(cursor.fetchall())
    return found


def ledger_of() -> dict[str, Any]:
    """Bytes a row of what the product writes beside an act, its indexes with it."""
    found = {}
    with connection.cursor() as cursor:
        for table in LEDGER:
            cursor.execute(f"VACUUM ANALYZE {table}")
            cursor.execute(f"SELECT count(*), pg_total_relation_size('{table}') FROM {table}")
            rows, size = cursor.fetchone()
            found[table] = {"rows": rows, "bytes": size}
    return found


def write(runs: list[dict[str, Any]]) -> None:
    """Put the tables of these runs into the page, smallest first."""
    text = PATH.read_text()
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    PATH.write_text("".join([before, BEGIN, "\n\n", "\n".join(_lines(runs)), "\n", END, after]))


def fitted(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Constant and slope of the line through these points by least squares; one point: through the origin."""
    if len(points) == 1:
        return 0.0, points[0][1] / points[0][0]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    return mean_y - slope * mean_x, slope


def _lines(runs: list[dict[str, Any]]) -> list[str]:
    lines = [
        "### What was loaded",
        "",
        "| | " + " | ".join(f"{one['size']:g} of the country" for one in runs) + " |",
    ]
    lines += ["| --- " * (len(runs) + 1) + "|"]
    for table in TABLES:
        cells = [one["sizes"][table] for one in runs]
        lines.append(f"| {table}, rows | " + " | ".join(f"{cell['rows']:,}" for cell in cells) + " |")
        shown = " | ".join(f"{_size(cell['table'])} + {_size(cell['indexes'])}" for cell in cells)
        lines.append(f"| {table}, table + indexes | {shown} |")
    seconds = " | ".join(f"{one['seconds']} s" for one in runs)
    lines += [f"| the whole run | {seconds} |", "", "### The lines that fit", ""]
    lines += ["| | bytes a row | at 680,000 apprentices a year |", "| --- | --- | --- |"]
    for table in TABLES:
        points = [
            (one["sizes"][table]["rows"], one["sizes"][table]["table"] + one["sizes"][table]["indexes"])
            for one in runs
        ]
        constant, slope = fitted([(float(x), float(y)) for x, y in points])
        rows = points[-1][0] / runs[-1]["size"]
        lines.append(f"| {table} | {slope:.0f} | {_size(constant + slope * rows)} |")
    lines += ["", "### Indexes of hours, bytes a row", "", "| index | bytes a row |", "| --- | --- |"]
    last = runs[-1]["sizes"]
    hours = last["ojt_logs_hoursentry"]["rows"]
    lines += [f"| {name} | {size / hours:.1f} |" for name, size in last["indexes of hours"].items()]
    lines += _ledger(runs[-1])
    lines += _peak(runs)
    return [*lines, *_calls(runs), ""]


def _ledger(run: dict[str, Any]) -> list[str]:
    """Two acts an entry: submitted and approved."""
    lines = [
        "",
        "### The record",
        "",
        "| | rows measured | bytes a row with indexes |",
        "| --- | --- | --- |",
    ]
    each = {}
    for table, cell in run["ledger"].items():
        each[table] = cell["bytes"] / max(1, cell["rows"])
        enough = cell["rows"] >= FEWEST
        lines.append(f"| {table} | {cell['rows']:,} | {f'{each[table]:.0f}' if enough else 'too few'} |")
    act = each["ledger_entry"] + each["ledger_payload"]
    hours = run["sizes"]["ojt_logs_hoursentry"]
    entry = (hours["table"] + hours["indexes"]) / hours["rows"]
    year = 74 * (entry + 2 * act)
    lines += [
        "",
        f"An entry of hours is {entry:.0f} bytes with its indexes, an act on the record {act:.0f}. With two "
        "acts an entry (submitted, approved) and 74 entries a year, an apprentice is "
        f"**{year / 1000:.0f} kB a year**, of "
        f"which the record is {100 * 2 * act / (entry + 2 * act):.0f} %; 680,000 of them "
        f"{680_000 * year / 1e9:.0f} GB a year.",
    ]
    return lines


def _peak(runs: list[dict[str, Any]]) -> list[str]:
    head = "| of the country | wanted a second | reached | sent | accepted | p50 | p95 | queue empty after |"
    lines = ["", "### Friday afternoon", "", head, "| --- " * 8 + "|"]
    for one in runs:
        rush = one["peak"]
        cells = (rush["rate_wanted"], rush["rate_reached"], rush["sent"], rush["accepted"])
        lines.append(
            f"| {one['size']:g} | "
            + " | ".join(map(str, cells))
            + f" | {rush['p50_ms']} ms | {rush['p95_ms']} ms "
            f"| {rush['drained_after_s']} s |"
        )
    return lines


def _calls(runs: list[dict[str, Any]]) -> list[str]:
    """p95 on the country over p95 on the demo, by size."""
    names = [one["name"] for one in runs[-1]["figures"] if one["name"].startswith("p95")]
    head = (
        "| call | "
        + " | ".join(f"{one['size']:g}" for one in runs)
        + " | there and on the demo, largest | n |"
    )
    lines = ["", "### Pages and calls, beside the demo", "", head, "| --- " * (len(runs) + 3) + "|"]
    for name in names:
        cells, last = [], ""
        for run in runs:
            one = next((row for row in run["figures"] if row["name"] == name), None)
            cells.append(f"{one['ratio']:.2f}" if one else "")
            if one:
                last = f"{one['ours']:.0f} ms, {one['floor']:.0f} ms | {one['n']}"
        lines.append(f"| {name.removeprefix('p95 of ')} | {' | '.join(cells)} | {last} |")
    return lines


def _size(count: float) -> str:
    for unit, step in (("GB", 1e9), ("MB", 1e6)):
        if count >= step:
            return f"{count / step:.2f} {unit}"
    return f"{count / 1e3:.0f} kB"
