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
