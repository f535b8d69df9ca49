#!/usr/bin/env bash
# joint.sh GIBBS DATA KEYS: joint energies of MNIST, a JSON line a figure. What they draw and blend is named by another network, a plain classifier.
set -euo pipefail
gibbs=$1 data=$2 keys=$3
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
train=("$data/train-images-idx3-ubyte.gz" --labels "$data/train-labels-idx1-ubyte.gz" --model deep) test=("$data/t10k-images-idx3-ubyte.gz" --labels "$data/t10k-labels-idx1-ubyte.gz")
count=50

line() { printf '{"key": %s, "what": "%s", "result": %s}\n' "$1" "$2" "$3"; }
{ echo class; for class in {0..9}; do for _ in $(seq $count); do echo "$class"; done; done; } > "$work/asked.csv"

"$gibbs" fit images "${train[@]}" --objective classifier --key 100 --out "$work/judge.gibbs" >&2
line 100 judge "$("$gibbs" evaluate "$work/judge.gibbs" "${test[@]}")"
for key in $(seq "$keys"); do
    "$gibbs" fit images "${train[@]}" --key "$key" --out "$work/joint.gibbs" >&2
    line "$key" test "$("$gibbs" evaluate "$work/joint.gibbs" "${test[@]}")"
    "$gibbs" sample "$work/joint.gibbs" --count $count --key "$key" --out "$work/drawn.npy" >&2
    line "$key" drawn "$("$gibbs" evaluate "$work/judge.gibbs" "$work/drawn.npy" --labels "$work/asked.csv")"
    for way in 1 2 3; do
        frames=$("$gibbs" blend "$work/joint.gibbs" --from 4 --to 9 --key $way --out "$work/way.npy" --json | paste -sd,)
        line "$key" blend "{\"way\": $way, \"frames\": [$frames], \"judge\": [$("$gibbs" score "$work/judge.gibbs" "$work/way.npy" | paste -sd,)]}"
    done
done
