"""Errors of Surprise's models on the folds that the benchmark program wrote: one JSON line a model and fold, with its mean last."""
import argparse
import collections
import statistics
import time

import numpy as np
from common import emit, log, machine, peak_memory
from surprise import SVD, BaselineOnly, Dataset, KNNBaseline, Reader, SVDpp

MODELS = {
    "SVD": lambda: SVD(random_state=1),
    "SVDpp": lambda: SVDpp(random_state=1),
    "BaselineOnly": lambda: BaselineOnly(verbose=False),
    "KNNBaseline": lambda: KNNBaseline(sim_options={"name": "pearson_baseline", "user_based": False}, verbose=False),
}


def read(path):
    """Rows (user, item, rating, fold) of a file with a line for each, divided by tabs."""
    with open(path) as lines:
        cells = [line.rstrip("\n").split("\t") for line in lines]
    return [(user, item, float(rating), int(fold)) for user, item, rating, fold in cells]


def errors(make, rows, fold, scale):
    """RMSE and MAE on a fold after training on all others, and the seconds of training."""
    train = [row[:3] for row in rows if row[3] != fold]
    test = [row[:3] for row in rows if row[3] == fold]
    reader = Reader(rating_scale=scale)
    data = Dataset(reader)
    trainset = data.construct_trainset([(u, i, r, None) for u, i, r in train])
    model = make()
    start = time.perf_counter()
    np.random.seed(1)
    model.fit(trainset)
    seconds = time.perf_counter() - start
    differences = np.array([prediction.est - prediction.r_ui for prediction in model.test(test)])
    return {"rmse": float(np.sqrt(np.mean(differences**2))), "mae": float(np.mean(np.abs(differences))), "seconds": seconds, "ratings": len(test)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", required=True, help="the name of the data, for instance ml-100k")
    parser.add_argument("--folds", required=True, help="file of user, item, rating and fold, divided by tabs")
    parser.add_argument("--only", default="", help="models, divided by commas")
    arguments = parser.parse_args()
    emit("surprise", arguments.task, "description", 0, **machine("scikit-surprise", "numpy"))
    rows = read(arguments.folds)
    scale = (min(row[2] for row in rows), max(row[2] for row in rows))
    chosen = [name for name in MODELS if not arguments.only or name in arguments.only.split(",")]
    for name in chosen:
        found = collections.defaultdict(list)
        for fold in sorted({row[3] for row in rows}):
            figures = errors(MODELS[name], rows, fold, scale)
            log(name, fold, figures)
            for figure in ("rmse", "mae"):
                found[figure].append(figures[figure])
            emit("surprise", arguments.task, "rmse", figures["rmse"], model=name, fold=fold + 1, mae=figures["mae"], seconds=figures["seconds"], ratings=figures["ratings"])
        emit("surprise", arguments.task, "meanRMSE", statistics.mean(found["rmse"]), model=name, mae=statistics.mean(found["mae"]), folds=len(found["rmse"]))
    emit("surprise", arguments.task, "peak_memory_bytes", peak_memory())


if __name__ == "__main__":
    main()
