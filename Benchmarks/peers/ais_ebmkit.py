"""The log partition function of a Bernoulli RBM by ebmkit's annealed importance sampling, on the CPU.

`ebm.ais_log_z` anneals the free energy from a distribution over the visible units. Between the two ends that is no
RBM, so its block Gibbs sampler does not apply (it refuses the tempered energy), and of its samplers for binary states
there remains GibbsWithGradients: one proposed flip a transition.
"""
import argparse
import json
import statistics
import time
from importlib.metadata import version

import ebm
import numpy as np
import torch
from ebm.nets import RBM
from ebm.samplers import GibbsWithGradients

from common import emit, log, machine, peak_memory
from samplers import load_parameters


def machine_of(parameters):
    """An ebmkit RBM of W [visible, hidden], visibleBias and hiddenBias."""
    weights = torch.as_tensor(np.asarray(parameters["W"], np.float32))
    model = RBM(*weights.shape)
    with torch.no_grad():
        model.W.copy_(weights.T)
        model.b.copy_(torch.as_tensor(np.asarray(parameters["visibleBias"], np.float32)))
        model.c.copy_(torch.as_tensor(np.asarray(parameters["hiddenBias"], np.float32)))
    return model


def random_parameters(visible, hidden, seed=7):
    weights = 0.05 * np.random.default_rng(seed).standard_normal((visible, hidden))
    return {"W": weights.astype(np.float32), "visibleBias": np.zeros(visible), "hiddenBias": np.zeros(hidden)}


def measure(task, model, options, count, **extra):
    log(task)
    visible, hidden = model.n_visible, model.n_hidden
    base = torch.distributions.Independent(torch.distributions.Bernoulli(logits=model.b.detach().clone()), 1)
    runs = []
    for _ in range(count):
        begin = time.perf_counter()
        result = ebm.ais_log_z(model, (visible,), base=base, n_temps=options.betas, n_chains=options.chains,
                               transitions=options.transitions, sampler=GibbsWithGradients())
        runs.append((time.perf_counter() - begin, result))
    seconds = statistics.median(run[0] for run in runs)
    steps = options.chains * options.betas * options.transitions
    record = {
        "peer": "ebmkit", "version": version("ebmkit"), "task": task, "visible": visible, "hidden": hidden,
        "chains": options.chains, "betas": options.betas, "transitions": options.transitions,
        "sampler": "GibbsWithGradients", "seconds": round(seconds, 4), "chainStepsPerSecond": round(steps / seconds, 1),
        "logZ": [round(run[1].log_z, 4) for run in runs], "standardError": [round(run[1].stderr, 4) for run in runs],
        "effectiveChains": [round(run[1].ess, 2) for run in runs], **extra,
    }
    print(json.dumps(record), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rbm", metavar="PATH", help="safetensors or .npz with W [visible, hidden], visibleBias "
                        "and hiddenBias (without it, 784 x 500 random weights)")
    parser.add_argument("--chains", type=int, default=100)
    parser.add_argument("--betas", type=int, default=1000, help="temperatures (%(default)s)")
    parser.add_argument("--transitions", type=int, default=1, help="transitions at each temperature (%(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="timed runs; times are their median (%(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch (%(default)s)")
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    emit("machine", "ais_ebmkit", "description", machine("ebmkit", "torch", "numpy"), threads=options.threads)
    small = machine_of(random_parameters(784, 16))  # small enough for ebmkit to enumerate
    measure("ais-exact", small, options, 1, exact=round(small.log_z().item(), 4))
    parameters = load_parameters(options.rbm) if options.rbm else random_parameters(784, 500)
    measure("ais", machine_of(parameters), options, options.runs)
    emit("machine", "ais_ebmkit", "peak_memory_bytes", peak_memory())


if __name__ == "__main__":
    main()
