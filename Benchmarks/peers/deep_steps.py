"""One step of training and a run of Langevin chains, in Gibbs and in PyTorch on the same libtorch, in turns.

python deep_steps.py PROGRAM [--threads N] [--rounds N]

PROGRAM is Benchmarks/Deep's deep-steps, built after `scripts/setup --deep` found this Python's torch. The network: convolutions of 1 to 32 and
64 channels with stride 2 on 28 x 28 pixels, a residual block with a group norm, linear maps to 128 and 1; 128 rows. `contrast`: the energies of
two batches and Adam with a running average of the weights; `score`: denoising score matching through the gradient by the input; `langevin`: 60
steps of 128 chains. In PyTorch Adam is fused, as in Gibbs, and the weights need no gradient while chains run. Printed: the median seconds of
both, and the median of the ratios of neighbours, Gibbs over PyTorch, with their quartiles: in seconds, and in seconds of the processors, which
on one thread is what a machine shared with others can still tell.
"""
import argparse
import statistics
import subprocess
import time

import torch
from torch import nn
from torch.nn.functional import silu

from common import emit, machine

ROWS = 128


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.map = nn.GroupNorm(8, 64), nn.Conv2d(64, 64, 3, padding=1)

    def forward(self, x):
        return x + self.map(silu(self.norm(x)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    model = nn.Sequential(nn.Conv2d(1, 32, 3, stride=2, padding=1), nn.SiLU(), nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.SiLU(), Residual(),
                          nn.Flatten(), nn.Linear(64 * 49, 128), nn.SiLU(), nn.Linear(128, 1))
    average = [p.detach().clone() for p in model.parameters()]
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)
    data, other = torch.randn(ROWS, 1, 28, 28), torch.randn(ROWS, 1, 28, 28)

    def step(loss):
        model.requires_grad_(True)
        optimiser.zero_grad()
        value = loss()
        value.backward()
        # Gibbs always knows the length of a gradient, so PyTorch finds it too.
        nn.utils.clip_grad_norm_(model.parameters(), float("inf"))
        optimiser.step()
        torch._foreach_lerp_(average, [p.detach() for p in model.parameters()], 0.001)
        return value.item()

    def contrast():
        low, high = model(data), model(other)
        return low.mean() - high.mean() + 0.1 * (low.square().mean() + high.square().mean())

    def score():
        noise = torch.randn_like(data)
        x = (data + 0.3 * noise).requires_grad_()
        slope, = torch.autograd.grad(model(x).sum(), x, create_graph=True)
        return (0.3 * slope - noise).square().mean()

    def langevin():
        model.requires_grad_(False)
        x = data.clone()
        for _ in range(60):
            x.requires_grad_()
            slope, = torch.autograd.grad(model(x).sum(), x)
            x = x.detach().add_(slope, alpha=-1e-4).add_(torch.randn_like(x), alpha=(2e-4) ** 0.5)
        return x

    tasks = {"contrast": lambda: step(contrast), "score": lambda: step(score), "langevin": langevin}
    peer = subprocess.Popen([options.program, str(options.threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    version, threads, parameters = peer.stdout.readline().split()
    emit("torch", "machine", "threads", options.threads, **machine("torch"), libtorch=version)
    assert int(parameters) == sum(p.numel() for p in model.parameters()) and int(threads) == options.threads

    def ask(name):
        peer.stdin.write(name + "\n")
        peer.stdin.flush()
        return tuple(float(part) for part in peer.stdout.readline().split())

    def own(name):
        wall, processor = time.perf_counter(), time.process_time()
        tasks[name]()
        return time.perf_counter() - wall, time.process_time() - processor

    for name in tasks:
        pairs = [(ask(name), own(name)) for _ in range(options.rounds + 2)][2:]
        for kind, figure in enumerate(("seconds", "processor seconds")):
            ratios = [ours[kind] / theirs[kind] for ours, theirs in pairs]
            low, middle, high = statistics.quantiles(ratios, n=4)
            emit("gibbs", f"deep {name}", figure, statistics.median(ours[kind] for ours, _ in pairs))
            emit("torch", f"deep {name}", figure, statistics.median(theirs[kind] for _, theirs in pairs))
            emit("gibbs", f"deep {name}", f"ratio of {figure}", middle, low=low, high=high)
    peer.stdin.close()
    peer.wait()


if __name__ == "__main__":
    main()
