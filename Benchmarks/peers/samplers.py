"""What the sampler peers share: the targets, their parameters, tuning, effective sample sizes and result lines.

A peer gives a function that runs its kernel and returns draws `[chains, draws, dim]`; everything that is judged
(acceptance, effective samples, R-hat, errors of the standard deviations) is computed here, alike for all.
"""
import argparse
import json
import math
import statistics
import time
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import numpy as np
from scipy.special import expit, ndtri

from common import emit, log, machine, peak_memory

TARGETS = ("gaussian100", "funnel10", "rbm")
WARM_UP = 500
HMC_ACCEPTANCE, MALA_ACCEPTANCE = 0.8, 0.574


@dataclass
class Target:
    """A density exp(-E(x)). `sd` has the exact standard deviations, NaN where there is nothing to hold a run to."""
    name: str
    dim: int
    parameters: dict
    sd: np.ndarray

    def energy(self, x):
        """Energies `[batch]` and their gradients `[batch, dim]`, in float64."""
        p = {key: np.asarray(value, np.float64) for key, value in self.parameters.items()}
        if self.name == "gaussian100":
            gradient = x @ p["precision"]
            return 0.5 * (x * gradient).sum(1), gradient
        if self.name == "funnel10":
            v, rest = x[:, 0], x[:, 1:]
            precision = np.exp(-v)
            squares = (rest * rest).sum(1)
            value = v * v / 18 + 4.5 * v + 0.5 * precision * squares
            return value, np.column_stack([v / 9 + 4.5 - 0.5 * precision * squares, precision[:, None] * rest])
        hidden = x @ p["W"] + p["c"]
        centred = x - p["b"]
        value = 0.5 * (centred * centred).sum(1) - np.logaddexp(0, hidden).sum(1)
        return value, centred - expit(hidden) @ p["W"].T


def load_parameters(path):
    """The arrays of a safetensors or .npz file."""
    if path.endswith(".safetensors"):
        from safetensors.numpy import load_file
        return load_file(path)
    with np.load(path) as file:
        return dict(file)


def default_rbm():
    """W [100, 64], b, c of the machine that is sampled when none is given."""
    generator = np.random.default_rng(7)
    weights = 0.2 * generator.standard_normal((100, 64))
    visible, hidden = 0.5 * generator.standard_normal(100), generator.standard_normal(64) - 1
    return {"W": weights.astype(np.float32), "b": visible.astype(np.float32), "c": hidden.astype(np.float32)}


def rbm_sd(parameters, chains=256, sweeps=600, discard=100, seed=1):
    """Standard deviations of a Gaussian-Bernoulli RBM's visible units, from block Gibbs sweeps.

    Var v = 1 + Var(b + W h), so only the means given the hidden units are averaged, not the noise about them.
    """
    weights, visible, hidden = parameters["W"], parameters["b"], parameters["c"]
    generator = np.random.default_rng(seed)
    v = generator.standard_normal((chains, len(visible)), np.float32)
    total, squares = np.zeros(len(visible)), np.zeros(len(visible))
    for sweep in range(sweeps):
        h = (generator.random((chains, len(hidden)), np.float32) < expit(v @ weights + hidden)).astype(np.float32)
        mean = visible + h @ weights.T
        v = mean + generator.standard_normal(mean.shape, np.float32)
        if sweep >= discard:
            total += mean.sum(0)
            squares += np.square(mean, dtype=np.float64).sum(0)
    count = chains * (sweeps - discard)
    return np.sqrt(1 + squares / count - (total / count) ** 2)


def make_target(name, rbm=None):
    if name == "gaussian100":
        place = np.arange(100)
        sd = 10 ** (-0.5 + place / 99)
        covariance = np.outer(sd, sd) * 0.9 ** np.abs(place[:, None] - place)
        return Target(name, 100, {"precision": np.linalg.inv(covariance).astype(np.float32)}, sd)
    if name == "funnel10":
        return Target(name, 10, {}, np.array([3.0] + [np.nan] * 9))
    parameters = {key: np.asarray(value, np.float32) for key, value in (rbm or default_rbm()).items()}
    return Target(name, len(parameters["b"]), parameters, rbm_sd(parameters))


# Diagnostics: Vehtari, Gelman, Simpson, Carpenter and Bürkner, "Rank-normalization, folding, and localization: an
# improved R-hat", Bayesian Analysis 16(2), 2021.

def split_chains(x):
    """Chains cut in half, coordinates first: `[chains, draws, dim]` to `[dim, 2 chains, draws / 2]`."""
    half = x.shape[1] // 2
    return np.ascontiguousarray(np.concatenate([x[:, :half], x[:, -half:]]).transpose(2, 0, 1))


def ranks(values):
    """Ranks from 1, those of equal values averaged; several times as fast as SciPy's for float32."""
    order = np.argsort(values)
    ordered = values[order]
    edges = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1], [True]]))
    result = np.empty(len(values))
    result[order] = np.repeat((edges[:-1] + edges[1:] + 1) / 2, np.diff(edges))
    return result


def rank_normalised(x):
    flat = x.reshape(len(x), -1)
    return ndtri((np.stack([ranks(row) for row in flat]) - 0.375) / (flat.shape[1] + 0.25)).reshape(x.shape)


def scale_reduction(z):
    """R-hat of each coordinate from `[dim, chains, draws]`."""
    draws = z.shape[2]
    return np.sqrt((draws - 1) / draws + z.mean(2).var(1, ddof=1) / z.var(2, ddof=1).mean(1))


def effective_samples(z):
    """Effective sample size of each coordinate of `[dim, chains, draws]`, by Geyer's initial monotone sequence."""
    dim, chains, draws = z.shape
    transform = np.fft.rfft(z - z.mean(2, keepdims=True), 2 * draws, axis=2)
    power = (transform.real ** 2 + transform.imag ** 2).mean(1)
    covariance = np.fft.irfft(power, axis=1)[:, :draws] / draws
    within = covariance[:, 0] * draws / (draws - 1)
    variance = covariance[:, 0] + z.mean(2).var(1, ddof=1)
    correlation = 1 - (within[:, None] - covariance) / variance[:, None]
    correlation[:, 0] = 1
    pairs = correlation[:, :draws - draws % 2].reshape(dim, -1, 2).sum(2)
    result = np.empty(dim)
    for row, sums in enumerate(pairs):
        stop = int(np.argmax(sums < 0)) if (sums < 0).any() else len(sums)
        tau = -1 + 2 * np.minimum.accumulate(sums[:stop]).sum()
        if stop < len(sums):
            tau += max(correlation[row, 2 * stop], 0)
        result[row] = chains * draws / max(tau, 1 / math.log10(chains * draws))
    return result


def acceptance(draws, before=None):
    """The share of transitions that moved, from the first draw on or from the positions before it."""
    moved = [(draws[:, 1:] != draws[:, :-1]).any(-1)]
    if before is not None:
        moved.append((draws[:, :1] != before[:, None]).any(-1))
    return float(np.concatenate(moved, 1).mean())


def judged(draws, target):
    """The figures of one run; a chain that left the finite numbers leaves no effective samples.

    A trajectory of HMC half a period long throws each draw to the other side of the mean: the draws' effective
    number exceeds theirs while their distances from the median hardly change. `minFoldedESS` is of those distances.
    """
    draws = np.asarray(draws, np.float32)
    nothing = {"minESS": 0.0, "minFoldedESS": 0.0, "rHat": None, "sdError": None}
    if not np.isfinite(draws).all() or (draws == draws[:, :1]).all((0, 1)).any():
        return nothing
    x = split_chains(draws)
    bulk = rank_normalised(x)
    folded = rank_normalised(np.abs(x - np.median(x, axis=(1, 2), keepdims=True)))
    return {
        "minESS": float(effective_samples(bulk).min()),
        "minFoldedESS": float(effective_samples(folded).min()),
        "rHat": float(max(scale_reduction(bulk).max(), scale_reduction(folded).max())),
        "sdError": float(np.nanmax(np.abs(draws.std((0, 1), dtype=np.float64) / target.sd - 1))),
    }


# Tuning

class DualAveraging:
    """Step sizes that bring the acceptance to a goal (Hoffman and Gelman, JMLR 15, 2014, section 3.2)."""

    def __init__(self, start, goal):
        self.centre, self.goal, self.count, self.error = math.log(10 * start), goal, 0, 0.0
        self.log_step, self.log_mean = math.log(start), 0.0

    def update(self, accepted):
        self.count += 1
        self.error += (self.goal - accepted - self.error) / (self.count + 10)
        self.log_step = self.centre - math.sqrt(self.count) / 0.05 * self.error
        share = self.count ** -0.75
        self.log_mean += share * (self.log_step - self.log_mean)

    @property
    def step(self):
        return math.exp(self.log_step)

    @property
    def mean(self):
        return math.exp(self.log_mean)


def tuned_step(burst, goal, start=0.1, steps=WARM_UP, length=5):
    """A step size from `steps` transitions of all chains, in bursts. `burst(step, length)` returns the acceptance."""
    averaging = DualAveraging(start, goal)
    for _ in range(steps // length):
        averaging.update(burst(averaging.step, length))
    return averaging.mean


@dataclass
class Pilot:
    """A kernel's settings and how well a short run did with them. `run(draws)` makes a run with the settings."""
    leapfrog: int
    step: float
    run: object
    rate: float


def best_pilot(leapfrog, step, run, target, draws=150, factors=(0.7, 1.0, 1.3)):
    """Of some steps near a tuned one, that whose run `run(step, draws)` had the most effective samples a second."""
    pilots = []
    for factor in factors:
        begin = time.perf_counter()
        x = run(step * factor, draws)
        seconds = time.perf_counter() - begin
        figures = judged(x, target)
        rate = min(figures["minESS"], figures["minFoldedESS"]) / seconds
        pilots.append(Pilot(leapfrog, step * factor, partial(run, step * factor), rate))
    return max(pilots, key=lambda pilot: pilot.rate)


def worth_measuring(pilots):
    """The first of the trajectory lengths, and the best one where that is another."""
    best = max(pilots, key=lambda pilot: pilot.rate)
    return [pilots[0]] if best is pilots[0] else [pilots[0], best]


def start(target, chains, seed=1):
    return np.random.default_rng(seed).standard_normal((chains, target.dim), np.float32)


def common_langevin_step(target, chains):
    """The step size of every peer's ULA: that at which MALA accepts 0.574, found in float64.

    ULA's effective samples grow with the step and so does its bias, so a search for the most would be a search for
    the worst. `x' = x - step * gradient + sqrt(2 step) * noise`.
    """
    generator = np.random.default_rng(1)
    averaging = DualAveraging(0.01, MALA_ACCEPTANCE)
    x = start(target, chains).astype(np.float64)
    value, gradient = target.energy(x)
    for _ in range(WARM_UP):
        step = averaging.step
        with np.errstate(all="ignore"):
            noise = generator.standard_normal(x.shape)
            y = x - step * gradient + math.sqrt(2 * step) * noise
            new_value, new_gradient = target.energy(y)
            back = x - y + step * new_gradient
            log_ratio = value - new_value + 0.5 * (noise ** 2).sum(1) - (back ** 2).sum(1) / (4 * step)
            probability = np.nan_to_num(np.exp(np.minimum(log_ratio, 0)))
        moved = generator.random(chains) < probability
        x[moved], value[moved], gradient[moved] = y[moved], new_value[moved], new_gradient[moved]
        averaging.update(probability.mean())
    return averaging.mean


# Results

def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rbm", metavar="PATH", help="safetensors or .npz with W [visible, hidden], b and c")
    parser.add_argument("--write-rbm", metavar="PATH", help="write the default RBM to an .npz and stop")
    parser.add_argument("--targets", default=",".join(TARGETS), help="which of %(default)s")
    parser.add_argument("--leapfrog", default="10,20,40", help="lengths of HMC's trajectories; blackjax shows all, "
                        "the others the first and what looks best (%(default)s)")
    parser.add_argument("--chains", type=int, default=64)
    parser.add_argument("--draws", type=int, default=1000, help="kept draws of each chain (%(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="timed runs; figures are their medians (%(default)s)")
    parser.add_argument("--threads", type=int, default=1,
                        help="threads of torch (%(default)s: products of 64 rows are slower on two)")
    options = parser.parse_args()
    options.leapfrog = [int(length) for length in options.leapfrog.split(",")]
    if options.write_rbm:
        np.savez(options.write_rbm, **default_rbm())
        raise SystemExit(0)
    return options


class Report:
    """Runs and prints the kernels of one peer."""

    def __init__(self, peer, options, *packages):
        self.peer, self.options = peer, options
        emit("machine", f"samplers_{peer}", "description", machine(peer, *packages))

    def targets(self):
        rbm = load_parameters(self.options.rbm) if self.options.rbm else None
        for name in self.options.targets.split(","):
            yield make_target(name, rbm)

    def line(self, target, kernel, **figures):
        record = {"peer": self.peer, "version": version(self.peer), "target": target.name, "kernel": kernel, **figures}
        print(json.dumps(record), flush=True)

    def missing(self, kernel, why):
        record = {"peer": self.peer, "version": version(self.peer), "kernel": kernel, "missing": why}
        print(json.dumps(record), flush=True)

    def measure(self, target, kernel, run, step, leapfrog=None, adjusted=True, **extra):
        """Times `run(seed)`, which returns draws `[chains, draws, dim]` as an array or what becomes one."""
        log(self.peer, target.name, kernel, leapfrog or "", extra or "")
        runs = []
        for seed in range(self.options.runs):
            begin = time.perf_counter()
            draws = run(seed)
            seconds = time.perf_counter() - begin
            draws = np.asarray(draws)
            assert draws.shape == (self.options.chains, self.options.draws, target.dim), draws.shape
            figures = judged(draws, target)
            runs.append({**figures, "acceptance": acceptance(draws) if adjusted else None, "seconds": seconds,
                         "essPerSecond": figures["minESS"] / seconds})

        def median(key):
            values = [run[key] for run in runs if run[key] is not None]
            return float(f"{statistics.median(values):.4g}") if values else None

        rates = [run["essPerSecond"] for run in runs]
        low, high = (float(f"{rate:.4g}") for rate in (min(rates), max(rates)))
        keys = ("acceptance", "minESS", "minFoldedESS", "seconds", "essPerSecond", "rHat", "sdError")
        medians = {key: median(key) for key in keys}
        self.line(target, kernel, leapfrog=leapfrog, stepSize=float(f"{step:.4g}"), **medians, low=low,
                  high=high, **extra)

    def finish(self):
        emit("machine", f"samplers_{self.peer}", "peak_memory_bytes", peak_memory())


if __name__ == "__main__":
    arguments(__doc__.splitlines()[0])
