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


def spread(values, form):
    """Median, and the range where there is one."""
    middle = form.format(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({form.format(min(values))} to {form.format(max(values))})"


def sessions():
    lines = rows("sessions")
    if not lines:
        return
    print(f"\n## sessions\n\n{head_of(lines)}\n\nMedian and range over keys.\n")
    print("| data | keys | AUROC | F1 at the calibrated threshold | best F1 | false alarms of normal sessions | promised | found | fit, s |\n|---|---|---|---|---|---|---|---|---|")
    groups = collections.OrderedDict()
    for line in lines[1:]:
        if "bestF1" in line:
            groups.setdefault(line["task"].removeprefix("sessions-"), []).append(line)
    for name, found in groups.items():
        def column(key):
            return [line[key] for line in found if key in line]
        alarms = f"{spread(column('alarms'), '{:.0f}')} of {found[0]['normal']:,}: " if "alarms" in found[0] else ""
        rates = spread([100 * value for value in column("falseAlarms")], "{:.3f}") + " %"
        promised = f"{100 * found[0]['promised']:.2g} %" if "promised" in found[0] else ""
        print(f"| {name} | {len(found)} | {spread(column('value'), '{:.5f}')} | {spread(column('f1'), '{:.4f}')} | {spread(column('bestF1'), '{:.4f}')} "
              f"| {alarms}{rates} | {promised} | {spread([100 * value for value in column('found')], '{:.2f}')} % | {spread(column('fitSeconds'), '{:.1f}')} |")
    for key, words in (("sessions-adfa-ld-by-normal", "chosen by normal traces alone"), ("sessions-adfa-ld-by-other-attacks", "chosen by three kinds of attacks, judged on the other three")):
        found = [line for line in lines[1:] if line["task"] == key]
        if found:
            chosen = collections.Counter()
            for line in found:
                chosen.update(line["chosen"] if isinstance(line["chosen"], dict) else [line["chosen"]])
            low, high = min(line.get("lowest", line["value"]) for line in found), max(line.get("highest", line["value"]) for line in found)
            print(f"\nADFA-LD, the statistic {words}: AUROC {spread([line['value'] for line in found], '{:.4f}')} over {len(found)} keys, {low:.4f} to {high:.4f} over all ways; "
                  f"chosen: {', '.join(f'{name} {count}' for name, count in chosen.most_common())}")
    for line in lines[1:]:
        if line["task"].endswith("ceiling"):
            print(f"\n{line['twins']} of the {line['anomalous']} anomalous sessions of hdfs-100k equal a training session: F1 at most {line['value']:.4f} without false alarms.")
        if line["task"] == "sessions-speed":
            print(f"\n{line['value']:,.0f} events a second on {line['processors']} processors.")


def logins():
    lines = rows("logins")
    if not lines:
        return
    print(f"\n## logins\n\n{head_of(lines)}\n\n| key | users | AUROC of entity-days (largest surprise) | false alarms a day, promised / seen | campaigns found within 20 attempts | within a day |\n|---|---|---|---|---|---|")
    runs = []
    for line in lines[1:]:
        if line["figure"] == "auroc":
            runs.append({"auroc": line, "kinds": []})
        elif line["figure"] == "falseAlarmsPerDay":
            runs[-1]["alarms"] = line
        elif line["figure"] == "foundWithin20":
            runs[-1]["kinds"].append(line)
    for run in runs:
        head, alarms = run["auroc"], run["alarms"]
        within = ", ".join(f"{kind['kind']} {100 * kind['value']:.0f} % of {kind['campaigns']}" for kind in run["kinds"])
        day = ", ".join(f"{kind['kind']} {100 * kind['withinADay'] / kind['campaigns']:.0f} %" for kind in run["kinds"])
        print(f"| {head['key']} | {head['users']:,} | {head['value']:.4f} ({head['oneEventAUROC']:.4f}) | {alarms['promised']:.2f} / {alarms['value']:.2f} | {within} | {day} |")


def streams():
    lines = rows("streams")
    if not lines:
        return
    print(f"\n## streams\n\n{head_of(lines)}\n\n| what | figure | value |\n|---|---|---|")
    for line in lines[1:]:
        if line["figure"] in ("description", "peak_memory_bytes"):
            continue
        words = {"p99 µs": f" (median {line.get('median', 0):.2f})", "events_per_second": f" ({line.get('low', 0):,.0f} to {line.get('high', 0):,.0f} of {line.get('runs', 0)} runs)"}
        details = "".join(f", {line[key]}" for key in ("features",) if key in line)
        print(f"| {line['peer']}, {line['task']}{details} | {line['figure']} | {line['value']:,.4g}{words.get(line['figure'], '')} |"
              if line["value"] < 1000 else f"| {line['peer']}, {line['task']}{details} | {line['figure']} | {line['value']:,.0f}{words.get(line['figure'], '')} |")


def music():
    lines = rows("music")
    if not lines:
        return
    print(f"\n## music\n\n{head_of(lines)}\n\nNats a frame.\n\n| what | frames | ln Z from below | from above | seconds |\n|---|---|---|---|---|")
    for line in lines[1:]:
        if line["figure"] in ("logLikelihood", "subset"):
            print(f"| {line['part']}, {line['chains']} chains x {line['steps']} | {line['frames']:,} | {line['value']:.3f} ± {line['standardError']:.3f} | {line['atLeast']:.3f} | {line['seconds']:.0f} |")
            if line["figure"] == "logLikelihood":
                print(f"| the machine without a history | {line['frames']:,} | {line['plain']:.3f} | {line['plainAtLeast']:.3f} | |")
                print(f"| independent keys | {line['frames']:,} | {line['independent']:.3f} | | |")
        elif line["figure"] == "exact":
            print(f"| {line['hidden']} hidden units, exact | {line['frames']:,} | {line['value']:.3f} | | |")
        elif line["figure"] == "annealedMinusExact":
            print(f"| annealed less exact ln Z, {line['steps']} steps: mean, largest | {line['frames']:,} | {line['value']:.4f}, {line['largest']:.4f} | {line['upperMinusExact']:.4f} | |")


def recommend():
    """Ranking, probabilities, times and growth of recommenders."""
    lines = rows("recommend")
    if not lines:
        return
    print(f"\n## recommend\n\n{head_of(lines)}")
    own = [line for line in lines[1:] if line.get("peer") == "gibbs"]
    tasks = list(collections.OrderedDict.fromkeys(line["task"] for line in own if line["figure"] == "ndcg@10"))
    print("\n| NDCG@10 | " + " | ".join(tasks) + " |\n|---|" + "---|" * len(tasks))
    ranked = {(line["model"], line["task"]): line for line in own if line["figure"] == "ndcg@10"}
    for model in collections.OrderedDict.fromkeys(model for model, _ in ranked):
        cells = [f"{ranked[model, task]['value']:.4f} ({min(ranked[model, task]['each']):.3f} to {max(ranked[model, task]['each']):.3f})" if (model, task) in ranked else "" for task in tasks]
        print(f"| {model} | " + " | ".join(cells) + " |")
    for task in tasks:
        found = [line for line in own if line["task"] == task and line["figure"] == "temperature"]
        one = [line for line in found if line["value"] == 1]
        if one:
            print(f"\n{task}, {one[0]['model']} at temperature 1, {len(one)} splits: calibration error of the likeliest item {spread([line['topError'] for line in one], '{:.4f}')}"
                  f" (by chance {spread([line['topNoise'] for line in one], '{:.4f}')}; popularity {spread([line['popularityTopError'] for line in one], '{:.4f}')}),"
                  f" ln p {spread([line['logLikelihood'] for line in one], '{:.3f}')} (popularity {spread([line['popularityLogLikelihood'] for line in one], '{:.3f}')})")
    print("\n| seconds, medians | gibbs | implicit ALS | ratio | by processor seconds |\n|---|---|---|---|---|")
    for line in own:
        if line["figure"] in ("trainSeconds", "recommendSeconds"):
            other = [peer for peer in lines[1:] if peer.get("peer") == "implicit" and all(peer.get(key) == line.get(key) for key in ("task", "figure", "factors"))]
            if other:
                print(f"| {line['task']}, {line['figure'].removesuffix('Seconds')}, {line['factors']} factors | {line['value']:.4f} | {other[0]['value']:.4f} | {other[0]['value'] / line['value']:.1f} "
                      f"| {other[0]['processorSeconds'] / line['processorSeconds']:.1f} |")
    print("\n| people | items | events | seconds an iteration | events a second | lists of ten a second | peak GiB |\n|---|---|---|---|---|---|---|")
    for line in own:
        if line["task"] == "recommend-scale":
            print(f"| {line['people']:,} | {line['items']:,} | {line['events']:,} | {line['value']:.2f} | {line['eventsPerSecond']:,.0f} | {line['listsPerSecond']:,.0f} | {line['peakGiB']:.2f} |")


def ratings():
    lines = rows("ratings")
    if not lines:
        return
    print(f"\n## ratings\n\n{head_of(lines)}\n")
    tasks = list(collections.OrderedDict.fromkeys(line["task"] for line in lines[1:] if line["figure"] == "meanRMSE"))
    found = {(line["peer"], line["model"], line["task"]): line for line in lines[1:] if line["figure"] == "meanRMSE"}
    first = {(line["peer"], line["model"], line["task"]): line for line in lines[1:] if line["figure"] == "rmse" and line.get("fold") == 1}
    print("| RMSE, mean of folds (of the first) | " + " | ".join(tasks) + " |\n|---|" + "---|" * len(tasks))
    for peer, model in collections.OrderedDict.fromkeys((peer, model) for peer, model, _ in found):
        cells = [f"{found[peer, model, task]['value']:.4f} ({first[peer, model, task]['value']:.4f})" if (peer, model, task) in found else "" for task in tasks]
        print(f"| {peer}: {model} | " + " | ".join(cells) + " |")


def foreign():
    """AUROC by energy, and in brackets the share caught at the false-alarm rate; means of keys, with their deviations where there are several."""
    lines = rows("ood")
    if not lines:
        return
    print(f"\n## ood\n\n{head_of(lines)}")
    tables, inside = collections.OrderedDict(), None
    for line in lines[1:]:
        if "in" in line:
            inside = line["in"]
            continue
        spread = f" ± {line['aurocDeviation']:.4f}" if "aurocDeviation" in line else ""
        tables.setdefault(inside, {}).setdefault(line["model"], collections.OrderedDict())[line["set"]] = (f"{line['auroc']:.4f}{spread} ({100 * line['caught']:.0f} %)", len(line["keys"]))
    order = ["residual", "contrastive", "joint", "score", "classifier", "gaussian", "ppca", "rbm", "vae", "regret"]
    for inside, found in tables.items():
        sets = list(next(iter(found.values())))
        print(f"\n| {inside} in | keys | " + " | ".join(sets) + " |\n|---|---|" + "---|" * len(sets))
        for model in sorted(found, key=order.index):
            print(f"| {model} | {next(iter(found[model].values()))[1]} | " + " | ".join(found[model].get(name, ("",))[0] for name in sets) + " |")


def deep_steps():
    """Seconds of Gibbs over PyTorch's, median and quartiles of pairs of runs."""
    lines = rows("deep-steps")
    if not lines:
        return
    cells, threads = collections.OrderedDict(), None
    for line in lines[1:]:
        if line["figure"] == "threads":
            threads, library = line["value"], line["libtorch"]
        elif line["figure"] == "ratio of seconds":
            cells.setdefault(line["task"].removeprefix("deep "), {})[threads] = f"{line['value']:.2f} ({line['low']:.2f} to {line['high']:.2f})"
    counts = sorted({count for found in cells.values() for count in found})
    print(f"\n## deep-steps\n\n{head_of(lines)}, libtorch {library}\n\n| seconds, Gibbs over PyTorch | " + " | ".join(f"{count} threads" if count > 1 else "1 thread" for count in counts)
          + " |\n|---|" + "---|" * len(counts))
    for name, found in cells.items():
        print(f"| {name} | " + " | ".join(found.get(count, "") for count in counts) + " |")


def joint():
    """What joint energies of digits get right, draw by condition and make of a way from 4 to 9; drawn images are named by another network."""
    lines = rows("joint")
    if not lines:
        return
    keys = collections.OrderedDict()
    for line in lines[1:]:
        keys.setdefault(line["key"], []).append(line)
    print(f"\n## joint\n\n{head_of(lines)}\n\n| key | accuracy | drawn by condition and named so | ways whose frames are 4, then 9 | by the other network | least sharpness of a frame over the cross-fade's |"
          + "\n|---|---|---|---|---|---|")
    def single(labels):
        return labels[0] == "4" and labels[-1] == "9" and sum(a != b for a, b in zip(labels, labels[1:])) == 1
    for key, found in keys.items():
        result = {line["what"]: line["result"] for line in found}
        if "judge" in result:
            print(f"| the other network | {result['judge']['accuracy']:.4f} | | | | |")
            continue
        ways = [line["result"] for line in found if line["what"] == "blend"]
        own = sum(single([frame["likeliest"] for frame in way["frames"]]) for way in ways)
        other = sum(single([frame["class"] for frame in way["judge"]]) for way in ways)
        sharp = min(frame["sharpness"] / frame["crossFadeSharpness"] for way in ways for frame in way["frames"])
        print(f"| {key} | {result['test']['accuracy']:.4f} | {100 * result['drawn']['accuracy']:.1f} % of {result['drawn']['images']} | {own} of {len(ways)} | {other} of {len(ways)} | {sharp:.1f} |")


def memories():
    lines = rows("memories")
    if not lines:
        return
    print(f"\n## memories\n\n{head_of(lines)}\n\n| signs a pattern | random patterns held, 99 % of cues with a fifth of the signs turned retrieved in three updates | by Hopfield's network of 1982 |\n|---|---|---|")
    for line in lines[1:]:
        if line["figure"] == "capacity":
            print(f"| {line['dimension']} | {line['value']:,.1f} | {'' if line['classical'] is None else format(line['classical'], '.1f')} |")
    for line in lines[1:]:
        if line["figure"] == "growth":
            print(f"\nA line through the logarithms: {line['value']:.3f} ± {line['standard_error']:.3f} a sign, a factor of {line['factor_per_dimension']:.3f}; R² {line['r_squared']:.3f} over {line['points']} points.")
    print("\n| digits of MNIST held | spoilt | restored to the last pixel |\n|---|---|---|")
    for line in lines[1:]:
        if line["figure"] == "digits_restored":
            print(f"| {line['stored']:,} | {line['spoilt']} | {100 * line['value']:.1f} % of 500 |")


def text():
    lines = rows("text")
    if not lines:
        return
    print(f"\n## text\n\n{head_of(lines)}\n")
    for line in lines[1:]:
        if line["figure"] == "largest_difference":
            print(f"The vectors of {line['sentences']} odd sentences differ from the reference library's by {line['value']:.1e} at most.\n\n| texts | tokens each | Gibbs, ms | PyTorch, ms | ratio, median (quartiles) |\n|---|---|---|---|---|")
        if line["figure"] == "pass_over_pytorch":
            print(f"| {line['batch']} | {line['tokens']} | {line['gibbs_ms']:.2f} | {line['pytorch_ms']:.2f} | {line['value']:.2f} ({line['low']:.2f} to {line['high']:.2f}) |")


def contrast():
    lines = rows("contrast")
    if not lines:
        return
    print(f"\n## contrast\n\n{head_of(lines)}\n\n| images, labels unused | 5-NN on {next((line['width'] for line in lines[1:] if line['figure'] == 'knn'), 64)} numbers | 5-NN on pixels | passes | minutes |\n|---|---|---|---|---|")
    for line in lines[1:]:
        if line["figure"] == "knn":
            print(f"| {line['task']} | {line['value']:.4f} | {line['pixels']:.4f} | {line['epochs']} | {line['seconds'] / 60:.1f} ({line['device']}) |")
    print("\n| true information, nats | bound of `gibbs fit pairs`, pairs held out | bound by the true density ratio | ceiling |\n|---|---|---|---|")
    for line in lines[1:]:
        if line["figure"] == "information":
            print(f"| {line['exact']} | {line['value']:.3f} | {line['best']:.3f} | {line['ceiling']:.2f} |")


def diffusion():
    lines = rows("diffusion")
    if not lines:
        return
    print(f"\n## diffusion\n\n{head_of(lines)}\n\n| images | field | Fréchet distance of its draws | in their class | of other training images | weights | steps | training, min | drawing, min |\n|---|---|---|---|---|---|---|---|---|")
    floor = {line["set"]: line["distanceOfTrainingImages"] for line in lines[1:] if "distanceOfTrainingImages" in line}
    for line in lines[1:]:
        if "frechet" in line:
            print(f"| {line['set']} | {line['field']} | {line['frechet']:.2f} | {100 * line['inTheirClass']:.1f} % | {floor[line['set']]:.2f} | {line['weights']:,} | {line['steps']:,} "
                  f"| {line['trainingMinutes']:.1f} ({line['device']}) | {line['drawingMinutes']:.1f} |")
    print("\n| images | field | time | antisymmetric share of the Jacobian | loop, share of what the way costs |\n|---|---|---|---|---|")
    for line in lines[1:]:
        if "asymmetry" in line:
            print(f"| {line['set']} | {line['field']} | {line['time']} | {line['asymmetry']:.1e} | {line['loopShare']:.1e} |")
    found = collections.OrderedDict()
    for line in lines[1:]:
        if "satisfyBoth" in line:
            found.setdefault((line["product"], line["sampler"]), []).append(line)
    print("\n| product | draws by | satisfy both | accepted | seconds |\n|---|---|---|---|---|")
    for (product, name), entries in found.items():
        accepted = [float(line["acceptance"]) for line in entries if line["acceptance"] != "none"]
        print(f"| {product} | {name} | {spread([100 * line['satisfyBoth'] for line in entries], '{:.1f}')} % | {spread([100 * value for value in accepted], '{:.0f}') + ' %' if accepted else ''} | {spread([line['seconds'] for line in entries], '{:.1f}')} |")


def service():
    lines = rows("service")
    if not lines:
        return
    print(f"\n## service\n\n{head_of(lines)}; the load comes from the same processors\n\n| load | requests/s | rows or events/s | median, ms | 99 of 100 within, ms | memory, MiB |\n|---|---|---|---|---|---|")
    for line in lines[1:]:
        if "requestsPerSecond" in line:
            print(f"| {line['case']} | {line['requestsPerSecond']:,} | {line['rowsPerSecond']:,} | {line['p50ms']:.2f} | {line['p99ms']:.2f} | {line['memoryMiB']} |")
    for line in lines[1:]:
        if line["case"] == "memory of the stream":
            print(f"\nThe stream under load: {line['beforeMiB']} MiB before, {line['afterHalfAMinuteMiB']} after half a minute, {line['afterMinutesMiB']} at the end.")
        if line["case"] == "event to follower":
            print(f"\nFrom an event to who follows its alarm: {line['medianMs']} ms in the median, {line['worstMs']} ms at worst ({line['alarms']} alarms).")
        if line["case"] == "slow connections":
            print(f"\nBeside {line['connections']:,} connections that send a byte now and then, {line['answered']} requests: {line['medianMs']} ms in the median, {line['worstMs']} ms at worst, {line['failed']} failed.")



samplers()
annealing()
density()
sessions()
logins()
streams()
music()
recommend()
ratings()
foreign()
deep_steps()
joint()
memories()
text()
contrast()
diffusion()
service()
