#!/usr/bin/env bash
# Fetches MovieLens 100k, or leaves a copy as it is. The last line printed is the file: RecBole's ml-100k.inter, a header and the 100,000
# ratings in the order of u.data, so that the official folds u1 to u5 are its blocks of 20,000 lines; the films' titles lie beside it, in ml-100k.item.
#
# GroupLens does not allow copies of it in other projects (https://files.grouplens.org/datasets/movielens/ml-100k-README.txt); the wheel of
# recbole on PyPI ships it. movielens.sh [PYTHON]
#
#   GIBBS_BENCH_CACHE    where it is kept (.venv-movielens in the repository's root, which git ignores)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${GIBBS_BENCH_CACHE:-$(cd "$here/../.." && pwd)/.venv-movielens}
python=${1:-python3}
file=$cache/ml-100k.inter
sum=4edb74e2a81178c2ba9ff381495f754f996c4aea351b1272ca36b43da0935eff

right() { [ -f "$1" ] && "$python" -c 'import hashlib, sys; sys.exit(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest() != sys.argv[2])' "$1" "$sum"; }

if ! right "$file" || ! [ -f "$cache/ml-100k.item" ]; then
    mkdir -p "$cache"
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    "$python" -m pip download --quiet --no-deps --dest "$folder" recbole==1.2.1 >&2
    for name in ml-100k.inter ml-100k.item; do
        "$python" -c 'import sys, zipfile
sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("recbole/dataset_example/ml-100k/" + sys.argv[2]))' "$folder"/recbole-*.whl "$name" > "$folder/$name"
    done
    right "$folder/ml-100k.inter" || { echo "$0: the wheel of recbole holds another ml-100k.inter" >&2; exit 65; }
    mv "$folder/ml-100k.inter" "$folder/ml-100k.item" "$cache"
fi
echo "$file"
