"""Which of a line's words each spoken group of sounds belongs to.

espeak says some neighbours in one breath ("of the" becomes one group) and numbers in several groups, so the
groups of a line cannot be counted off against its words. Each word said alone gives nearly the sounds that
it has in the line; the two rows of sounds are laid side by side with the fewest changes.
"""

from __future__ import annotations

from collections.abc import Sequence


def align_words(line: Sequence[str], words: Sequence[Sequence[str]]) -> list[int]:
    """For each sound of a line, the index of the word that it belongs to; never falls.

    `line` are the sounds of the whole, `words` those of each word said alone.
    """
    alone = [(sound, index) for index, word in enumerate(words) for sound in word]
    if not alone:
        return [0] * len(line)
    costs = _costs(line, [sound for sound, _ in alone])
    owners = [0] * len(line)
    row, column = len(line), len(alone)
    while row:
        step = costs[row][column]
        if column and step == costs[row - 1][column - 1] + (line[row - 1] != alone[column - 1][0]):
            row, column = row - 1, column - 1
            owners[row] = alone[column][1]
        elif column and step == costs[row][column - 1] + 1:
            column -= 1
        else:
            row -= 1
            owners[row] = alone[max(column - 1, 0)][1]
    return owners


def _costs(line: Sequence[str], alone: Sequence[str]) -> list[list[int]]:
    """Edit distance of every pair of beginnings."""
    rows = [list(range(len(alone) + 1))]
    for number, sound in enumerate(line, 1):
        above, row = rows[-1], [number]
        for column, other in enumerate(alone, 1):
            row.append(min(above[column - 1] + (sound != other), above[column] + 1, row[-1] + 1))
        rows.append(row)
    return rows
