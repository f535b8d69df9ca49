"""RBM training (CD-1) and free-energy scoring in PyTorch on the CPU, and the matrix products alone."""
import argparse

import numpy as np
import torch
import torch.nn.functional as F

from common import FIELD_BLOCKS, emit, log, machine, mnist, one_hot_table, peak_memory, rate

PEER = "torch"


class RBM:
    """CD-1 in preallocated buffers. Rows 0..<batch of `v` and `h` are the positive phase, the rest the negative.

    The negative half of `h` is stored negated, so that one product of 2 * batch rows updates the weights
    in place. Uniforms come from NumPy's PCG64, which fills a buffer about twice as fast as torch.rand.
    """

    def __init__(self, visible, hidden, batch=100, learning_rate=0.05, kind="sampled"):
        self.batch, self.kind, self.step_size = batch, kind, learning_rate / batch
        self.weights = torch.randn(visible, hidden).mul_(0.01)
        self.visible_bias, self.hidden_bias = torch.zeros(visible), torch.zeros(hidden)
        self.v, self.h = torch.empty(2 * batch, visible), torch.empty(2 * batch, hidden)
        self.sample = torch.empty(batch, hidden)
        self.signs = torch.cat([torch.ones(batch), -torch.ones(batch)])
        self.generator = np.random.default_rng(1)
        self.uniform_v, self.uniform_h = torch.empty(batch, visible), torch.empty(batch, hidden)
        self.uniform_fields = [torch.empty(batch, count, 1) for count, _ in FIELD_BLOCKS]

    def uniform(self, buffer):
        self.generator.random(dtype=np.float32, out=buffer.numpy())
        return buffer

    def train(self, data, rows):
        positive_v, negative_v = self.v[:self.batch], self.v[self.batch:]
        positive_h, negative_h = self.h[:self.batch], self.h[self.batch:]
        torch.index_select(data, 0, rows, out=positive_v)
        torch.addmm(self.hidden_bias, positive_v, self.weights, out=positive_h).sigmoid_()
        torch.lt(self.uniform(self.uniform_h), positive_h, out=self.sample)
        torch.addmm(self.visible_bias, self.sample, self.weights.T, out=negative_v)
        if self.kind == "softmax":
            self.sample_fields(negative_v)
        else:
            negative_v.sigmoid_()
            if self.kind == "sampled":
                torch.lt(self.uniform(self.uniform_v), negative_v, out=negative_v)
        torch.addmm(self.hidden_bias, negative_v, self.weights, out=negative_h).sigmoid_().neg_()
        self.weights.addmm_(self.v.T, self.h, alpha=self.step_size)
        self.visible_bias.addmv_(self.v.T, self.signs, alpha=self.step_size)
        self.hidden_bias.add_(self.h.sum(0), alpha=self.step_size)

    def sample_fields(self, activations):
        """Turns each field's activations into a one-hot sample of its softmax, by inversion."""
        start = 0
        for (count, size), uniform in zip(FIELD_BLOCKS, self.uniform_fields):
            block = activations[:, start:start + count * size].unflatten(1, (count, size))
            sums = (block - block.amax(-1, keepdim=True)).exp_().cumsum(-1)  # softmax() is slow for so few values
            chosen = (sums[..., :-1] <= self.uniform(uniform) * sums[..., -1:]).sum(-1, keepdim=True)
            block.zero_().scatter_(-1, chosen, 1)
            start += count * size

    def free_energy(self, v):
        hidden = F.softplus(torch.addmm(self.hidden_bias, v, self.weights)).sum(1)
        return torch.addmv(hidden, v, self.visible_bias).neg_()

    def free_energy_of_indices(self, index):
        """The same from the 40 column indices of each row, without the zeros."""
        hidden = F.embedding_bag(index, self.weights, mode="sum").add_(self.hidden_bias)
        return F.softplus(hidden).sum(1).add_(self.visible_bias[index].sum(1)).neg_()


def batches(count, size):
    """Endless batches of row numbers, shuffled anew in each pass."""
    while True:
        yield from torch.randperm(count).split(size)[:count // size]


def throughput(task, data, hidden, kind, timing, **extra):
    model = RBM(data.shape[1], hidden, kind=kind)
    rows = batches(len(data), model.batch)
    result = rate(lambda: model.train(data, next(rows)), model.batch, **timing)
    shape = {"visible": data.shape[1], "hidden": hidden, "batch": model.batch, "kind": kind, **extra}
    emit(PEER, task, "train_samples_per_second", **result, **shape)
    error = (model.v[:model.batch] - model.v[model.batch:]).square().mean()
    emit(PEER, task, "last_batch_reconstruction_mse", error.item(), **shape)
    return model


def scoring(task, score, data, timing, chunk=1_000, **extra):
    chunks = list(data[:20 * chunk].split(chunk))
    turn = iter(range(1 << 62))
    result = rate(lambda: score(chunks[next(turn) % len(chunks)]), chunk, **timing)
    emit(PEER, task, "score_samples_per_second", **result, chunk=chunk, **extra)


def products(timing, batch=100, visible=784, hidden=500):
    v, h, w = torch.rand(batch, visible), torch.rand(batch, hidden), torch.rand(visible, hidden)
    to_h, to_v, to_w = torch.empty_like(h), torch.empty_like(v), torch.empty_like(w)
    cases = {
        f"{batch}x{visible} * {visible}x{hidden}": lambda: torch.mm(v, w, out=to_h),
        f"{batch}x{hidden} * ({visible}x{hidden})^T": lambda: torch.mm(h, w.T, out=to_v),
        f"({batch}x{visible})^T * {batch}x{hidden}": lambda: torch.mm(v.T, h, out=to_w),
    }
    for shape, product in cases.items():
        result = rate(product, 2e-9 * batch * visible * hidden, **timing)
        emit(PEER, "sgemm", "gflops", **result, shape=shape, threads=torch.get_num_threads())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mnist", metavar="DIR", help="folder of the gzipped IDX files (synthetic pixels when absent)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one timed window (2)")
    parser.add_argument("--windows", type=int, default=7, help="timed windows; the figure is their median (7)")
    options = parser.parse_args()
    torch.set_grad_enabled(False)
    torch.manual_seed(1)
    timing = {"seconds": options.seconds, "windows": options.windows}
    emit("machine", "rbm_torch", "description", machine("torch", "numpy"), threads=options.threads)

    for threads in sorted({1, options.threads}):
        log("matrix products,", threads, "threads")
        torch.set_num_threads(threads)
        products(timing)

    pixels, source = mnist(options.mnist)
    data = torch.from_numpy(pixels)
    for kind in ("sampled", "mean"):  # the reconstructed pixels: a Bernoulli sample, or its mean
        log("rbm", kind)
        model = throughput("rbm", data, 500, kind, timing, source=source)
    scoring("rbm", model.free_energy, data, timing, visible=784, hidden=500, source=source)

    index, dense = (torch.from_numpy(array) for array in one_hot_table())
    for kind in ("softmax", "sampled"):  # the reconstructed fields: one category each, or 500 Bernoulli samples
        log("table", kind)
        model = throughput("table", dense, 128, kind, timing, source="synthetic")
    assert torch.allclose(model.free_energy(dense[:50]), model.free_energy_of_indices(index[:50]), atol=1e-3)
    shape = {"visible": 500, "hidden": 128, "source": "synthetic"}
    scoring("table", model.free_energy, dense, timing, input="dense", **shape)
    scoring("table", model.free_energy_of_indices, index, timing, input="indices", **shape)
    emit("machine", "rbm_torch", "peak_memory_bytes", peak_memory())


if __name__ == "__main__":
    main()
