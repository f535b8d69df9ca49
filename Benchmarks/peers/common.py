"""What the peers share: result lines, the machine, timing, and the data of the throughput tasks."""
import gzip
import json
import os
import platform
import resource
import statistics
import sys
import time
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version

import numpy as np

FIELD_BLOCKS = ((20, 12), (20, 13))  # (fields, categories of each): 40 fields, 500 one-hot columns


def emit(peer, task, figure, value, **extra):
    """Prints one result as one line of JSON."""
    record = {"peer": peer, "task": task, "figure": figure, "value": value, **extra}
    print(json.dumps(record, default=lambda x: x.item()), flush=True)


def log(*words):
    print(*words, file=sys.stderr, flush=True)


def machine(*packages):
    cpu = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as lines:
            cpu = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    versions = {}
    for name in packages:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = None
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "os": platform.system(),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "packages": versions,
    }


def peak_memory():
    """The largest resident size of this process so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def rate(step, items, seconds=1.0, windows=7):
    """Units of `items` a second: the median, lowest and highest of several windows after a warm-up."""
    def window():
        calls, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < seconds:
            step()
            calls += 1
        return calls * items / elapsed

    window()  # warm-up
    rates = [window() for _ in range(windows)]
    return {"value": statistics.median(rates), "low": min(rates), "high": max(rates), "windows": windows}


def mnist(folder, rows=None, seed=1):
    """Pixels of the MNIST training images as 0 or 1 (float32) and their source; Bernoulli(0.13) when absent."""
    path = os.path.join(folder or "", "train-images-idx3-ubyte.gz")
    if folder and os.path.exists(path):
        with gzip.open(path) as file:
            pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)
        return (pixels[:rows] >= 128).astype(np.float32), "mnist"
    generator = np.random.default_rng(seed)
    return (generator.random((rows or 20_000, 784), np.float32) < 0.13).astype(np.float32), "synthetic"


def one_hot_table(rows=20_000, seed=1):
    """A table of categorical fields as (row, field) column indices, and as one-hot float32 columns."""
    generator = np.random.default_rng(seed)
    fields, start = [], 0
    for count, size in FIELD_BLOCKS:
        for _ in range(count):
            fields.append(start + generator.choice(size, rows, p=generator.dirichlet(np.full(size, 0.5))))
            start += size
    index = np.stack(fields, axis=1)
    dense = np.zeros((rows, start), np.float32)
    np.put_along_axis(dense, index, 1, axis=1)
    return index, dense
