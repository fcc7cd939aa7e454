# Sets up what ./run and ./test need; sourced by both, with $here (the checkout) set.
#
# Everything said here goes to stderr, because stdout carries JSON. A second start costs one `cmp`:
# the stamp is a copy of requirements.lock and of the package lists beside the environment that was
# made from them.

# From `ldd` on Qt's xcb plugin, and the programs Rushes starts.
packages_run=(
  python3 python3-venv ffmpeg libmpv2 bubblewrap
  libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
  libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1
  libdbus-1-3 libfontconfig1 fonts-dejavu-core fonts-inter fonts-jetbrains-mono
)
packages_test=(
  xvfb xauth xdotool libgl1-mesa-dri espeak-ng libfuse2 fuse3 strace imagemagick
  fonts-noto-cjk fonts-noto-color-emoji
)

say() { printf 'rushes: %s\n' "$*" >&2; }

# One JSON object on stdout where --json was asked for, words on stderr everywhere; exit code 4.
give_up() { # what, todo
  local word
  say "$1"
  say "$2"
  for word in "${asked_for[@]+"${asked_for[@]}"}"; do
    [[ $word == -- ]] && break
    [[ $word == --json ]] || continue
    printf '{"error":{"title":"Set-up failed","message":"%s","subject":"","family":"you can fix it","todo":"%s","choices":[]}}\n' "$1" "$2"
    break
  done
  exit 4
}

packages_for() { # run | test
  wanted=("${packages_run[@]}")
  if [[ $1 == test ]]; then wanted+=("${packages_test[@]}"); fi
}

is_set_up() { # run | test
  local stamp=$here/.venv/.rushes
  packages_for "$1"
  [[ -x $here/.venv/bin/python && -e $stamp/place && $(<"$stamp/place") == "$here" ]] &&
    [[ -e $stamp/packages-$1 && $(<"$stamp/packages-$1") == "${wanted[*]}" ]] &&
    cmp -s "$here/requirements.lock" "$stamp/lock"
}

set_up() { # run | test, then the caller's own arguments
  local purpose=$1
  shift
  asked_for=("$@")
  one_at_a_time
  if ! is_set_up "$purpose"; then # another first start may just have done it
    system_packages "$purpose"
    environment
    mkdir -p "$here/.venv/.rushes"
    printf '%s' "${wanted[*]}" >"$here/.venv/.rushes/packages-$purpose"
    printf '%s' "$here" >"$here/.venv/.rushes/place"
  fi
  [[ -z ${set_up_lock-} ]] || exec {set_up_lock}>&-
}

one_at_a_time() {
  mkdir -p "$here/.cache"
  if command -v flock >/dev/null; then
    exec {set_up_lock}>"$here/.cache/set-up.lock"
    flock -n "$set_up_lock" || { say "another start is setting up; waiting for it" && flock "$set_up_lock"; }
  fi
}

missing_packages() { # into $missing
  local name state
  local -A there=()
  while IFS=$'\t' read -r name state; do
    if [[ $state == installed ]]; then there[$name]=1; fi
  done < <(dpkg-query -W -f '${Package}\t${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null)
  missing=()
  for name in "${wanted[@]}"; do
    [[ -n ${there[$name]-} ]] || missing+=("$name")
  done
}

system_packages() { # run | test
  packages_for "$1"
  if ! command -v apt-get >/dev/null; then
    elsewhere
    return
  fi
  missing_packages
  ((${#missing[@]})) || return 0
  local root=()
  if ((EUID)); then
    command -v sudo >/dev/null || { lacking "$1" && return; }
    root=(sudo)
    [[ -t 0 && -t 2 ]] || root=(sudo -n)
  fi
  say "these system packages are missing and are installed now with apt-get: ${missing[*]}"
  # apt reads the list of releases first: a fresh system has none.
  "${root[@]}" apt-get update -q </dev/null >&2 || say "apt-get update failed; trying with the lists that are there"
  local known
  mapfile -t known < <(apt-cache policy "${missing[@]}" 2>/dev/null | awk '/^[^ ]/ { sub(":$", "", $1); name = $1 } /Candidate:/ && $2 != "(none)" { print name }')
  if ((${#known[@]})); then
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
      -o DPkg::Lock::Timeout=300 "${known[@]}" </dev/null >&2 || say "apt-get install failed"
  fi
  missing_packages
  ((${#missing[@]} == 0)) || lacking "$1"
}

# Tests need every package: what cannot run must fail loudly. The program itself says what it lacks.
lacking() { # run | test
  local command="sudo apt-get install ${missing[*]}"
  [[ $1 == run ]] || give_up "system packages are missing: ${missing[*]}" "Run: $command"
  say "some system packages are missing, going on without: ${missing[*]}"
  say "to get them: $command"
}

elsewhere() {
  command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null && command -v mpv >/dev/null && return
  say "Rushes needs ffmpeg, ffprobe and libmpv. To get them:"
  case ${OSTYPE-} in
    darwin*) say "  brew install ffmpeg mpv" ;;
    msys* | cygwin*) say "  winget install Gyan.FFmpeg   and libmpv-2.dll beside python.exe or on PATH" ;;
    *)
      if command -v dnf >/dev/null; then
        say "  sudo dnf install ffmpeg mpv-libs bubblewrap"
      elif command -v pacman >/dev/null; then
        say "  sudo pacman -S ffmpeg mpv bubblewrap"
      else
        say "  install ffmpeg, libmpv and bubblewrap with your system's package manager"
      fi
      ;;
  esac
}

find_python() { # into $python
  for python in python3.11 python3 python3.12 python3.13 python3.14; do
    python=$(command -v "$python") &&
      "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
  done
  give_up "no Python 3.11 or newer with venv was found" "Install Python 3.11 (Debian: sudo apt-get install python3 python3-venv) and start again."
}

environment() {
  local lock=$here/requirements.lock stamp=$here/.venv/.rushes
  if [[ -e $stamp/place && $(<"$stamp/place") != "$here" ]] || ! "$here/.venv/bin/python" -c '' 2>/dev/null; then
    rm -rf -- "$here/.venv" # moved with its checkout, or its Python is gone
  elif cmp -s "$lock" "$stamp/lock"; then
    return
  fi
  find_python
  say "setting up the Python environment in .venv (about 1.5 GB, once; a few minutes)"
  rm -f -- "$stamp/lock"
  with_uv "$lock" || with_pip "$lock" ||
    give_up "the Python packages could not be installed" "Check the network (the reason is above) and start again; it goes on where it stopped."
  mkdir -p "$stamp"
  cp -- "$lock" "$stamp/lock"
}

with_uv() { # lock
  command -v uv >/dev/null || return 1
  { [[ -x $here/.venv/bin/python ]] || uv venv --quiet --python "$python" "$here/.venv" >&2; } &&
    uv pip sync --quiet --require-hashes --compile-bytecode --python "$here/.venv/bin/python" "$1" >&2
}

with_pip() { # lock
  local pip=("$here/.venv/bin/python" -m pip --disable-pip-version-check --no-input)
  { "${pip[@]}" --version >/dev/null 2>&1 || "$python" -m venv "$here/.venv" >&2; } &&
    "${pip[@]}" install --quiet --require-hashes --requirement "$1" >&2 || return 1
  local name leftover=()
  while read -r name; do leftover+=("$name"); done < <(comm -23 \
    <("${pip[@]}" list --format=freeze | sed 's/==.*//' | tr 'A-Z_.' 'a-z--' | grep -vxE 'pip|setuptools' | sort -u) \
    <(sed -nE 's/^([A-Za-z0-9._-]+)==.*/\1/p' "$1" | tr 'A-Z_.' 'a-z--' | sort -u))
  ((${#leftover[@]} == 0)) || "${pip[@]}" uninstall --quiet --yes "${leftover[@]}" >&2
}
