"""Reads a CSV with pandas and prints megabytes a second: the rival of `GibbsBench csv`, on the same file."""
import os
import sys
import time

import pandas

from common import emit

path = sys.argv[1]
times = []
for _ in range(3):
    start = time.perf_counter()
    pandas.read_csv(path)
    times.append(time.perf_counter() - start)
emit("pandas read_csv", "csv-read", "MB/s", os.path.getsize(path) / sorted(times)[1] / 1e6)
