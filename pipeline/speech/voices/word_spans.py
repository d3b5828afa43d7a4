"""Which word of a phrase each of its phones belongs to.

espeak runs some neighbouring words together ("of the" becomes one group) and reads numbers as several, so
the groups of a phrase cannot be counted off against its words. A word read alone has nearly the phones that
it has in the phrase; both sequences are aligned at the smallest edit distance.
"""

from __future__ import annotations

from collections.abc import Sequence


def align_words(phrase: Sequence[str], words: Sequence[Sequence[str]]) -> list[int]:
    """For each phone of a phrase, the index of the word that it belongs to; never decreasing.

    Args:
        phrase: the phones of the whole phrase.
        words: the phones of each word read alone.
    """
    alone = [(phone, index) for index, word in enumerate(words) for phone in word]
    if not alone:
        return [0] * len(phrase)
    costs = _edit_distances(phrase, [phone for phone, _ in alone])
    owners = [0] * len(phrase)
    row, column = len(phrase), len(alone)
    while row:
        cost = costs[row][column]
        if column and cost == costs[row - 1][column - 1] + (phrase[row - 1] != alone[column - 1][0]):
            row, column = row - 1, column - 1
            owners[row] = alone[column][1]
        elif column and cost == costs[row][column - 1] + 1:
            column -= 1
        else:
            row -= 1
            owners[row] = alone[max(column - 1, 0)][1]
    return owners


def _edit_distances(phrase: Sequence[str], alone: Sequence[str]) -> list[list[int]]:
    """Edit distance of every pair of prefixes."""
    rows = [list(range(len(alone) + 1))]
    for number, phone in enumerate(phrase, 1):
        above, row = rows[-1], [number]
        for column, other in enumerate(alone, 1):
            row.append(min(above[column - 1] + (phone != other), above[column] + 1, row[-1] + 1))
        rows.append(row)
    return rows
