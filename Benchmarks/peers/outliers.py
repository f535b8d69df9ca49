"""Outlier detectors of PyOD and scikit-learn on the ADBench tables and on NSL-KDD."""
import argparse
import time
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
from pyod.models.ecod import ECOD
from pyod.models.iforest import IForest
from pyod.models.knn import KNN
from pyod.models.lof import LOF
from pyod.models.ocsvm import OCSVM
from sklearn.covariance import LedoitWolf
from sklearn.metrics import average_precision_score, roc_auc_score

from common import emit, log, machine, peak_memory

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
SUBSAMPLE = 5_000  # rows that a capped detector is fitted on
CAPS = {"OCSVM": 5_000, "KNN": 20_000, "LOF": 20_000}  # train rows above which a detector is capped
RANDOM = {"IForest", "OCSVM"}  # their scores vary with the key on a fixed split (OCSVM by its subsample)


class Mahalanobis:
    def fit(self, x):
        self.covariance = LedoitWolf().fit(x)

    def decision_function(self, x):
        return self.covariance.mahalanobis(x)


def detectors(seed, jobs):
    return {
        "IForest": IForest(random_state=seed, n_jobs=jobs),
        "KNN": KNN(n_neighbors=5, n_jobs=jobs),
        "LOF": LOF(novelty=True, n_jobs=jobs),
        "ECOD": ECOD(),
        "OCSVM": OCSVM(),
        "Mahalanobis": Mahalanobis(),
    }


def warm_up(jobs):
    """Pays the libraries' first-call costs before anything is timed."""
    rows = np.random.default_rng(1).normal(size=(100, 4))
    for detector in detectors(1, jobs).values():
        detector.fit(rows)
        detector.decision_function(rows)


def hash_order(key, count):
    """0..<count in the order of their 64-bit hashes, ties by index."""
    with np.errstate(over="ignore"):
        z = np.uint64(key) * GOLDEN + np.arange(count, dtype=np.uint64)
        z += GOLDEN
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return np.argsort(z, kind="stable")


def standardize(train, test):
    """z-scores with the train rows' mean and deviation; a column that is constant in train is divided by 1."""
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation[train.max(axis=0) == train.min(axis=0)] = 1
    return (train - mean) / deviation, (test - mean) / deviation


def measure(task, train, test, truth, key, options, skip=(), **extra):
    """Fits each detector on `train` (capped ones on its first rows) and scores `test`."""
    for name, detector in detectors(key, options.jobs).items():
        if name in skip or (options.detectors and name not in options.detectors):
            continue
        fitted = train[:SUBSAMPLE] if len(train) > CAPS.get(name, len(train)) else train
        start = time.perf_counter()
        detector.fit(fitted)
        middle = time.perf_counter()
        scores = detector.decision_function(test)
        end = time.perf_counter()
        figures = {
            "auroc": roc_auc_score(truth, scores),
            "average_precision": average_precision_score(truth, scores),
            "fit_seconds": middle - start,
            "score_seconds": end - middle,
        }
        peer = ("sklearn " if name == "Mahalanobis" else "pyod ") + name
        for figure, value in figures.items():
            emit(peer, task, figure, value, key=key, columns=train.shape[1], train_rows=len(train),
                 fitted_rows=len(fitted), subsampled=len(fitted) < len(train),
                 test_rows=len(test), anomalies=int(truth.sum()), **extra)
            yield peer, figure, value


def adbench(options):
    means = defaultdict(list)
    for path in sorted(options.data.glob("*.npz")):
        if options.tables and not {path.stem, path.stem.split("_", 1)[-1]} & options.tables:
            continue
        log(path.stem)
        with np.load(path) as file:
            x, y = file["X"].astype(np.float64), file["y"].astype(int)
        normal, anomalous = x[y == 0], x[y == 1]
        for key in range(1, options.keys + 1):
            order = hash_order(key, len(normal))
            half = len(normal) // 2
            train, test = standardize(normal[order[:half]], np.concatenate([normal[order[half:]], anomalous]))
            truth = np.repeat([0, 1], [len(normal) - half, len(anomalous)])
            for peer, figure, value in measure("adbench", train, test, truth, key, options,
                                               table=path.stem, train_index_sum=int(order[:half].sum())):
                means[peer, figure, path.stem].append(value)
    totals = defaultdict(list)
    for (peer, figure, _), values in means.items():
        totals[peer, figure].append(np.mean(values))
    for (peer, figure), values in totals.items():
        emit(peer, "adbench", "mean_" + figure, np.mean(values), tables=len(values), keys=options.keys)


def nsl_kdd(options):
    def read(name):
        return pd.read_csv(options.nsl_kdd / name, header=None)

    train, test = read("KDDTrain+_20Percent.txt.gz"), read("KDDTest+.txt.gz")
    train = train[train[41] == "normal"]
    truth = (test[41] != "normal").to_numpy().astype(int)

    def columns(table):
        parts = []
        for field in range(41):
            if field in (1, 2, 3):  # protocol, service and flag: one column for each value of the train rows
                values = np.sort(train[field].unique()).astype(str)
                parts.append(table[field].to_numpy().astype(str)[:, None] == values)
            else:
                parts.append(table[field].to_numpy()[:, None])
        return np.concatenate([part.astype(np.float64) for part in parts], axis=1)

    train_x, test_x = standardize(columns(train), columns(test))
    for key in range(1, options.keys + 1):
        ordered = train_x[hash_order(key, len(train_x))]
        skip = () if key == 1 else set(detectors(key, 1)) - RANDOM
        for _ in measure("nsl-kdd", ordered, test_x, truth, key, options, skip):
            pass


def names(text):
    return set(text.split(","))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of ADBench .npz tables")
    parser.add_argument("--nsl-kdd", type=Path, metavar="DIR", help="folder of the NSL-KDD files")
    parser.add_argument("--keys", type=int, default=5, help="splits for each table (5)")
    parser.add_argument("--tables", type=names, metavar="A,B", help="only these tables: 29_Pima or Pima")
    parser.add_argument("--detectors", type=names, metavar="A,B", help="only these: " + ", ".join(detectors(1, 1)))
    parser.add_argument("--jobs", type=int, default=1, help="n_jobs of IForest, KNN and LOF (1, PyOD's default)")
    options = parser.parse_args()
    if not (options.data or options.nsl_kdd):
        parser.error("give --data, --nsl-kdd or both")
    warnings.filterwarnings("ignore")
    warm_up(options.jobs)
    emit("machine", "outliers", "description", machine("pyod", "scikit-learn", "numpy", "scipy"), jobs=options.jobs)
    if options.data:
        adbench(options)
    if options.nsl_kdd:
        nsl_kdd(options)
    emit("machine", "outliers", "peak_memory_bytes", peak_memory())


if __name__ == "__main__":
    main()
