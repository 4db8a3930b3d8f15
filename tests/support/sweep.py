"""What long sweeps share: a count from the command line, workers side by side, a table."""

import concurrent.futures
import os
import sys


def take_count(small):
    """How many: the first argument when it is a number, or $MINPING_TEST_COUNT, or `small`."""
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        return int(sys.argv.pop(1))
    return int(os.environ.get("MINPING_TEST_COUNT", small))


def shares(count, parts):
    """`count` split into `parts` that differ by 1 at most."""
    return [count // parts + (index < count % parts) for index in range(parts)]


def side_by_side(work, *lists):
    """Runs work(a, b, ...) for each of the lists' entries in a thread each; their answers.

    The first of them that failed fails all, once the others are done.
    """
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, len(lists[0]))) as pool:
        return list(pool.map(work, *lists))


def print_table(head, rows):
    """Columns under their names; numbers to the right."""
    texts = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    for number, row in enumerate(texts):
        print("  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                        for column, (cell, width) in enumerate(zip(row, widths))).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
    sys.stdout.flush()
