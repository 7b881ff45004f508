#!/usr/bin/env bash
# seed.sh ENDPOINT demo|second|bench --account NUMBER ...: see seed/README.md.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
python=$here/.venv/bin/python
[ -x "$python" ] || { echo "seed: $here/start --install-only makes the Python that this needs" >&2; exit 1; }
cd "$here"
PYTHONDONTWRITEBYTECODE=1 exec "$python" -m seed "$@"
