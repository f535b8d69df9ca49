"""Effective samples a second of blackjax's HMC, MALA and Langevin dynamics (SGLD of all the data) on the CPU."""
import blackjax
import jax
import jax.numpy as jnp
import numpy as np
from blackjax.adaptation.base import get_filter_adapt_info_fn

from samplers import (HMC_ACCEPTANCE, MALA_ACCEPTANCE, WARM_UP, Report, acceptance, arguments, common_langevin_step,
                      start, tuned_step)


def log_density(target):
    p = {key: jnp.asarray(value) for key, value in target.parameters.items()}

    def gaussian(x):
        return -0.5 * x @ (p["precision"] @ x)

    def funnel(x):
        v, rest = x[0], x[1:]
        return -v * v / 18 - 4.5 * v - 0.5 * jnp.exp(-v) * jnp.sum(rest * rest)

    def rbm(x):
        return -0.5 * jnp.sum(jnp.square(x - p["b"])) + jnp.sum(jax.nn.softplus(p["c"] + x @ p["W"]))

    return {"gaussian100": gaussian, "funnel10": funnel, "rbm": rbm}[target.name]


def looped(step, draws):
    """A compiled function `(key, state, settings)` to the last state and the positions `[chains, draws, dim]`.

    `step(key, state, settings)` returns a chain's next state and its position; settings have one row a chain.
    """
    def run(key, state, settings):
        def one(state, key):
            chains = jax.tree.leaves(state)[0].shape[0]
            return jax.vmap(step)(jax.random.split(key, chains), state, settings)

        state, positions = jax.lax.scan(one, state, jax.random.split(key, draws))
        return state, positions.swapaxes(0, 1)

    return jax.jit(run)


def measure(report, target, kernel, step, state, settings, **extra):
    run = looped(step, report.options.draws)
    jax.block_until_ready(run(jax.random.key(0), state, settings))  # compiles
    keys = jax.random.split(jax.random.key(1), report.options.runs)
    report.measure(target, kernel, lambda seed: jax.block_until_ready(run(keys[seed], state, settings)[1]),
                   float(jnp.median(jax.tree.leaves(settings)[0])), **extra)


def hmc(report, target, x, leapfrog):
    """Window adaptation in each chain; then each chain with what it found, and all with what they found together."""
    density = log_density(target)
    kernel = blackjax.hmc.build_kernel()
    warm_up = blackjax.window_adaptation(blackjax.hmc, density, target_acceptance_rate=HMC_ACCEPTANCE,
                                         num_integration_steps=leapfrog, adaptation_info_fn=get_filter_adapt_info_fn())

    @jax.jit
    @jax.vmap
    def adapted(key, x):
        (state, parameters), _ = warm_up.run(key, x, WARM_UP)
        return state, parameters["step_size"], parameters["inverse_mass_matrix"]

    def step(key, state, settings):
        state, _ = kernel(key, state, density, *settings, leapfrog)
        return state, state.position

    state, sizes, masses = adapted(jax.random.split(jax.random.key(2), len(x)), x)
    together = (jnp.full_like(sizes, jnp.median(sizes)), jnp.broadcast_to(jnp.median(masses, 0), masses.shape))
    for settings, way in (((sizes, masses), "each chain"), (together, "median of the chains")):
        measure(report, target, "hmc", step, state, settings, leapfrog=leapfrog, mass="diagonal", adaptation=way)


def mala(report, target, x):
    """blackjax adapts no MALA, so the step comes from dual averaging over all chains; its MALA has no mass."""
    density = log_density(target)
    kernel = blackjax.mala.build_kernel()

    def step(key, state, size):
        state, _ = kernel(key, state, density, size)
        return state, state.position

    state = jax.vmap(blackjax.mala.init, (0, None))(x, density)
    length = 5
    run, keys = looped(step, length), iter(jax.random.split(jax.random.key(3), WARM_UP))

    def burst(size, _):
        nonlocal state
        before = np.asarray(state.position)
        state, positions = run(next(keys), state, jnp.full(len(x), size))
        return acceptance(np.asarray(positions), before)

    size = tuned_step(burst, MALA_ACCEPTANCE, start=0.01, length=length)
    measure(report, target, "mala", step, state, jnp.full(len(x), size), mass="none")


def ula(report, target, x, size):
    kernel, gradient = blackjax.sgld.build_kernel(), jax.grad(log_density(target))

    def step(key, x, size):
        x = kernel(key, x, lambda x, _: gradient(x), None, size)
        return x, x

    sizes = jnp.full(len(x), size)
    x, _ = looped(step, WARM_UP)(jax.random.key(4), x, sizes)
    measure(report, target, "ula", step, x, sizes, adjusted=False, mass="none")


def main():
    options = arguments(__doc__)
    report = Report("blackjax", options, "jax", "jaxlib", "numpy")
    for target in report.targets():
        x = jnp.asarray(start(target, options.chains))
        for leapfrog in options.leapfrog:
            hmc(report, target, x, leapfrog)
        mala(report, target, x)
        ula(report, target, x, common_langevin_step(target, options.chains))
    report.finish()


if __name__ == "__main__":
    main()
