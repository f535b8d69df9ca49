#!/usr/bin/env python3
"""Prints the tables of docs/figures.md from the JSON lines in Benchmarks/results (newest file of each suite)."""
import collections
import glob
import json
import os
import statistics

here = os.path.dirname(os.path.abspath(__file__))


def rows(suite):
    files = sorted(glob.glob(os.path.join(here, "results", f"*-{suite}.jsonl")))
    return [json.loads(line) for line in open(files[-1])] if files else []


for suite in ("machines", "outliers", "nsl-kdd", "culprit", "coverage", "csv"):
    lines = rows(suite)
    if not lines:
        continue
    head = lines[0]
    print(f"\n## {suite}\n\n{head['date'][:10]}, {head['processor']}, {head['processors']} processors, Swift {head['swift']}\n")
    groups = collections.OrderedDict()
    for line in lines[1:]:
        if line["figure"] in ("description", "peak_memory_bytes", "fit_seconds", "score_seconds", "last_batch_reconstruction_mse"):
            continue
        if suite in ("outliers", "coverage") and "table" in line:
            continue
        details = [str(line[k]) for k in ("model", "optimiser", "centring", "kind", "input", "source", "threads", "promised", "shape") if k in line]
        name = " ".join([line["peer"], line["task"], line["figure"], *details])
        groups.setdefault(name, []).append(line)
    print("| what | median | lowest | highest | runs |\n|---|---|---|---|---|")
    for name, found in groups.items():
        values = [line["value"] for line in found]
        extra = ""
        if "shareOfSgemm" in found[0]:
            extra = f" ({100 * found[0]['shareOfSgemm']:.0f} % of sgemm alone)"
        if "inside" in found[0]:
            extra = f" (99 % interval {found[0]['low']:.4g} to {found[0]['high']:.4g})"
        print(f"| {name}{extra} | {statistics.median(values):.5g} | {min(values):.5g} | {max(values):.5g} | {len(values)} |")


def head_of(lines):
    head = lines[0]
    return f"{head['date'][:10]}, {head['processor']}, {head['processors']} processors, Swift {head['swift']}"


def samplers():
    """Effective samples a second, the least over the columns of those of x and of |x - median|: a trajectory of half a period gives
    means for nothing and spreads dearly. Each program's best setting of a kernel."""
    lines = rows("samplers")
    if not lines:
        return
    print(f"\n## samplers\n\n{head_of(lines)}\n")
    best = collections.defaultdict(dict)
    for line in lines[1:]:
        if "minFoldedESS" not in line:
            continue
        target = line.get("target") or line["task"].removeprefix("samplers-")
        kernel = "HMC" if line["kernel"] == "hmc" else "Langevin"
        rate = min(line["minESS"], line["minFoldedESS"]) / line["seconds"]
        plain = line.get("essPerSecond") or line["value"]
        entry = best[target, kernel].setdefault(line["peer"], {"rate": 0, "plain": 0, "rhat": 0})
        if rate > entry["rate"]:
            entry.update(rate=rate, rhat=line["rHat"])
        entry["plain"] = max(entry["plain"], plain)
    print("| target | kernel | gibbs, ESS/s | R-hat | best other | R-hat | ratio | ratio by the means alone |\n|---|---|---|---|---|---|---|---|")
    for (target, kernel), found in best.items():
        own = found.pop("gibbs", None)
        if not own or not found:
            continue
        name, other = max(found.items(), key=lambda item: item[1]["rate"])
        plain = max(entry["plain"] for entry in found.values())
        print(f"| {target} | {kernel} | {own['rate']:,.0f} | {own['rhat']:.3f} | {name} {other['rate']:,.0f} | {other['rhat']:.3f} "
              f"| {own['rate'] / other['rate']:.1f} | {own['plain'] / plain:.1f} |")
    for line in [line for line in lines[1:] if line.get("figure") == "modesVisited"]:
        print(f"\nOf eight modes a chain visits {line['value']:g} by {line['kernel']} ({line['seconds']:.1f} s).")


def annealing():
    lines = rows("ais")
    if not lines:
        return
    print(f"\n## ais\n\n{head_of(lines)}\n\n| program | machine | temperatures | chains | chain steps/s | ln Z | standard error | seconds |\n|---|---|---|---|---|---|---|---|")
    for line in lines[1:]:
        if line["peer"] == "gibbs":
            print(f"| gibbs | 784 x 500 | {line['steps']:,} | {line['chains']} | {line['value']:,.0f} | {line['logPartition']:.2f}, from above {line['upper']:.2f} "
                  f"| {line['standardError']:.3f} | {line['seconds']:.1f} |")
        elif line["peer"] == "ebmkit":
            exact = f" (exact {line['exact']:.2f})" if "exact" in line else ""
            print(f"| ebmkit | {line['visible']} x {line['hidden']} | {line['betas']:,} | {line['chains']} | {line['chainStepsPerSecond']:,.0f} "
                  f"| {', '.join(f'{value:.2f}' for value in line['logZ'])}{exact} | {', '.join(f'{value:.2f}' for value in line['standardError'])} | {line['seconds']:.1f} |")


def density():
    lines = rows("density")
    if not lines:
        return
    print(f"\n## density\n\n{head_of(lines)}\n\n| data | hidden | test nats | standard error over rows | from below | from above | training, s |\n|---|---|---|---|---|---|---|")
    for line in lines[1:]:
        if line["figure"] == "test":
            print(f"| {line['task'].removeprefix('density-')} | {line['hidden']} | {line['value']:.3f}{' (exact)' if line['isExact'] else ''} | {line['standardError']:.3f} "
                  f"| {line['atMost']:.3f} ± {line['lowerError']:.3f} | {line['atLeast']:.3f} ± {line['upperError']:.3f} | {line['seconds']:.0f} |")


samplers()
annealing()
density()
