#!/bin/sh
# Makes a copy of this host bootable without its hardware and its network, and else leaves it as it is: name, settings,
# records. Follows prepare-common.sh in the same shell.
#
# Further arguments: the units of the host that may start by themselves (timers and paths), the host's addresses.
# shellcheck disable=SC2154 # etc is of prepare-common.sh
own=$4
addresses=$5

# Of what starts by itself, only what is meant to.
for kind in timers paths; do
  for link in "$etc/$kind.target.wants"/* /lib/systemd/system/"$kind".target.wants/*; do
    [ -L "$link" ] || [ -e "$link" ] || continue
    unit=${link##*/}
    case " $own " in *" $unit "*) continue ;; esac
    case $link in
      "$etc"/*) rm -f "$link" ;;
      *) ln -sfn /dev/null "$etc/$unit" ;;
    esac
  done
done

# Without a network, what sets one up or waits for one has nothing to do, and what needs it must not wait.
for unit in networking systemd-networkd systemd-networkd-wait-online NetworkManager NetworkManager-wait-online \
  ifupdown-wait-online dhcpcd wpa_supplicant cloud-init-local cloud-init cloud-config cloud-final; do
  [ -e "/lib/systemd/system/$unit.service" ] || [ -e "$etc/$unit.service" ] || continue
  rm -rf "$etc/$unit.service.d"
  printf '[Unit]\nDescription=%s, which has nothing to do in a rehearsal\n' "$unit" >"$etc/$unit.rehearsal"
  printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n' >>"$etc/$unit.rehearsal"
  mv -f "$etc/$unit.rehearsal" "$etc/$unit.service"
done

# The host's addresses are there, on the loopback device alone: what listens on one or asks at one reaches this machine.
program=
for place in /usr/sbin/ip /sbin/ip /usr/bin/ip /bin/ip; do
  [ ! -x "$place" ] || { program=$place && break; }
done
{
  printf '[Unit]\nDescription=The addresses of the host\nDefaultDependencies=no\n'
  printf 'Before=network-pre.target basic.target\nWants=network-pre.target\n'
  printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=-/bin/true\n'
  for address in $addresses; do
    [ -z "$program" ] || printf 'ExecStart=-%s address add %s dev lo\n' "$program" "$address"
  done
} | put "$etc/rehearsal-addresses.service"

put_target rehearsal-addresses.service
