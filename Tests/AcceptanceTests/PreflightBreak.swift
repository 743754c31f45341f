import Rehearsal

/// One thing that a deploy of `PlainRelease` must be refused for.
struct PreflightBreak {
  var name: String
  /// Breaks release or host.
  var script: String
  /// Puts the host back; the release is laid out anew each time.
  var fix = ":"
  /// What the message, one line, must hold: what, where, what to do.
  var words: [String]

  private static let folder = PlainRelease.folder
  private static let yaml = folder + "/qtctl.yaml"

  /// Adds lines behind the unit's ExecStart.
  private static func unit(_ lines: String) -> String {
    "printf '\(lines)\\n' > \(folder)/more; sed -i '/^ExecStart/r \(folder)/more' \(folder)/plain.service"
  }

  /// Puts another line in the place of the unit's ExecStart.
  private static func start(_ line: String) -> String {
    "sed -i 's,^ExecStart=.*,ExecStart=\(line),' \(folder)/plain.service"
  }

  /// Adds a file to the release.
  private static func file(_ text: String, to target: String, mode: String = "0644") -> String {
    """
    printf '\(text)' > \(folder)/extra
    sed -i '/source: plain.conf/a\\      - {source: extra, target: \(target), mode: "\(mode)"}' \(yaml)
    """
  }

  static let all = programs + reach + environment + units + places + trust

  private static let programs = [
    PreflightBreak(
      name: "no program", script: start("/usr/local/bin/nowhere"),
      words: ["ExecStart of plain.service", "/usr/local/bin/nowhere", "add it to the release"]),
    PreflightBreak(
      name: "not executable", script: "sed -i 's/0755/0644/' \(yaml)",
      words: ["/usr/local/bin/plain", "not executable", "mode 0644", "mode: \"0755\""]),
    PreflightBreak(
      name: "no interpreter", script: "sed -i '1s,.*,#!/usr/bin/nothing,' \(folder)/plain",
      words: ["'/usr/local/bin/plain' is a script", "/usr/bin/nothing"]),
    PreflightBreak(
      name: "carriage return", script: "sed -i '1s,$,\\r,' \(folder)/plain", words: ["is a script", "/bin/sh\\r"]),
    PreflightBreak(
      name: "no format", script: "echo text > \(folder)/plain", words: ["/usr/local/bin/plain", "#!"]),
    PreflightBreak(
      // Machine type 183 in place of 62 at its place in the header.
      name: "other machine",
      script:
        "cp /bin/true \(folder)/plain; printf '\\267' | dd of=\(folder)/plain bs=1 seek=18 conv=notrunc status=none",
      words: ["/usr/local/bin/plain", "AArch64", "x86-64"]),
    PreflightBreak(
      name: "cut off", script: "head -c 4096 /bin/true > \(folder)/plain",
      words: ["'/usr/local/bin/plain' is truncated"]),
    PreflightBreak(
      name: "no loader", script: "sed 's,/lib64/ld-linux,/lib64/ld-minix,' /bin/true > \(folder)/plain",
      words: ["/usr/local/bin/plain", "/lib64/ld-minix"]),
    PreflightBreak(
      name: "no library", script: "sed 's,libc\\.so\\.6,libq.so.6,' /bin/true > \(folder)/plain",
      words: ["/usr/local/bin/plain", "libq.so.6"]),
  ]

  private static let reach = [
    PreflightBreak(
      name: "a config on the host that root alone reads",
      script: "mkdir -m 700 /etc/hook; install -m 600 /dev/null /etc/hook/hook.conf; "
        + start("/usr/local/bin/plain /etc/hook/hook.conf") + "; " + unit("User=app"),
      fix: "rm -r /etc/hook",
      words: [
        "ExecStart of plain.service", "user 'app'", "/etc/hook/hook.conf", "/etc/hook cannot be entered", "mode 0700",
      ]),
    PreflightBreak(
      name: "a config in an open folder",
      script: "mkdir /etc/hook; install -m 600 /dev/null /etc/hook/hook.conf; "
        + start("/usr/local/bin/plain --config=/etc/hook/hook.conf") + "; " + unit("User=app"),
      fix: "rm -r /etc/hook", words: ["user 'app'", "cannot read /etc/hook/hook.conf", "mode 0600"]),
    PreflightBreak(
      name: "a config that the release brings",
      script: file("x", to: "/etc/hook/hook.conf", mode: "0600") + "; "
        + start("/usr/local/bin/plain /etc/hook/hook.conf") + "; " + unit("DynamicUser=yes"),
      words: ["dynamic user", "/etc/hook/hook.conf", "will have mode 0600", "in the manifest"]),
    PreflightBreak(
      name: "a config that the release brings into a closed folder",
      script: "mkdir -m 700 /etc/hook; " + file("x", to: "/etc/hook/hook.conf") + "; "
        + start("/usr/local/bin/plain /etc/hook/hook.conf") + "; " + unit("User=app"),
      fix: "rmdir /etc/hook", words: ["user 'app'", "/etc/hook/hook.conf", "/etc/hook cannot be entered"]),
    PreflightBreak(
      name: "a program that its user may not run", script: "sed -i 's/0755/0700/' \(yaml); " + unit("User=app"),
      words: ["user 'app'", "cannot execute /usr/local/bin/plain", "mode 0700"]),
    PreflightBreak(
      name: "a config that the sandbox hides",
      script: "mkdir /home/conf; echo x > /home/conf/x; " + start("/usr/local/bin/plain /home/conf/x") + "; "
        + unit("ProtectHome=yes"),
      fix: "rm -r /home/conf",
      words: ["root, in its sandbox", "/home/conf/x", "/home/conf cannot be entered", "hidden by the sandbox"]),
    PreflightBreak(
      name: "root without its capabilities",
      script: "install -o other -m 600 /dev/null /etc/hook.conf; " + start("/usr/local/bin/plain /etc/hook.conf") + "; "
        + unit("CapabilityBoundingSet="),
      fix: "rm /etc/hook.conf", words: ["root, in its sandbox", "cannot read /etc/hook.conf", "owner other"]),
    PreflightBreak(
      name: "no user", script: unit("User=nemo"),
      words: ["User= of 'plain.service'", "user 'nemo' does not exist", "change the unit file"]),
    PreflightBreak(
      name: "no working directory", script: unit("WorkingDirectory=/srv/nowhere"),
      words: ["WorkingDirectory= of 'plain.service'", "/srv/nowhere", "StateDirectory="]),
    PreflightBreak(
      name: "a working directory that its user may not enter",
      script: "mkdir -m 700 /srv/closed; " + unit("WorkingDirectory=/srv/closed\\nUser=app"), fix: "rmdir /srv/closed",
      words: ["WorkingDirectory of plain.service", "user 'app'", "cannot enter /srv/closed"]),
  ]

  private static let environment = [
    PreflightBreak(
      name: "no environment file", script: unit("EnvironmentFile=/etc/plain/plain.env"),
      words: ["EnvironmentFile= of 'plain.service'", "/etc/plain/plain.env", "EnvironmentFile=-"]),
    PreflightBreak(
      name: "an environment file for a shell",
      script: file("export SECRET=hidden\\n", to: "/etc/plain/plain.env") + "; "
        + unit("EnvironmentFile=-/etc/plain/plain.env"),
      words: ["/etc/plain/plain.env", "line 1", "'export SECRET'"]),
    PreflightBreak(
      name: "an environment file that is no text",
      script: "printf 'A=\\377\\n' > /etc/plain.env; " + unit("EnvironmentFile=/etc/plain.env"),
      fix: "rm /etc/plain.env",
      words: ["/etc/plain.env", "line 1 is not UTF-8"]),
  ]

  private static let units = [
    PreflightBreak(
      name: "a key that systemd does not know", script: unit("Restrat=always"),
      words: ["/etc/systemd/system/plain.service:7", "Restrat", "fix the unit file"]),
    PreflightBreak(
      name: "a drop-in that systemd does not know",
      script: file("[Service]\\nFnord=1\\n", to: "/etc/systemd/system/plain.service.d/fnord.conf"),
      words: ["/etc/systemd/system/plain.service.d/fnord.conf:2", "Fnord"]),
    PreflightBreak(
      name: "a drop-in on the host that changes the program",
      script: "mkdir /etc/systemd/system/plain.service.d; printf '[Service]\\nExecStart=\\nExecStart=/opt/gone\\n'"
        + " > /etc/systemd/system/plain.service.d/x.conf",
      fix: "rm -r /etc/systemd/system/plain.service.d", words: ["ExecStart of plain.service", "/opt/gone"]),
    PreflightBreak(
      name: "Redis that accepts no writes",
      script: "echo 'redis: redis://127.0.0.1:6379/0' >> \(yaml); "
        + "redis-cli replicaof 127.0.0.1 1", fix: "redis-cli replicaof no one",
      words: ["127.0.0.1:6379", "READONLY", "accepts no writes"]),
    PreflightBreak(
      name: "Redis that is full",
      script: "echo 'redis: redis://127.0.0.1:6379/0' >> \(yaml); "
        + "redis-cli config set maxmemory-policy noeviction; redis-cli config set maxmemory 1",
      fix: "redis-cli config set maxmemory 0", words: ["127.0.0.1:6379", "OOM", "accepts no writes"]),
    PreflightBreak(
      name: "Redis that forgets",
      script: "echo 'redis: redis://127.0.0.1:6379/0' >> \(yaml); redis-cli config set appendonly no",
      fix: "redis-cli config set appendonly yes",
      words: ["127.0.0.1:6379", "append-only file is off", "CONFIG SET appendonly yes"]),
    PreflightBreak(
      name: "a window longer than the deadline",
      script: "sed -i 's/stable: 1s/stable: 90s/' \(yaml); echo 'rollback: {deadline: 60s}' >> \(yaml)",
      words: ["verify.stable", "90s", "rollback.deadline", "raise the deadline"]),
  ]

  private static let places = [
    PreflightBreak(
      name: "a target in /run", script: file("x", to: "/var/run/plain/x"),
      words: ["/var/run/plain/x", "/run", "a reboot empties"]),
    PreflightBreak(name: "a target in /proc", script: file("x", to: "/proc/sys/x"), words: ["/proc/sys/x", "/proc"]),
    PreflightBreak(
      name: "a target in qtctl's state", script: file("x", to: "/var/lib/qtctl/history.jsonl"),
      words: ["/var/lib/qtctl/history.jsonl", "qtctl's own state"]),
    PreflightBreak(
      name: "a target that is its own source", script: file("x", to: folder + "/extra"),
      words: [folder + "/extra", "its own source"]),
    PreflightBreak(
      name: "a symlink", script: "ln -s /etc/hostname /etc/plain/link; " + file("x", to: "/etc/plain/link"),
      fix: "rm /etc/plain/link", words: ["/etc/plain/link", "a symlink to /etc/hostname"]),
    PreflightBreak(
      name: "a world-writable folder behind a symlink",
      script: "mkdir -m 1777 /srv/open; ln -s /srv/open /srv/door; " + file("x", to: "/srv/door/x"),
      fix: "rm -r /srv/open /srv/door", words: ["/srv/door/x", "/srv/open", "chmod o-w"]),
    PreflightBreak(
      name: "a store on a tmpfs",
      script: "mkdir /srv/store; mount -t tmpfs -o mode=700 tmpfs /srv/store; " + store("/srv/store/backups"),
      fix: "umount /srv/store; rmdir /srv/store", words: ["/srv/store/backups", "tmpfs", "--volatile-store"]),
    PreflightBreak(
      name: "a store that is read-only",
      script: "mkdir /srv/store; mount --bind /srv/store /srv/store; mount -o remount,bind,ro /srv/store; "
        + store("/srv/store"),
      fix: "umount /srv/store; rmdir /srv/store", words: ["/srv/store", "read-only"]),
    PreflightBreak(
      name: "a store that everybody writes to", script: "mkdir -m 777 /srv/store; " + store("/srv/store"),
      fix: "rmdir /srv/store", words: ["backup store '/srv/store'", "everybody"]),
    PreflightBreak(
      name: "a store inside a live folder", script: store("/etc/plain/backups"),
      words: ["/etc/plain/backups", "in folder '/etc/plain'"]),
  ]

  private static func store(_ path: String) -> String { "sed -i 's,\(PlainRelease.store),\(path),' \(yaml)" }

  private static let trust = [
    PreflightBreak(
      name: "a manifest that everybody writes to", script: "chmod 666 \(yaml)", fix: "chmod 644 \(yaml)",
      words: [yaml, "everybody", "chmod go-w"]),
    PreflightBreak(
      name: "a release of somebody else's", script: "chown other \(folder)", fix: "chown root \(folder)",
      words: [folder, "belongs to other", "chown root"]),
    PreflightBreak(
      name: "a source that everybody writes to", script: "chmod 777 \(folder)/plain",
      words: [folder + "/plain", "mode 0777"]),
  ]
}
