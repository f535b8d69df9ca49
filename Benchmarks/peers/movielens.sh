#!/usr/bin/env bash
# Fetches MovieLens 100k once, out of the wheel of recbole, and prints its path: movielens.sh [PYTHON]. It may not be passed on.
#
#   GIBBS_BENCH_CACHE  where it is kept (.venv-movielens in the repository's root, which git ignores)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${1:-python3}
cache=${GIBBS_BENCH_CACHE:-$(cd "$here/../.." && pwd)/.venv-movielens}
inside=recbole/dataset_example/ml-100k/ml-100k.inter
if [ ! -s "$cache/$inside" ]; then
    mkdir -p "$cache"
    "$python" -m pip download --quiet --no-deps --dest "$cache" recbole==1.2.1 >&2
    "$python" -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], sys.argv[3])' "$cache"/recbole-1.2.1-*.whl "$inside" "$cache"
fi
echo "$cache/$inside"
