# Sets up what ./run and ./test need; sourced by both, with $here (the checkout) set.
#
# Everything said here goes to stderr, because stdout carries JSON: a line a stage. What the tools
# say goes to set-up.log. A second start costs one `cmp`: the stamp is a copy of requirements.lock
# and of the package lists beside the environment that was made from them.

# From `ldd` on Qt's xcb plugin, and the programs Rushes starts.
packages_run=(
  python3 python3-venv ffmpeg libmpv2 bubblewrap
  libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
  libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1
  libdbus-1-3 libfontconfig1 fonts-dejavu-core fonts-inter fonts-jetbrains-mono
)
packages_test=(
  xvfb xauth xdotool libgl1-mesa-dri espeak-ng libfuse2 fuse3 strace imagemagick rsync
  fonts-noto-cjk fonts-noto-color-emoji
)
packages_long=(xfsprogs) # of the lane of that name, which asks for them itself
oracle_lock=tests/support/oracle.lock

say() { printf 'rushes: %s\n' "$*" >&2; }

# A line that is written over by the next on a terminal; elsewhere nothing.
show() { if [[ -t 2 ]]; then printf '\r\033[Krushes: %.70s' "$*" >&2; fi; }
hide() { if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi; }

as_json() { # text; into $text
  text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//[[:cntrl:]]/ }
}

# One JSON object on stdout where --json was asked for, words on stderr everywhere; exit code 4.
give_up() { # what, todo
  local word text what
  say "$1"
  say "$2"
  as_json "$1" && what=$text
  as_json "$2"
  for word in "${asked_for[@]+"${asked_for[@]}"}"; do
    [[ $word == -- ]] && break
    [[ $word == --json ]] || continue
    printf '{"error":{"title":"Set-up failed","message":"%s","subject":"","family":"you can fix it","todo":"%s","choices":[]}}\n' "$what" "$text"
    break
  done
  exit 4
}

packages_for() { # run | test
  wanted=("${packages_run[@]}")
  if [[ $1 == test ]]; then wanted+=("${packages_test[@]}"); fi
}

# Where the environment is. Whoever may not write in the checkout uses the one that is ready there, else
# has one of his own in his cache folder, one for each checkout.
choose_place() { # run | test; into $environment, $notes (log and lock) and $own
  environment=$here/.venv notes=$here/.cache own=
  stands "$1" || may_write_here && return
  own=1
  local cache=${XDG_CACHE_HOME-} sum
  [[ $cache == /* ]] || cache=${HOME-}/.cache
  sum=$(printf '%s' "$here" | cksum)
  notes=$cache/rushes/checkouts/${here##*/}-${sum%% *}
  environment=$notes/environment
}

may_write_here() {
  local place
  [[ -w $here ]] || return
  for place in .venv .venv/bin .venv/.rushes .cache .cache/set-up.lock .cache/set-up.log; do
    [[ ! -e $here/$place || -w $here/$place ]] || return
  done
}

is_set_up() { # run | test
  choose_place "$1"
  stands "$1"
}

stands() { # run | test
  local stamp=$environment/.rushes
  packages_for "$1"
  [[ -x $environment/bin/python && -r $stamp/place && $(<"$stamp/place") == "$here" ]] &&
    [[ -r $stamp/packages-$1 && $(<"$stamp/packages-$1") == "${wanted[*]}" ]] &&
    cmp -s "$here/requirements.lock" "$stamp/lock" &&
    { [[ $1 == run ]] || cmp -s "$here/$oracle_lock" "$here/.cache/oracle/lock"; }
}

set_up() { # run | test, then the caller's own arguments
  local purpose=$1
  shift
  asked_for=("$@")
  [[ -r $here/requirements.lock && -r $here/app/__main__.py ]] ||
    give_up "you may not read all of this checkout: $here" "Ask its owner for read permission, or clone one of your own."
  [[ -z $own || $purpose == run ]] ||
    give_up "tests write into their checkout, and you may not write in $here" "Clone one of your own: git clone '$here'"
  mkdir -p -- "$notes" 2>/dev/null && [[ -w $notes ]] ||
    give_up "nowhere to set up: you may write neither in $here nor in $notes" "Set XDG_CACHE_HOME to a folder of yours with 2 GB free, and start again."
  one_at_a_time
  if ! is_set_up "$purpose"; then # another first start may just have done it
    log=$notes/set-up.log
    : >"$log"
    [[ -z $own ]] || say "you may not write in this checkout, so what it needs is kept in $notes"
    system_packages "$purpose"
    environment
    [[ $purpose == run ]] || oracle
    mkdir -p -- "$environment/.rushes"
    printf '%s' "${wanted[*]}" >"$environment/.rushes/packages-$purpose"
    printf '%s' "$here" >"$environment/.rushes/place"
  fi
  [[ -z ${set_up_lock-} ]] || exec {set_up_lock}>&-
}

one_at_a_time() {
  if command -v flock >/dev/null; then
    exec {set_up_lock}>"$notes/set-up.lock"
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
  say "installing ${#missing[@]} missing system packages with apt-get: ${missing[*]}"
  # apt reads the list of releases first: a fresh system has none.
  "${root[@]}" apt-get update -q </dev/null >>"$log" 2>&1 || say "apt-get update failed; trying with the lists that are there"
  local known
  mapfile -t known < <(apt-cache policy "${missing[@]}" 2>/dev/null | awk '/^[^ ]/ { sub(":$", "", $1); name = $1 } /Candidate:/ && $2 != "(none)" { print name }')
  if ((${#known[@]})); then
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
      -o DPkg::Lock::Timeout=300 "${known[@]}" </dev/null >>"$log" 2>&1 || say "apt-get install failed; what it said is in $log"
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
  local lock=$here/requirements.lock stamp=$environment/.rushes begun=$SECONDS
  if [[ -e $stamp/place && $(<"$stamp/place") != "$here" ]] || ! "$environment/bin/python" -c '' 2>/dev/null; then
    rm -rf -- "$environment" # moved with its checkout, or its Python is gone
  elif cmp -s "$lock" "$stamp/lock"; then
    return
  fi
  find_python
  packages=$(grep -cE '^[A-Za-z0-9._-]+==' "$lock") || packages=0
  say "setting up the Python environment in ${environment#"$here/"} (about 1.5 GB, once; a few minutes)"
  rm -f -- "$stamp/lock"
  with_uv "$lock" || with_pip "$lock" || no_packages
  mkdir -p -- "$stamp"
  cp -- "$lock" "$stamp/lock"
  say "the Python environment is ready after $((SECONDS - begun)) s"
}

# The reference tool of media hash lists, which tests compare with: it needs other versions of packages than we do.
oracle() {
  local lock=$here/$oracle_lock begun=$SECONDS python=$environment/bin/python environment=$here/.cache/oracle
  cmp -s "$lock" "$environment/lock" && return
  rm -rf -- "$environment"
  packages=$(grep -cE '^[A-Za-z0-9._-]+==' "$lock") || packages=0
  say "setting up the reference tool of media hash lists in ${environment#"$here/"} (40 MB, once)"
  with_uv "$lock" || with_pip "$lock" || no_packages
  cp -- "$lock" "$environment/lock"
  say "it is ready after $((SECONDS - begun)) s"
}

no_packages() {
  local line
  while IFS= read -r line; do say "  ${line#"${line%%[! ]*}"}"; done < <(grep -E -A 4 '^(ERROR|error|  ×|Could not fetch)' "$log" | grep -vE '^--$|^ *$|Expected|sha256:' | tail -n 6)
  if grep -qiE 'do not match the hashes|hash mismatch' "$log"; then
    give_up "a package that came is not the one ${lock##*/} names, and was not installed; what was tried is in $log" \
      "Check from where packages come (python3 -m pip config list), and start again."
  fi
  give_up "the Python packages could not be installed; what was tried is in $log" \
    "Check the network and the room on the disk (the reason is above), and start again; it goes on where it stopped."
}

# Reads what uv or pip says, keeps it in the log, and says how far it is.
follow() {
  local line fetched=0 from=$SECONDS
  say "  fetching and checking the packages of ${lock##*/} ($packages at most)"
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    case $line in
      Collecting\ * | *Downloaded\ *)
        fetched=$((fetched + 1))
        line=${line%% (from *}
        show "  $fetched of $packages: ${line##* }"
        ;;
      "Installing collected packages"* | Prepared\ *)
        hide
        say "  installing them (fetched in $((SECONDS - from)) s)"
        ;;
    esac
  done
  hide
}

with_uv() { # lock
  command -v uv >/dev/null || return 1
  { [[ -x $environment/bin/python ]] || uv venv --python "$python" "$environment" >>"$log" 2>&1; } &&
    uv pip sync --require-hashes --compile-bytecode --python "$environment/bin/python" "$1" 2>&1 | follow && return
  say "uv could not do it; trying with pip"
  return 1
}

# pip warns once a package of each place of the user's own configuration that has none of it: into the log with that.
with_pip() { # lock
  local pip=("$environment/bin/python" -m pip --disable-pip-version-check --no-input)
  { "${pip[@]}" --version >/dev/null 2>&1 || "$python" -m venv "$environment" >>"$log" 2>&1; } &&
    "${pip[@]}" install --progress-bar off --no-color --require-hashes --requirement "$1" 2>&1 | follow || return 1
  local name leftover=()
  while read -r name; do leftover+=("$name"); done < <(comm -23 \
    <("${pip[@]}" list --format=freeze 2>>"$log" | sed 's/==.*//' | tr 'A-Z_.' 'a-z--' | grep -vxE 'pip|setuptools' | sort -u) \
    <(sed -nE 's/^([A-Za-z0-9._-]+)==.*/\1/p' "$1" | tr 'A-Z_.' 'a-z--' | sort -u))
  ((${#leftover[@]} == 0)) || "${pip[@]}" uninstall --quiet --yes "${leftover[@]}" >>"$log" 2>&1
}
