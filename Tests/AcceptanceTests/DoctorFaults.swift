import Rehearsal
import TestSupport

extension DoctorTests {
  /// systemd-nspawn mounts a small tmpfs on /sys, in which a security module can be put on stage.
  private static let stage = "mount -o remount,rw /sys; "
  private static let labelled = "import os; os.setxattr('/etc/plain/plain.conf', 'security.selinux', b'u:r:tmp_t:s0')"
  private static let audit = "/var/log/audit/audit.log"

  static let securityFaults = [
    Fault(
      id: "selinux.mode", subject: "SELinux",
      make: stage + "echo 0 > /sys/fs/selinux/enforce; mkdir -p /etc/selinux; "
        + "echo SELINUX=enforcing > /etc/selinux/config",
      fix: "setenforce 1", undo: "echo 1 > /sys/fs/selinux/enforce"),
    Fault(
      id: "selinux.label", subject: "/etc/plain/plain.conf", make: "python3 -c \"\(labelled)\"",
      fix: "restorecon -v /etc/plain/plain.conf",
      undo: "python3 -c \"import os; os.removexattr('/etc/plain/plain.conf', 'security.selinux')\""),
    Fault(
      id: "access.denied", subject: "plain.service",
      make: "mkdir -p /var/log/audit; pid=$(systemctl show -P MainPID plain.service); "
        + "echo \"type=AVC msg=audit($(date +%s).1:7): avc:  denied  { read } for  pid=$pid comm=\\\"sleep\\\" "
        + "path=\\\"/srv/data\\\" dev=\\\"vda\\\"\" >> \(audit); "
        + "echo \"type=AVC msg=audit($(date +%s).1:8): avc:  denied  { read } for  pid=1 comm=\\\"x\\\"\" >> \(audit)",
      fix: "restorecon -v /srv/data", undo: "rm \(audit)"),
    Fault(
      id: "access.denied", subject: "/etc/plain/plain.conf",
      make: "echo \"type=AVC msg=audit($(date +%s).1:9): apparmor=\\\"DENIED\\\" operation=\\\"open\\\" "
        + "profile=\\\"p\\\" name=\\\"/etc/plain/plain.conf\\\" pid=1\" >> \(audit)",
      fix: "aa-logprof", undo: "rm \(audit); rm /sys/fs/selinux/enforce"),
    Fault(
      id: "apparmor.profile", subject: "ill.service",
      make: "mount -t tmpfs none /sys/kernel/security; mkdir /sys/kernel/security/apparmor; "
        + "echo 'other (enforce)' > /sys/kernel/security/apparmor/profiles\n"
        + service("AppArmorProfile=ill\\nExecStart=/bin/sleep infinity"),
      fix: "grep -rl -- ill /etc/apparmor.d", undo: "echo 'ill (enforce)' >> /sys/kernel/security/apparmor/profiles"),
    Fault(
      id: "apparmor.profile", subject: "ill.service",
      make: "echo 'ill (complain)' > /sys/kernel/security/apparmor/profiles",
      fix: "aa-enforce ill", undo: removed + "; umount /sys/kernel/security"),
  ]

  static let toolFaults = [
    Fault(
      id: "redis.settings", subject: "127.0.0.1:6379", make: "redis-cli CONFIG SET appendfsync no",
      fix: "redis-cli -h 127.0.0.1 -p 6379 CONFIG SET appendfsync everysec",
      undo: "redis-cli -h 127.0.0.1 -p 6379 CONFIG SET appendfsync everysec"),
    Fault(
      id: "target.shared", subject: "/etc/plain/plain.conf",
      make: "sleep 1; "
        + "logger -t ansible-ansible.legacy.copy 'Invoked with src=/tmp/x dest=/etc/plain/plain.conf mode=0644'; "
        + "logger -t ansible-copy 'Invoked with dest=/etc/other'; journalctl --sync",
      fix: "journalctl -t ansible-ansible.legacy.copy",
      undo: "qtctl deploy \(PlainRelease.folder) --all --accept-drift --stable 0s --quiet"),
    Fault(
      id: "target.shared", subject: "gitlab-runner.service",
      make: "systemd-run -q --unit=gitlab-runner sleep infinity", fix: "systemctl edit gitlab-runner.service",
      undo: "systemctl stop gitlab-runner; systemd-run -q --unit=gitlab-runner --uid=nobody sleep infinity"),
    Fault(
      id: "target.shared", subject: "pull.service",
      make: "printf '[Service]\nType=oneshot\nExecStart=/bin/cp /root/x /etc/plain/plain.conf\n' "
        + "> /etc/systemd/system/pull.service; "
        + "printf '[Timer]\nOnCalendar=monthly\n' > /etc/systemd/system/pull.timer; systemctl daemon-reload; "
        + "systemctl start pull.timer",
      fix: "systemctl disable --now pull.timer", undo: "systemctl disable -q --now pull.timer"),
    Fault(
      id: "target.shared", subject: "/var/spool/cron/crontabs/root",
      make: "mkdir -p /var/spool/cron/crontabs; "
        + "echo '5 * * * * git -C /etc/plain pull' > /var/spool/cron/crontabs/root",
      fix: "sed -i '1s/^/#/' /var/spool/cron/crontabs/root", undo: "rm /var/spool/cron/crontabs/root"),
    Fault(
      id: "disk.space", subject: "/var/lib/qtctl",
      make:
        "mkdir /root/kept; cp -a /var/lib/qtctl/. /root/kept; "
        + "mount -t tmpfs -o size=2g,nr_inodes=1500,mode=755 none /var/lib/qtctl; cp -a /root/kept/. /var/lib/qtctl",
      fix: "du -xh --max-depth=2 /var/lib/qtctl", undo: "umount /var/lib/qtctl; rm -r /root/kept"),
  ]
}
