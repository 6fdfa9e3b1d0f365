"""What became of a file, for programs: a result a row."""

from typing import Any

from ojt_logs.imports.bringing import Result
from ojt_logs.imports.reading import Row


def summary(result: Result) -> dict[str, Any]:
    """Plain values, as the command prints them and REST answers."""
    reading, batch = result.reading, result.batch
    return {
        "batch": str(batch.uid) if batch else None,
        "new": len(reading.new),
        "there": len(reading.there),
        "left_out": len(reading.left_out),
        "refused": len(reading.refused),
        "minutes": reading.minutes,
        "day_order": str(reading.order.order),
        "day_order_open": reading.order.words or None,
        "rows": [_row(row) for row in reading.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    line = row.line if row.fate != "refused" else None
    return {
        "row": row.number,
        "result": str(row.fate),
        "apprentice": str(row.apprentice.uid) if row.apprentice else None,
        "date": line.date.isoformat() if line else None,
        "minutes": line.minutes if line else None,
        "errors": dict(row.problems),
        "note": row.note or None,
    }
