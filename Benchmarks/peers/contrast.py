"""Contrastive learning by the command line, judged by others: k-NN of scikit-learn on embeddings, and Gaussians whose information is known.

python contrast.py PROGRAM --data FOLDER [--epochs N] [--only mnist,fashion-mnist,gaussians] [--device cuda] [--key N]

PROGRAM is a gibbs with libtorch. `knn`: five nearest neighbours by scikit-learn on 64 numbers an image, fitted without labels on the 60,000
training images, judged on the 10,000 test images; beside it the same on pixels. `information`: 20 pairs of columns with the correlation that
gives so many nats; the bound of `gibbs fit pairs` on 40,000 pairs held out, and the bound of the true density ratio on as many fresh ones: what no
critic can better, as ln n is near.
"""
import argparse
import gzip
import json
import os
import subprocess
import tempfile
import time

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from common import emit, log, machine


def idx(path, offset):
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=offset)


def accuracy(train, labels, test, wanted):
    return float((KNeighborsClassifier(5, n_jobs=-1).fit(train, labels).predict(test) == wanted).mean())


def images(gibbs, folder, name, options, place):
    files = [os.path.join(folder, name, part) for part in ("train-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte.gz")]
    labels, wanted = idx(files[2], 8), idx(files[3], 8)
    model = os.path.join(place, name + ".gibbs")
    begin = time.perf_counter()
    fit = json.loads(gibbs("fit", "images", files[0], "--model", "contrastive", "--epochs", str(options.epochs), "--key", str(options.key), "--device", options.device, "--out", model, "--json"))
    seconds = time.perf_counter() - begin
    vectors = []
    for file in files[:2]:
        gibbs("embed", model, file, "--out", os.path.join(place, "v.npy"))
        vectors.append(np.load(os.path.join(place, "v.npy")))
    pixels = accuracy(idx(files[0], 16).reshape(-1, 784) / np.float32(255), labels, idx(files[1], 16).reshape(-1, 784) / np.float32(255), wanted)
    emit("gibbs", name, "knn", accuracy(vectors[0], labels, vectors[1], wanted), pixels=pixels, epochs=options.epochs, key=options.key, device=options.device, seconds=seconds, width=vectors[0].shape[1], bound=fit["bound"], ceiling=fit["ceiling"])


def best_bound(x, y, rho):
    """ln n - loss of the true log density ratio, n pairs in one batch."""
    n, v, surprise = len(x), 1 - rho * rho, 0.0
    for first in range(0, n, 1000):
        part = x[first:first + 1000]
        scores = (rho * part @ y.T - 0.5 * rho * rho * ((part * part).sum(1)[:, None] + (y * y).sum(1)[None, :])) / v
        top = scores.max(1, keepdims=True)
        surprise += (np.log(np.exp(scores - top).sum(1)) + top[:, 0] - scores[np.arange(len(part)), np.arange(first, first + len(part))]).sum()
    return float(np.log(n) - surprise / n)


def gaussians(gibbs, place, columns=20):
    for information in (0.5, 1, 2, 3, 4, 5, 6, 7):
        rho = np.sqrt(1 - np.exp(-2 * information / columns))
        generator = np.random.default_rng(int(10 * information))

        def draw(count):
            x = generator.standard_normal((count, columns), np.float32)
            return x, (rho * x + np.sqrt(1 - rho * rho) * generator.standard_normal((count, columns), np.float32)).astype(np.float32)

        for side, rows in zip(("x", "y"), draw(400_000)):
            np.save(os.path.join(place, side + ".npy"), rows)
        fit = json.loads(gibbs("fit", "pairs", os.path.join(place, "x.npy"), os.path.join(place, "y.npy"), "--similarity", "dot", "--hidden", "256", "--width", "64", "--batch", "512",
                               "--epochs", "5", "--out", os.path.join(place, "p.gibbs"), "--json"))
        best = float(np.mean([best_bound(*draw(40_000), rho) for _ in range(3)]))
        emit("gibbs", "gaussians", "information", fit["bound"], exact=information, best=best, ceiling=fit["ceiling"], columns=columns)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--only", default="mnist,fashion-mnist,gaussians")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--key", type=int, default=1)
    options = parser.parse_args()

    def gibbs(*arguments):
        return subprocess.run([options.program, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout

    emit("machine", "contrast", "description", machine("numpy", "scikit-learn"))
    with tempfile.TemporaryDirectory() as place:
        for name in options.only.split(","):
            if name == "gaussians":
                gaussians(gibbs, place)
            else:
                images(gibbs, options.data, name, options, place)
            log(name, "done")


if __name__ == "__main__":
    main()
