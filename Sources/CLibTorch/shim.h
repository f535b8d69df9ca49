// Only there so that the paths of gibbs-torch.pc, which scripts/setup --deep writes, reach CTorch. Swift never sees libtorch.
#pragma once
