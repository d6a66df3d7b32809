#!/usr/bin/env bash
# Installs the tools that the tests need besides Node: Debian packages (archive tools, Chromium and Firefox ESR for the tests
# of the page, GNU parallel, Slurm, buildah, shells, readers of manual pages, Ruby and a desktop's tools), a Python
# environment with zarr, SeaweedFS, Snakemake, cwltool, a parser of PowerShell and readers of recipes in .venv, Bun, Deno and workerd in
# .cache/runtimes, the libraries of docs/recipes.md in .cache/recipes, the Rust ozx in .cache/cargo where cargo is installed,
# and the S3 server versitygw in .cache/go where go is installed. A Java Development Kit is used where there is one. Tools
# that are already installed are not changed. `setup.sh perf` installs what the benchmarks need instead: the Python
# environment, and in it the libraries that ozx is only compared with; `setup.sh readers` installs ome-zarr-py and ngff-zarr.
set -euo pipefail
cd "$(dirname "$0")"

RUST_OZX=0.1.0
VERSITYGW=v1.8.0
NEUROGLANCER=2.41.2
VITESSCE=4.0.8

debian_packages() {
  local missing=() need command package
  for need in unzip:unzip zip:zip bsdtar:libarchive-tools 7z:p7zip-full python3:python3 ruby:ruby xvfb-run:xvfb \
    pcmanfm:pcmanfm xdg-mime:xdg-utils gio:libglib2.0-bin update-mime-database:shared-mime-info \
    desktop-file-validate:desktop-file-utils chromium:chromium firefox-esr:firefox-esr parallel:parallel \
    /usr/sbin/slurmctld:slurm-wlm /usr/sbin/munged:munge buildah:buildah zsh:zsh fish:fish man:man-db mandoc:mandoc; do
    command=${need%%:*} package=${need##*:}
    command -v "$command" >/dev/null || missing+=("$package")
  done
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  if [ ${#missing[@]} -eq 0 ]; then
    echo "  archive tools, Chromium, Firefox, Slurm, buildah, shells, Ruby and a desktop's tools are installed"
    return
  fi
  if ! command -v apt-get >/dev/null; then
    echo "  missing: ${missing[*]}; these are Debian packages, install those of your system instead" >&2
    exit 1
  fi
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  echo "  installing ${missing[*]}"
  quietly "${as_root[@]}" apt-get update -q
  quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
}

python_packages() {
  # The copy in .venv records the installed packages.
  if cmp -s requirements.txt .venv/requirements.txt; then
    echo "  Python packages are installed"
    return
  fi
  echo "  installing $(grep '^zarr==' requirements.txt) and its dependencies into interop/.venv"
  rm -rf .venv
  python3 -m venv .venv
  quietly .venv/bin/python -m pip install --disable-pip-version-check -r requirements.txt
  cp requirements.txt .venv/requirements.txt
}

perf_packages() {
  if cmp -s ../perf/requirements.txt .venv/perf-requirements.txt; then
    echo "  Python packages of the benchmarks are installed"
    return
  fi
  echo "  installing $(grep '^tensorstore==' ../perf/requirements.txt) into interop/.venv"
  quietly .venv/bin/python -m pip install --disable-pip-version-check -r ../perf/requirements.txt
  cp ../perf/requirements.txt .venv/perf-requirements.txt
}

readers() {
  # The copy in it records the installed packages. Some of what they need contradicts requirements.txt.
  if cmp -s readers.txt .cache/readers/readers.txt; then
    echo "  ome-zarr-py and ngff-zarr are installed"
    return
  fi
  echo "  installing ome-zarr-py and ngff-zarr into interop/.cache/readers"
  rm -rf .cache/readers
  python3 -m venv .cache/readers
  quietly .cache/readers/bin/python -m pip install --disable-pip-version-check -r readers.txt
  cp readers.txt .cache/readers/readers.txt
}

javascript_runtimes() {
  echo "  Bun, Deno and workerd are installed from npm where they are missing"
  quietly node --input-type=module \
    -e 'import { bun, deno, ensureRuntimes, workerd } from "../scripts/lib/runtimes.mjs"; await ensureRuntimes(bun, deno, workerd);'
}

recipes() {
  # The copy beside them records what is installed.
  if cmp -s recipes.json .cache/recipes/recipes.json && [ -d .cache/recipes/python/neuroglancer ]; then
    echo "  the libraries of the recipes are installed"
    return
  fi
  echo "  installing the libraries of the recipes from npm, and the page of neuroglancer from PyPI"
  rm -rf .cache/recipes
  mkdir -p .cache/recipes
  cp recipes.json .cache/recipes/package.json
  quietly npm install --no-audit --no-fund --prefix .cache/recipes
  quietly .venv/bin/python -m pip install --disable-pip-version-check --no-deps --target .cache/recipes/python \
    "neuroglancer==$NEUROGLANCER"
  # All that Vitessce depends on is in its bundle, and one of them would be fetched from GitHub.
  mkdir -p .cache/recipes/node_modules/vitessce
  quietly npm pack --pack-destination .cache/recipes "vitessce@$VITESSCE"
  tar -xzf ".cache/recipes/vitessce-$VITESSCE.tgz" -C .cache/recipes/node_modules/vitessce --strip-components=1
  cp recipes.json .cache/recipes/recipes.json
}

# The page of neuroglancer comes by the environment's pip.
python_and_recipes() {
  python_packages
  recipes
}

rust_ozx() {
  if [ -x .cache/cargo/bin/ozx ]; then
    echo "  the Rust ozx is installed"
  elif command -v cargo >/dev/null; then
    echo "  building the Rust ozx $RUST_OZX, which takes a minute or two"
    quietly cargo install ozx --version "$RUST_OZX" --locked --root .cache/cargo
  else
    echo "  no cargo: tests against the Rust ozx will be skipped"
  fi
}

java_tools() {
  if command -v javac >/dev/null; then
    echo "  a Java Development Kit is installed"
  else
    echo "  no javac: tests with Java will be skipped"
  fi
}

versity_gateway() {
  if [ -x .cache/go/bin/versitygw ]; then
    echo "  versitygw is installed"
  elif command -v go >/dev/null; then
    echo "  building versitygw $VERSITYGW, which takes a minute or two"
    quietly env GOBIN="$PWD/.cache/go/bin" go install "github.com/versity/versitygw/cmd/versitygw@$VERSITYGW"
  else
    echo "  no go: tests against versitygw will be skipped"
  fi
}

# Runs functions at the same time, as each waits for a server or compiles in one thread.
together() {
  local pids=() pid failed=0
  for job in "$@"; do
    "$job" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  return "$failed"
}

# Runs a command, and prints its output only when it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    rm -f "$log"
    echo "$* failed" >&2
    return 1
  fi
  rm -f "$log"
}

case "${1:-}" in
  "")
    debian_packages
    java_tools
    together python_and_recipes javascript_runtimes rust_ozx versity_gateway
    ;;
  perf)
    python_packages
    perf_packages
    ;;
  readers)
    readers
    ;;
  *)
    echo "usage: interop/setup.sh [perf|readers]" >&2
    exit 2
    ;;
esac
