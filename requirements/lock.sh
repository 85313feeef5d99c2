#!/usr/bin/env bash
# Pins everything by hash, without addresses. Run through `make lock`.
set -euo pipefail
cd "$(dirname "$0")/.."
own=()
for name in contracts chassis recordings client signals training registry inference gateway native; do
    own+=(--no-emit-package "babbitt-$name")
done
"${UV:-uv}" pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header "${own[@]}" \
    libs/*/pyproject.toml services/*/pyproject.toml deploy/native/pyproject.toml requirements/dev.in -o requirements/dev.lock
for service in signals training registry inference gateway; do
    "${UV:-uv}" pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header "${own[@]}" \
        "services/$service/pyproject.toml" -c requirements/dev.lock -o "requirements/$service.lock"
done
