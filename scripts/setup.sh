#!/bin/sh
# Make .venv from requirements.lock with nothing but a Python at hand. Called by `make setup`.
#
# Each candidate interpreter is run, not only looked up: version managers leave shims that fail.
# Where none fits, the pinned uv brings one.
set -eu

VENV=.venv
WANTED='import ensurepip, sys, venv; sys.exit(not (3, 12) <= sys.version_info[:2] <= (3, 14))'
ANY='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 8))'
unset PYTHONDONTWRITEBYTECODE || true

say() { printf 'setup: %s\n' "$*"; }

# The block of one package, with its hashes, as a requirements file of its own.
pinned() { awk -v name="$1==" 'index($0, name) == 1 { on = 1 } on { print } on && !/\\$/ { exit }' requirements.lock; }

find_python() { # a test in Python that the interpreter must pass
    for candidate in python3.13 python3.12 python3.14 python3 python \
        "$HOME"/.pyenv/versions/3.13*/bin/python "$HOME"/.pyenv/versions/3.12*/bin/python \
        "$HOME"/.pyenv/versions/3.*/bin/python; do
        if "$candidate" -c "$1" >/dev/null 2>&1; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

install_uv() { # the environment to install into
    requirements=$(mktemp)
    pinned uv >"$requirements"
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check \
        --require-hashes --only-binary :all: -r "$requirements"
    status=$?
    rm -f "$requirements"
    return $status
}

if [ -e "$VENV" ] && ! [ -f "$VENV/pyvenv.cfg" ]; then
    say "$VENV is in the way and is no Python environment; move it and try again" >&2
    exit 1
fi
rm -f "$VENV/.installed"

if ! { [ -x "$VENV/bin/python" ] && "$VENV/bin/python" -c "$WANTED" 2>/dev/null; }; then
    rm -rf "$VENV"
    if python=$(find_python "$WANTED"); then
        say "using $("$python" --version)"
        "$python" -m venv "$VENV"
    else
        say "no Python 3.12 to 3.14 found; asking uv for one"
        if command -v uv >/dev/null 2>&1; then
            uv=uv
        elif python=$(find_python "$ANY"); then
            "$python" -m venv .uv-bootstrap
            install_uv .uv-bootstrap
            uv=.uv-bootstrap/bin/uv
        else
            say "no Python at all was found; install Python 3.12 or newer, or uv, and try again" >&2
            exit 1
        fi
        "$uv" venv --quiet --seed --python 3.13 "$VENV" || {
            say "uv could not bring a Python; install Python 3.12 or newer and try again" >&2
            exit 1
        }
    fi
fi

say "installing the locked packages (about 1.5 GB on disk)"
if install_uv "$VENV" 2>/dev/null; then
    install="$VENV/bin/uv pip install --quiet --python $VENV/bin/python --compile-bytecode"
else
    say "uv does not run here; using pip, which takes longer"
    install="$VENV/bin/python -m pip install --quiet --disable-pip-version-check"
fi
$install --require-hashes -r requirements.lock
# The package itself, built with the locked uv_build; pip refuses it beside hashes.
$install --no-deps --no-build-isolation --editable .
touch "$VENV/.installed"
say "compiling what estimates run on (a minute or two)"
"$VENV/bin/python" scripts/compile_kernels.py || say "not all was compiled; the first run does it"
say "done"
