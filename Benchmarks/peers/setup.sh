#!/usr/bin/env bash
# Makes the peers' Python environment, or leaves a finished one as it is. The last line printed is its python.
#
#   GIBBS_PEERS_VENV        where to make it (.venv-peers in the repository's root)
#   GIBBS_PEERS_PYTHON      the Python to make it with (python3; 3.11 or newer)
#   GIBBS_PEERS_TORCH_ARGS  pip's arguments for torch (--no-deps). Where pip's torch is a CUDA build, which does not
#                           import without its multi-gigabyte CUDA wheels, name a source of CPU builds here
#                           (--no-deps --index-url ...), or set it empty to fetch the CUDA wheels too.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${GIBBS_PEERS_VENV:-$(cd "$here/../.." && pwd)/.venv-peers}
python=$venv/bin/python
torch=$(grep '^torch==' "$here/requirements.txt")

torch_works() {
    "$python" -c 'import sys, torch
torch.mm(torch.ones(2, 3), torch.ones(3, 2))
sys.exit(torch.__version__.split("+")[0] != sys.argv[1])' "${torch#torch==}" >/dev/null 2>&1
}

if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
    "${GIBBS_PEERS_PYTHON:-python3}" -m venv "$venv" >&2
    echo '*' > "$venv/.gitignore"
    grep -v '^torch==' "$here/requirements.txt" > "$venv/requirements-but-torch.txt"
    # requirements.txt is the whole list; with their dependencies, ebmkit and torchebm would fetch pip's torch.
    "$python" -m pip install --quiet --no-deps -r "$venv/requirements-but-torch.txt" >&2
    cp "$here/requirements.txt" "$venv/requirements.txt"
fi
if ! torch_works; then
    # shellcheck disable=SC2086
    "$python" -m pip install --quiet --force-reinstall ${GIBBS_PEERS_TORCH_ARGS---no-deps} "$torch" >&2 || true
    torch_works || echo "torch does not import, so neither do its scripts: see GIBBS_PEERS_TORCH_ARGS in $0" >&2
fi
echo "$python"
