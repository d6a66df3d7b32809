#!/usr/bin/env bash
# Installs the tools that the tests need besides Node: Debian packages (archive tools, and a Chromium for the tests of
# what a page does), a Python with zarr in .venv, and the Rust ozx in .cache/cargo where there is a cargo. What is there already is left alone.
set -euo pipefail
cd "$(dirname "$0")"

RUST_OZX=0.1.0

debian_packages() {
  local missing=() need command package
  for need in unzip:unzip zip:zip bsdtar:libarchive-tools 7z:p7zip-full python3:python3 chromium:chromium; do
    command=${need%%:*} package=${need##*:}
    command -v "$command" >/dev/null || missing+=("$package")
  done
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  if [ ${#missing[@]} -eq 0 ]; then
    echo "  archive tools and Chromium are there"
    return
  fi
  if ! command -v apt-get >/dev/null; then
    echo "  missing: ${missing[*]}; these are Debian packages, install what your system has instead" >&2
    exit 1
  fi
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  echo "  installing ${missing[*]}"
  quietly "${as_root[@]}" apt-get update -q
  quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
}

python_packages() {
  # The copy beside them says which packages were installed.
  if cmp -s requirements.txt .venv/requirements.txt; then
    echo "  Python packages are there"
    return
  fi
  echo "  installing $(grep '^zarr==' requirements.txt) and what it needs into interop/.venv"
  rm -rf .venv
  python3 -m venv .venv
  quietly .venv/bin/python -m pip install --disable-pip-version-check -r requirements.txt
  cp requirements.txt .venv/requirements.txt
}

rust_ozx() {
  if [ -x .cache/cargo/bin/ozx ]; then
    echo "  the Rust ozx is there"
  elif command -v cargo >/dev/null; then
    echo "  building the Rust ozx $RUST_OZX, which takes a minute or two"
    quietly cargo install ozx --version "$RUST_OZX" --locked --root .cache/cargo
  else
    echo "  no cargo: tests against the Rust ozx will be skipped"
  fi
}

# Shows what a command said only when it fails.
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

debian_packages
python_packages
rust_ozx
