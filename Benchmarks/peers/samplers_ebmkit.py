"""Effective samples a second of ebmkit's HMC, MALA and Langevin dynamics on the CPU."""
import torch
from ebm.samplers import HMC, AdaptiveMALA, LangevinDynamics, PreconditionedLangevin
from ebm.samplers.base import Sampler

from energies_torch import differentiable, energy_and_gradient
from samplers import (HMC_ACCEPTANCE, MALA_ACCEPTANCE, WARM_UP, Report, acceptance, arguments, best_pilot,
                      common_langevin_step, start, tuned_step, worth_measuring)


class TunedMALA(AdaptiveMALA):
    """AdaptiveMALA without its warm-up, which `sample` would repeat: its transitions at the settings it found."""

    def __init__(self, tuned):
        super().__init__(tuned.step_size)
        self._precond = tuned.preconditioner

    def step(self, energy, x):
        return self._transition(energy, x)[0]

    sample = Sampler.sample


def trajectory(sampler, energy, x, steps):
    """Draws `[chains, steps, dim]` after `x`."""
    return sampler.sample(energy, x, steps=steps, return_trajectory=True)[1:].transpose(0, 1)


def hmc_pilot(target, energy, x, leapfrog):
    def burst(step, length):
        nonlocal x
        draws = trajectory(HMC(step, leapfrog), energy, x, length)
        rate = acceptance(draws.numpy(), before=x.numpy())
        x = draws[:, -1]
        return rate

    step = tuned_step(burst, HMC_ACCEPTANCE)
    return best_pilot(leapfrog, step, lambda step, draws: trajectory(HMC(step, leapfrog), energy, x, draws), target)


def mala(report, target, energy, x, precondition):
    windows = 2 if precondition else 1
    tuned = AdaptiveMALA(0.01, warmup=WARM_UP // windows, target_accept=MALA_ACCEPTANCE, precondition=precondition)
    x = tuned.sample(energy, x, steps=1)
    mass = "diagonal" if precondition else "none"
    report.measure(target, "mala", lambda _: trajectory(TunedMALA(tuned), energy, x, report.options.draws),
                   tuned.step_size, mass=mass)
    return tuned


def ula(report, target, energy, x, sampler, mass):
    x = sampler.sample(energy, x, steps=WARM_UP)
    report.measure(target, "ula", lambda _: trajectory(sampler, energy, x, report.options.draws), sampler.step_size,
                   adjusted=False, mass=mass)


def main():
    options = arguments(__doc__)
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    report = Report("ebmkit", options, "torch", "numpy")
    for target in report.targets():
        energy = differentiable(energy_and_gradient(target))
        x = torch.from_numpy(start(target, options.chains))
        pilots = [hmc_pilot(target, energy, x, leapfrog) for leapfrog in options.leapfrog]
        for pilot in worth_measuring(pilots):
            report.measure(target, "hmc", lambda _: pilot.run(options.draws), pilot.step, leapfrog=pilot.leapfrog,
                           mass="none")
        mala(report, target, energy, x, precondition=False)
        tuned = mala(report, target, energy, x, precondition=True)
        ula(report, target, energy, x, LangevinDynamics(common_langevin_step(target, options.chains)), "none")
        preconditioned = PreconditionedLangevin(tuned.preconditioner, tuned.step_size)
        ula(report, target, energy, x, preconditioned, "diagonal")
    report.finish()


if __name__ == "__main__":
    main()
