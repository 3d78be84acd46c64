# shellcheck shell=bash
# Shared by script/* and images/build: strict mode, steps with their time, packages, the Docker Engine.
# Source it first: . "$(dirname "$0")/lib.sh"

set -euo pipefail
shopt -s inherit_errexit

DEIS_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly DEIS_SOURCE
readonly DEIS_LOGS=$DEIS_SOURCE/build/logs
export DEIS_DATA_ROOT=${DEIS_DATA_ROOT:-/var/lib/deis}

# Object files are shared between build folders and checkouts.
export CCACHE_BASEDIR=$DEIS_SOURCE CCACHE_NOHASHDIR=1

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() { warn "Error: $*"; exit 1; }

now_us() { printf '%s' "${EPOCHREALTIME/[^0-9]/}"; }

# seconds_since <now_us>: "12.3"
seconds_since() {
  local tenths=$((($(now_us) - $1) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# step <title> <what to do when it fails> <command...>
# Runs the command with its output in a log file (DEIS_VERBOSE=1: on the screen too) and reports its time.
# Never call it in a condition: bash would switch errexit off inside.
step() {
  local title=$1 advice=$2 begun log status
  shift 2
  mkdir -p "$DEIS_LOGS"
  log=$DEIS_LOGS/$(printf '%s' "$title" | tr -cs '[:alnum:]' '-' | tr '[:upper:]' '[:lower:]').log
  printf -- '-----> %s\n' "$title"
  begun=$(now_us)
  set +e
  if [ -n "${DEIS_VERBOSE:-}" ]; then
    (set -e; "$@") 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
  else
    (set -e; "$@") >"$log" 2>&1
    status=$?
  fi
  set -e
  if [ "$status" -eq 0 ]; then
    printf '       done in %s s\n' "$(seconds_since "$begun")"
    return
  fi
  fail_step "$title" "$advice" "$log" "$status" "$(seconds_since "$begun")"
}

fail_step() {
  local title=$1 advice=$2 log=$3 status=$4 seconds=$5
  {
    printf '\n       FAILED after %s s (exit code %s): %s\n' "$seconds" "$status" "$title"
    printf '       The last lines of %s:\n\n' "$log"
    tail -n 20 "$log" | sed 's/^/         /'
    printf '\n       What to do: %s\n' "$advice"
  } >&2
  exit 1
}

# --- packages -------------------------------------------------------------------------------------

# Names in a package list: one per line, # begins a comment.
packages_in() { sed -e 's/#.*//' "$@" | tr -s ' \t' '\n' | sed '/^$/d'; }

# missing_packages <list>...: those that are not installed.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | awk '$1 == "installed" {print $2}' | sort -u)
  comm -13 <(printf '%s\n' "$installed") <(packages_in "$@" | sort -u)
}

# require_packages <list>...: installs what is missing; apt is not even asked when nothing is.
require_packages() {
  local missing
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  [ "$(id -u)" -eq 0 ] || die "these packages are missing and only root can install them: ${missing//$'\n'/ }"
  # shellcheck disable=SC2086 # a list of words
  step "Installing packages: $(wc -w <<<"$missing" | tr -d ' ')" \
    "see that the apt sources of this machine work (apt-get update), then run again" apt_install $missing
}

apt_install() {
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"
}

readonly POLICY=/usr/sbin/policy-rc.d  # Debian's way to say whether a package may start its services
policy_is_ours=
# The servers that tests and script/controller start themselves must neither be started by their packages now nor at the next boot.
declare -rA UNIT_OF=([etcd-server]=etcd [nginx-light]=nginx [docker-registry]=docker-registry [openssh-server]=ssh [slapd]=slapd)

# install_server_packages <list>
install_server_packages() {
  local missing package
  missing=$(missing_packages "$1")
  [ -n "$missing" ] || return 0
  forbid_starting_services
  require_packages "$1"
  allow_starting_services
  for package in "${!UNIT_OF[@]}"; do
    grep -qx "$package" <<<"$missing" || continue
    systemctl disable --quiet "${UNIT_OF[$package]}" 2>/dev/null || true
  done
}

forbid_starting_services() {
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  [ ! -e "$POLICY" ] || return 0
  printf '#!/bin/sh\nexit 101\n' >"$POLICY"
  chmod 755 "$POLICY"
  trap allow_starting_services EXIT
  policy_is_ours=yes
}

allow_starting_services() { [ -z "$policy_is_ours" ] || rm -f "$POLICY"; }

# --- Docker Engine --------------------------------------------------------------------------------

engine_answers() { timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

ensure_engine() {
  if engine_answers; then return; fi
  [ -z "${DOCKER_HOST:-}" ] || die "no Docker Engine answers at DOCKER_HOST=$DOCKER_HOST"
  step "Starting the Docker Engine" "read the log; 'dockerd' run by hand in a terminal often says more" start_engine
}

# What a power loss left behind would keep all apps down (ctl/engine_state.h). With systemd, `deisctl install platform` sees to it.
clean_engine() {
  local program
  for program in /usr/local/bin/deisctl "$DEIS_SOURCE/build/release/bin/deisctl"; do
    [ -x "$program" ] || continue
    "$program" engine-clean || warn "the Docker Engine is started all the same"
    return 0
  done
}

start_engine() {
  if [ -d /run/systemd/system ]; then
    systemctl start docker
  else
    # No init system to keep it: it lives on after this script, with its own session and log.
    mountpoint -q /sys/fs/cgroup || [ -f /sys/fs/cgroup/cgroup.controllers ] || cgroupfs-mount
    clean_engine
    setsid nohup dockerd >>"$DEIS_LOGS/dockerd.log" 2>&1 </dev/null &
    say "dockerd started, log: $DEIS_LOGS/dockerd.log"
  fi
  wait_until 60 engine_answers || { tail -n 20 "$DEIS_LOGS/dockerd.log" 2>/dev/null; die "it does not answer after 60 s"; }
}

# wait_until <seconds> <command...>: whether the command succeeded within the time.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}
