#!/bin/sh
# What every throwaway machine needs before its first boot. Runs as root inside the copy of the host (chroot), so that no
# absolute link leads out of it; there is no /dev and no /proc in here. prepare-root.sh or prepare-likeness.sh follows it in
# the same shell.
#
# Arguments: the machine's name, the units that it is to start (space separated), a new UUID, and what prepare-likeness.sh says.
set -eu
units=$2
etc=/etc/systemd/system

# Replaces what is there, so that a link is never followed.
put() {
  mkdir -p "${1%/*}"
  rm -rf "$1"
  cat >"$1"
}

empty() {
  rm -rf "$1"
  mkdir -p "$1"
}

# The host's disks are not in it, so they must not be waited for. Its journal is not shown, and outlives a reboot.
printf '' | put /etc/fstab
printf '' | put /etc/crypttab
empty /var/log/journal
put /etc/systemd/journald.conf.d/zz-rehearsal.conf <<'END'
[Journal]
Storage=persistent
ForwardToSyslog=no
ForwardToWall=no
END

# The target that it boots to. Arguments: more units that it wants.
put_target() {
  put "$etc/rehearsal.target" <<END
[Unit]
Description=Rehearsal
Requires=basic.target
After=basic.target $units
Wants=$* $units
AllowIsolate=yes
END
}
