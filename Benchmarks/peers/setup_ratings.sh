#!/usr/bin/env bash
# Makes the Python environment of ratings.py, or leaves a finished one as it is. The last line printed is its python.
#
#   GIBBS_RATINGS_VENV      where to make it (.venv-ratings in the repository's root)
#   GIBBS_PEERS_PYTHON      the Python to make it with (python3)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${GIBBS_RATINGS_VENV:-$(cd "$here/../.." && pwd)/.venv-ratings}
if ! cmp -s "$here/requirements-ratings.txt" "$venv/requirements.txt"; then
    "${GIBBS_PEERS_PYTHON:-python3}" -m venv "$venv" >&2
    echo '*' > "$venv/.gitignore"
    "$venv/bin/python" -m pip install --quiet --no-deps -r "$here/requirements-ratings.txt" >&2
    cp "$here/requirements-ratings.txt" "$venv/requirements.txt"
fi
echo "$venv/bin/python"
