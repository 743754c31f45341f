#!/bin/sh
# Turns a copy of this host into a machine of its own, with nothing of the host's in it but files; prepare-likeness.sh makes one
# that is like the host. Follows prepare-common.sh in the same shell. Fourth argument: the timers that may work in it (space
# separated).
# shellcheck disable=SC2154 # etc is of prepare-common.sh
name=$1
uuid=$3
own=${4:-}

# Its own identity.
echo "$uuid" | tr -d - | put /etc/machine-id
rm -f /var/lib/dbus/machine-id
echo "$name" | put /etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 %s\n::1 localhost ip6-localhost\n' "$name" | put /etc/hosts

# Nothing runs by itself but what was asked for.
empty "$etc/timers.target.wants"
for timer in /lib/systemd/system/*.timer /etc/systemd/system/*.timer; do
  case " $own " in *" ${timer##*/} "*) continue ;; esac
  [ ! -e "$timer" ] || ln -sfn /dev/null "$etc/${timer##*/}"
done
put_target
ln -sfn rehearsal.target "$etc/default.target"

# Redis as the trading services want it: every write kept, none evicted, nothing of the host's in it.
[ -e /etc/redis/redis.conf ] || exit 0
rm -rf "$etc/redis-server.service.d"
for folder in /var/lib/redis /var/log/redis; do
  empty "$folder"
  chown redis:redis "$folder"
  chmod 0750 "$folder"
done
put /etc/redis/redis.conf <<'END'
bind 127.0.0.1 -::1
port 6379
unixsocket /run/redis/redis-server.sock
unixsocketperm 770
daemonize yes
pidfile /run/redis/redis-server.pid
logfile ""
dir /var/lib/redis
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
END
chown redis:redis /etc/redis/redis.conf
chmod 0640 /etc/redis/redis.conf
