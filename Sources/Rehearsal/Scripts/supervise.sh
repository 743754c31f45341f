#!/bin/sh
# Holds one throwaway machine: its mounts, its cgroup and its systemd-nspawn, all of which end with this process.
#
# Runs as root in a private mount namespace. Everything of the machine lies on a tmpfs over /run, which only this
# namespace sees, so that no path of the host is written and nothing needs unmounting.
#
# stdin  orders, a line each: "boot", "cut". Its end means that the owner is gone, for whatever reason.
# stdout events, a line each: "prepared PID CGROUP", "down STATUS".
# stderr why it cannot go on.
#
# Environment: REHEARSAL_NAME, REHEARSAL_MEMORY (tmpfs size), REHEARSAL_UNITS (space separated), REHEARSAL_PREPARE
# (the script that runs inside the root before its first boot), REHEARSAL_NETWORK (isolated|host), REHEARSAL_HOSTNAME,
# REHEARSAL_OWN and REHEARSAL_ADDRESSES (for that script, space separated), REHEARSAL_SERVICE (the
# unit of systemd as which this runs, with a delegated cgroup, below which all of the machine stays; empty: none).
# Arguments: mount:PATH a file system of the host to show writable in the machine, show:PATH a folder to show as it is,
# write:PATH a folder of the host to be written to.
set -u

base=/run/qtctl-rehearsal
root=$base/root
prefix=qtctl-rehearsal-
group=$prefix$REHEARSAL_NAME-$$

fail() {
  echo "$*" >&2
  exit 1
}

# Runs a command and repeats it for up to five seconds until it succeeds: a cgroup can be removed only when the kernel
# has finished with the last process in it, and says so to nobody who could wait for it in a shell.
persist() {
  attempts=500
  until "$@" 2>/dev/null; do
    attempts=$((attempts - 1))
    [ "$attempts" -gt 0 ] || return 1
    sleep 0.01
  done
}

# The cgroup trees in which systemd-nspawn makes groups of its own: the unified one and, where the host has it, the
# named one of systemd. Mounted here as the host may have them anywhere.
mount_cgroups() {
  mkdir -p "$base/cgroup/unified"
  mount -t cgroup2 cgroup2 "$base/cgroup/unified" || fail "cannot mount the cgroup2 file system"
  [ -z "$REHEARSAL_SERVICE" ] || return 0
  if grep -q ':name=systemd:' /proc/self/cgroup; then
    mkdir -p "$base/cgroup/systemd"
    mount -t cgroup -o none,name=systemd cgroup "$base/cgroup/systemd" || fail "cannot mount the cgroup tree of systemd"
  fi
}

# Makes the service's own cgroup the parent of the machine's: this process moves to a group beside it, since a group with
# processes hands no controllers down.
confine() {
  own=$(sed -n 's/^0:://p' /proc/self/cgroup)
  case $own in */"$REHEARSAL_SERVICE") ;; *) fail "systemd runs '$REHEARSAL_SERVICE' in the cgroup '$own'" ;; esac
  mine=$base/cgroup/unified$own
  mkdir "$mine/control" || fail "cannot make a cgroup below '$own'"
  echo 0 >"$mine/control/cgroup.procs" || fail "cannot move to a cgroup below '$own'"
  read -r controllers <"$mine/cgroup.controllers" || controllers=
  for controller in $controllers; do
    echo "+$controller" 2>/dev/null >"$mine/cgroup.subtree_control" || continue
  done
  group=${own#/}/machine
}

remove_tree() {
  find "$1" -depth -type d -exec rmdir {} +
}

# Groups of supervisors that were killed themselves; a group with processes in it cannot be removed by this.
sweep_cgroups() {
  for stale in "$base"/cgroup/*/"$prefix"*-*; do
    [ -d "$stale" ] || continue
    [ -d "/proc/${stale##*-}" ] || remove_tree "$stale" 2>/dev/null
  done
}

remove_cgroups() {
  for tree in "$base"/cgroup/*; do
    [ ! -d "$tree/$group" ] || persist remove_tree "$tree/$group"
  done
}

mount_root() {
  mkdir -p "$base/upper" "$base/work" "$root"
  mount -t overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" overlay "$root" ||
    fail "cannot mount an overlay of '/'"
  layer=0
  for word in "$@"; do
    case $word in
      mount:*)
        # A file system of its own is copied on write too; where that is not possible it is shown read-only.
        path=${word#mount:}
        layer=$((layer + 1))
        [ -d "$root$path" ] || continue
        mkdir -p "$base/more/$layer/upper" "$base/more/$layer/work"
        mount -t overlay -o "lowerdir=$path,upperdir=$base/more/$layer/upper,workdir=$base/more/$layer/work" \
          overlay "$root$path" 2>/dev/null ||
          mount --bind -o ro "$path" "$root$path" || fail "cannot show the file system '$path' in the machine"
        ;;
    esac
  done
}

boot() {
  rm -f "$base/down"
  for tree in "$base"/cgroup/*; do
    mkdir -p "$tree/$group" || fail "cannot make the cgroup '$group'"
  done
  for word in "$@"; do
    shift
    case $word in
      show:*) set -- "$@" "--bind-ro=${word#show:}" ;;
      write:*) set -- "$@" "--bind=${word#write:}" ;;
    esac
  done
  [ "$REHEARSAL_NETWORK" = host ] || set -- --private-network "$@"
  # The outer shell outlives the machine to report its end and dies with this process; the inner one enters the cgroup.
  # systemd-nspawn is asked to end (and kills its payload), since killed itself it would leave the payload running.
  # shellcheck disable=SC2016
  NOTIFY_SOCKET=$base/notify SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 setpriv --pdeathsig KILL -- sh -c '
    base=$1 group=$2
    shift 2
    (
      for tree in "$base"/cgroup/*; do echo 0 >"$tree/$group/cgroup.procs" || exit 1; done
      exec setpriv --pdeathsig TERM -- systemd-nspawn "$@" >>"$base/console" 2>&1
    ) &
    wait "$!"
    status=$?
    : >"$base/down"
    echo "down $status"
  ' boot "$base" "$group" --quiet --register=no --keep-unit --notify-ready=yes --console=read-only --resolv-conf=off \
    --timezone=off --link-journal=no --kill-signal=SIGKILL --directory="$root" \
    --machine="$REHEARSAL_NAME" --hostname="$REHEARSAL_HOSTNAME" "$@" --boot systemd.unit=rehearsal.target \
    </dev/null &
  machine=$!
}

# Kills what runs in the machine and says whether systemd-nspawn, which then cleans up after itself, has ended. A machine
# that has only begun to boot has nothing to kill yet, so this is repeated.
vacate() {
  payload=$base/cgroup/unified/$group/payload
  [ ! -e "$payload/cgroup.kill" ] || echo 1 >"$payload/cgroup.kill"
  [ -e "$base/down" ]
}

# Ends the machine as a power cut would.
cut() {
  [ -n "$machine" ] || return 0
  persist vacate || echo 1 >"$base/cgroup/unified/$group/cgroup.kill"
  wait "$machine"
  machine=
  remove_cgroups
}

machine=
mount -t tmpfs -o "mode=0755,size=$REHEARSAL_MEMORY" tmpfs /run || fail "cannot mount a tmpfs"
mkdir "$base"
mount_cgroups
if [ -n "$REHEARSAL_SERVICE" ]; then confine; else sweep_cgroups; fi
mount_root "$@"
read -r uuid </proc/sys/kernel/random/uuid
chroot "$root" /bin/sh -c "$REHEARSAL_PREPARE" prepare-root "$REHEARSAL_NAME" "$REHEARSAL_UNITS" "$uuid" \
  "$REHEARSAL_OWN" "$REHEARSAL_ADDRESSES" ||
  fail "cannot prepare the machine's root"
trap cut EXIT
echo "prepared $$ $group"
while read -r order; do
  case $order in
    boot)
      cut
      boot "$@"
      ;;
    cut) cut ;;
  esac
done
