"""Recommending by `implicit`: ALS and BPR tuned on a validation part, their lists for the test, and their seconds.

Reads the parts that `GibbsBench recommend --write` left in a folder: NAME-KEY-{fit,valid,train,test}.tsv, the first line
`users TAB items`, then `user TAB item`. Settings are chosen by NDCG@10 on `valid` after learning from `fit` (the mean over the
keys), for each model by itself; then each learns from `train`, and its ten unseen items for every user go to
NAME-KEY-MODEL.lists, to be judged by the program that judges Gibbs. BLAS has one thread, as `implicit` advises; `implicit` has
as many as there are processors.
"""
import argparse
import itertools
import os
import statistics
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

import implicit  # noqa: E402
import numpy as np  # noqa: E402
import scipy.sparse as sp  # noqa: E402
from implicit.als import AlternatingLeastSquares  # noqa: E402
from implicit.bpr import BayesianPersonalizedRanking  # noqa: E402

from common import emit, log, machine, peak_memory  # noqa: E402

K = 10
GRIDS = {
    "als": {"factors": (16, 32, 64, 128), "regularization": (1, 3, 10, 30, 100), "alpha": (1, 3, 10, 30), "iterations": (15,)},
    "bpr": {"factors": (32, 64, 128), "learning_rate": (0.01, 0.03, 0.1), "regularization": (0.003, 0.01, 0.03, 0.1), "iterations": (100,)},
}
# Tried after the best of the grid.
MORE = {"als": {"iterations": (5, 10, 30)}, "bpr": {"iterations": (30, 60, 200, 400)}}


def read(folder, name, key, part):
    path = f"{folder}/{name}-{key}-{part}.tsv"
    with open(path) as lines:
        users, items = (int(word) for word in next(lines).split())
    pairs = np.loadtxt(path, dtype=np.int64, skiprows=1, ndmin=2)
    return sp.csr_matrix((np.ones(len(pairs), np.float32), (pairs[:, 0], pairs[:, 1])), shape=(users, items))


def fitted(kind, settings, matrix, seed=1, threads=0):
    make = AlternatingLeastSquares if kind == "als" else BayesianPersonalizedRanking
    model = make(random_state=seed, num_threads=threads, **settings)
    model.fit(matrix, show_progress=False)
    return model


def lists(model, matrix):
    return model.recommend(np.arange(matrix.shape[0]), matrix, N=K, filter_already_liked_items=True)[0]


def ndcg(found, test):
    """The mean over users with a test item; gains of 1, divided by the best that could be had."""
    discounts, total, users = 1 / np.log2(np.arange(K) + 2), 0.0, 0
    for user in range(test.shape[0]):
        wanted = test.indices[test.indptr[user]:test.indptr[user + 1]]
        if len(wanted):
            total += discounts[np.isin(found[user], wanted)].sum() / discounts[:min(K, len(wanted))].sum()
            users += 1
    return total / users


def grid(choices):
    return [dict(zip(choices, values)) for values in itertools.product(*choices.values())]


def tune(kind, parts):
    def judged(settings):
        value = statistics.mean(ndcg(lists(fitted(kind, settings, fit, threads=1), fit), valid) for fit, valid in parts)
        log(kind, settings, round(value, 4))
        return value
    best = max(((judged(settings), settings) for settings in grid(GRIDS[kind])), key=lambda pair: pair[0])
    return max([best] + [(judged(settings), settings) for settings in ({**best[1], **more} for more in grid(MORE[kind]))], key=lambda pair: pair[0])


def median_seconds(body, times):
    found, busy = [], []
    for _ in range(times):
        start, processor = time.perf_counter(), time.process_time()
        body()
        found.append(time.perf_counter() - start)
        busy.append(time.process_time() - processor)
    return {"value": statistics.median(found), "low": min(found), "high": max(found), "processorSeconds": statistics.median(busy)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--names", default="ml-100k,filmtrust")
    parser.add_argument("--keys", type=int, default=3, help="splits that are judged; the first --tuning-keys choose the settings")
    parser.add_argument("--tuning-keys", type=int, default=2)
    parser.add_argument("--only-time", action="store_true")
    parser.add_argument("--no-time", action="store_true")
    options = parser.parse_args()
    print(__import__("json").dumps(machine("implicit", "numpy", "scipy")), flush=True)
    for name in options.names.split(","):
        if not os.path.exists(f"{options.folder}/{name}-1-train.tsv"):
            log("no parts of", name)
            continue
        train = read(options.folder, name, 1, "train")
        for factors in () if options.no_time else (64, 128):
            settings = {"factors": factors, "iterations": 15}
            emit("implicit", name, "trainSeconds", model="als", factors=factors, iterations=15, version=implicit.__version__,
                 **median_seconds(lambda: fitted("als", settings, train), 9))
            model = fitted("als", settings, train)
            emit("implicit", name, "recommendSeconds", model="als", factors=factors, users=train.shape[0], **median_seconds(lambda: lists(model, train), 21))
        if options.only_time:
            continue
        parts = [(read(options.folder, name, key, "fit"), read(options.folder, name, key, "valid")) for key in range(1, options.tuning_keys + 1)]
        for kind in GRIDS:
            value, settings = tune(kind, parts)
            emit("implicit", name, "valid ndcg@10", value, model=kind, **settings)
            found = []
            for key in range(1, options.keys + 1):
                train, test = read(options.folder, name, key, "train"), read(options.folder, name, key, "test")
                top = lists(fitted(kind, settings, train), train)
                found.append(ndcg(top, test))
                with open(f"{options.folder}/{name}-{key}-{kind}.lists", "w") as out:
                    for row in top:
                        out.write(" ".join(str(item) for item in row if item >= 0) + "\n")
            emit("implicit", name, "test ndcg@10", statistics.mean(found), model=kind, by="peers", keys=options.keys)
    emit("implicit", "all", "peakMemory", peak_memory())


if __name__ == "__main__":
    main()
