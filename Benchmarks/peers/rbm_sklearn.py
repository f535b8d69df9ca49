"""RBM training and free-energy scoring with scikit-learn's BernoulliRBM.

BernoulliRBM trains with persistent contrastive divergence (one Gibbs step of a persistent chain for each batch)
and knows no softmax fields: the table's 500 columns are Bernoulli units here.
"""
import argparse
import statistics
import time

from sklearn.neural_network import BernoulliRBM
from threadpoolctl import threadpool_limits

from common import emit, log, machine, mnist, one_hot_table, peak_memory, rate

PEER = "sklearn BernoulliRBM"


def throughput(task, data, hidden, options, **extra):
    log(task)
    shape = {"visible": data.shape[1], "hidden": hidden, "batch": 100, "kind": "sampled", **extra}
    model = BernoulliRBM(n_components=hidden, learning_rate=0.05, batch_size=100, n_iter=1, random_state=1)
    model.fit(data[:500])  # warm-up
    rates = []
    for _ in range(options.fits):
        start = time.perf_counter()
        model.fit(data[:options.rows])
        rates.append(min(options.rows, len(data)) / (time.perf_counter() - start))
    emit(PEER, task, "train_samples_per_second", statistics.median(rates), low=min(rates), high=max(rates),
         windows=len(rates), **shape)
    chunk = data[:1_000]
    result = rate(lambda: model._free_energy(chunk), len(chunk), seconds=0.5, windows=5)
    emit(PEER, task, "score_samples_per_second", **result, chunk=len(chunk), **shape)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mnist", metavar="DIR", help="folder of the gzipped IDX files (synthetic pixels when absent)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=int, default=10_000, help="rows of one timed fit of one pass (10000)")
    parser.add_argument("--fits", type=int, default=5, help="timed fits; the figure is their median (5)")
    options = parser.parse_args()
    emit("machine", "rbm_sklearn", "description", machine("scikit-learn", "numpy"), threads=options.threads)
    with threadpool_limits(options.threads):
        pixels, source = mnist(options.mnist, options.rows)
        throughput("rbm", pixels, 500, options, source=source)
        throughput("table", one_hot_table(options.rows)[1], 128, options, source="synthetic")
    emit("machine", "rbm_sklearn", "peak_memory_bytes", peak_memory())


if __name__ == "__main__":
    main()
