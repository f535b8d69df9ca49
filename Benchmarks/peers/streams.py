"""Events a second of detectors that learn from a stream: river's HalfSpaceTrees, pysad's xStream, LODA and HalfSpaceTrees.

Each event is scored and learned, one at a time: scored first by the two HalfSpaceTrees, learned first by xStream and LODA
(pysad's `fit_score_partial`). An event is one of 50 types of a Markov chain drawn from a seed, in which every type is followed by one of five mostly; its features are the
previous three types, one-hot: 150 numbers. river gets the three that are one, as a dictionary (an absent name is 0 to its
trees), and the whole dictionary besides; pysad gets the dense row. Everything runs on one thread.
"""
import argparse
import os
import statistics
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"  # before NumPy is imported

import numpy as np  # noqa: E402

from common import emit, log, machine, peak_memory  # noqa: E402

TYPES, HISTORY = 50, 3


def stream(events, seed):
    """The types of `events` events: after each type, one of five with weights of a Dirichlet (95 %), or any (5 %)."""
    generator = np.random.default_rng(seed)
    followers = np.stack([generator.choice(TYPES, 5, replace=False) for _ in range(TYPES)])
    edges = np.cumsum(generator.dirichlet(np.ones(5), TYPES), axis=1)
    uniform, strays = generator.random(events), generator.integers(0, TYPES, events)
    is_stray, types, current = generator.random(events) < 0.05, np.empty(events, np.int64), 0
    for i in range(events):
        step = min(4, int(np.searchsorted(edges[current], uniform[i])))
        current = int(strays[i]) if is_stray[i] else int(followers[current, step])
        types[i] = current
    return types


def columns(types):
    """For each event from the fourth on, the three columns of its one-hot features that are one."""
    windows = np.lib.stride_tricks.sliding_window_view(types[:-1], HISTORY)
    return windows + np.arange(HISTORY) * TYPES


def rates(make, step, items, options):
    """Events a second in several runs, each of a detector that has learned `warm` events before the clock starts."""
    found = []
    for _ in range(options.runs):
        model = make()
        for item in items[:options.warm]:
            step(model, item)
        done, start = 0, time.perf_counter()
        for item in items[options.warm:]:
            step(model, item)
            done += 1
            if done % 32 == 0 and time.perf_counter() - start > options.seconds:
                break
        found.append(done / (time.perf_counter() - start))
    return {"value": statistics.median(found), "low": min(found), "high": max(found), "runs": len(found)}


def river_peers(index, options):
    from river import anomaly

    names = [f"{place}:{kind}" for place in range(HISTORY) for kind in range(TYPES)]
    limits = {name: (0, 1) for name in names}
    zeros = dict.fromkeys(names, 0)
    sparse = [{names[column]: 1 for column in row} for row in index]
    dense = [zeros | row for row in sparse]

    def step(model, features):
        score = model.score_one(features)
        model.learn_one(features)
        return score

    for kind, items in (("sparse", sparse), ("dense", dense)):
        log(f"river HalfSpaceTrees, {kind}")
        result = rates(lambda: anomaly.HalfSpaceTrees(n_trees=10, height=8, window_size=250, limits=limits, seed=1), step, items, options)
        emit("river HalfSpaceTrees", "stream", "events_per_second", **result, trees=10, height=8, window=250, features=kind)


def pysad_peers(index, options):
    from pysad import models

    dense = np.zeros((len(index), HISTORY * TYPES))
    np.put_along_axis(dense, index, 1, axis=1)
    low, high = np.zeros(HISTORY * TYPES), np.ones(HISTORY * TYPES)

    def score_then_fit(model, row):
        score = model.score_partial(row)
        model.fit_partial(row)
        return score

    def fit_then_score(model, row):
        return model.fit_score_partial(row)

    cases = [
        ("xStream", fit_then_score, lambda: models.xStream(random_state=1), {"components": 100, "chains": 100, "depth": 15, "window": 256}),
        ("LODA", fit_then_score, lambda: models.LODA(random_state=1), {"cuts": 100, "bins": 10}),
        ("HalfSpaceTrees", score_then_fit, lambda: models.HalfSpaceTrees(low, high, window_size=250, num_trees=10, max_depth=8, random_state=1),
         {"trees": 10, "height": 8, "window": 250}),
    ]
    for name, step, make, settings in cases:
        log("pysad " + name)
        np.random.seed(1)
        try:
            emit(f"pysad {name}", "stream", "events_per_second", **rates(make, step, dense, options), **settings)
        except Exception as error:  # a detector that does not run is a finding, not the end of the others
            emit(f"pysad {name}", "stream", "failed", f"{type(error).__name__}: {error}", **settings)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--events", type=int, default=100_000, help="events of the stream at most (100000)")
    parser.add_argument("--warm", type=int, default=600, help="events learned before the clock starts (600)")
    parser.add_argument("--seconds", type=float, default=2, help="of each timed run (2)")
    parser.add_argument("--runs", type=int, default=3, help="timed runs; the figure is their median (3)")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    emit("machine", "streams", "description", machine("river", "pysad", "numpy", "scikit-learn"), threads=1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    index = columns(stream(options.events, options.seed))
    river_peers(index, options)
    pysad_peers(index, options)
    emit("machine", "streams", "peak_memory_bytes", peak_memory())


if __name__ == "__main__":
    main()
