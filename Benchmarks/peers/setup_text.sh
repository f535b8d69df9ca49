#!/usr/bin/env bash
# Makes the Python environment of text_encoder.py, or leaves a finished one as it is: the peers', and the libraries of text encoders. The last
# line printed is its python.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$(bash "$here/setup.sh" | tail -n 1)
"$python" -c 'import sentence_transformers, transformers' >/dev/null 2>&1 || {
    # Their list has torch; the one that is there stays.
    "$python" -m pip install --quiet --upgrade-strategy only-if-needed -r "$here/requirements-text.txt" >&2
}
echo "$python"
