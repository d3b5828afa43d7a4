"""The error of a table: one sentence, with the row and the column where there are some."""

from __future__ import annotations

from pipeline.errors import StudioError


class BatchError(StudioError):
    """A table, or a row of it, cannot become videos."""

    def __init__(
        self, sentence: str, *, row: int | None = None, column: str | None = None, parameter: str = "table"
    ) -> None:
        """`row`, counted as a spreadsheet does, and `column` are named before the sentence."""
        places = [f"row {row}"] if row is not None else []
        places += [f"column {column}"] if column is not None else []
        place = ", ".join(places)
        super().__init__(
            f"{place[:1].upper()}{place[1:]}: {sentence}" if place else sentence, parameter=parameter
        )
        self.sentence = sentence
        self.row = row
        self.column = column
