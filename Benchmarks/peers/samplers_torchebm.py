"""Effective samples a second of torchebm's HMC and Langevin dynamics on the CPU."""
import torch
from torchebm.core import BaseModel
from torchebm.samplers import HamiltonianMonteCarlo, LangevinDynamics

from energies_torch import energy_and_gradient
from samplers import (HMC_ACCEPTANCE, WARM_UP, Report, acceptance, arguments, best_pilot, common_langevin_step, start,
                      tuned_step, worth_measuring)


class Model(BaseModel):
    """A target with its gradient overridden, as torchebm offers, so that no step pays for autograd."""

    def __init__(self, target):
        super().__init__()
        self.both = energy_and_gradient(target)

    def forward(self, x):
        return self.both(x)[0]

    def gradient(self, x, model_kwargs=None):
        return self.both(x)[1]


def hmc_pilot(target, x, leapfrog):
    """torchebm takes a diagonal mass but adapts nothing: the step is tuned, then the mass set, then the step again."""
    model, mass, late = Model(target), None, []

    def run(step, draws):
        sampler = HamiltonianMonteCarlo(model, step_size=step, n_leapfrog_steps=leapfrog, mass=mass)
        return sampler.sample(x=x, n_steps=draws, return_trajectory=True)

    def burst(step, length):
        nonlocal x
        draws = run(step, length)
        rate = acceptance(draws.numpy(), before=x.numpy())
        x = draws[:, -1]
        late.append(draws)
        return rate

    step = tuned_step(burst, HMC_ACCEPTANCE, steps=WARM_UP // 2)
    mass = 1 / torch.cat(late[len(late) // 2:], 1).flatten(0, 1).var(0)
    step = tuned_step(burst, HMC_ACCEPTANCE, start=step, steps=WARM_UP // 2)
    return best_pilot(leapfrog, step, run, target)


def ula(report, target, x, step):
    sampler = LangevinDynamics(Model(target), step_size=step)
    x = sampler.sample(x=x, n_steps=WARM_UP)
    report.measure(target, "ula", lambda _: sampler.sample(x=x, n_steps=report.options.draws, return_trajectory=True),
                   step, adjusted=False, mass="none")


def main():
    options = arguments(__doc__)
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    report = Report("torchebm", options, "torch", "numpy")
    report.missing("mala", "its Langevin dynamics are unadjusted")
    for target in report.targets():
        x = torch.from_numpy(start(target, options.chains))
        pilots = [hmc_pilot(target, x, leapfrog) for leapfrog in options.leapfrog]
        for pilot in worth_measuring(pilots):
            report.measure(target, "hmc", lambda _: pilot.run(options.draws), pilot.step, leapfrog=pilot.leapfrog,
                           mass="diagonal")
        ula(report, target, x, common_langevin_step(target, options.chains))
    report.finish()


if __name__ == "__main__":
    main()
