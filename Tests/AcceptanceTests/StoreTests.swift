import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("The backup store on a real host")
struct StoreTests {
  @Test("is refused with one flipped bit in any file of a backup; with the bit flipped back it restores")
  func flippedBits() async throws {
    try await Site.with(name: "flipped") { site in
      try await PlainRelease.deploy("1", to: site)
      let stamp = try #require(try await PlainRelease.deploy("2", to: site).stamp)
      let folder = "\(PlainRelease.store)/\(stamp)"
      let files = try await site.sh("cd \(folder); find . -type f").split(separator: "\n")
      #expect(files.count == 6, "three contents, backup.json, restore.sh, SHA256SUMS: \(files)")
      let before = try await PlainRelease.everything(site)
      for file in files {
        try await Self.flipBit(in: "\(folder)/\(file)", site)
        for command in [["backups", "check", stamp], ["rollback", stamp], ["rollback", stamp, "--dry-run"]] {
          let run = try await site.qtctl(command, folder: PlainRelease.folder)
          #expect(run.exit == 12, "\(file) \(command) \(run)")
        }
        try await Self.flipBit(in: "\(folder)/\(file)", site)
      }
      #expect(try await PlainRelease.everything(site) == before)
      let check = try await site.qtctl("backups", "check", folder: PlainRelease.folder)
      #expect(check.exit == 0 && check.checks.count == 2, "\(check)")
      let back = try await site.qtctl("rollback", stamp, folder: PlainRelease.folder)
      #expect(back.exit == 0, "\(back)")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
    }
  }

  /// Another bit each time would do too; the middle of a file is in its content, not in its first word.
  private static func flipBit(in file: String, _ site: Site) async throws {
    try await site.sh(
      """
      at=$(( $(stat -c %s '\(file)') / 2 ))
      byte=$(od -An -tu1 -j $at -N 1 '\(file)' | tr -d ' ')
      printf "\\\\$(printf %o $(( byte ^ 1 )))" | dd of='\(file)' bs=1 seek=$at conv=notrunc status=none
      """)
  }

  @Test("lists, checks and refuses what is half deleted, never prunes it, and a deploy goes on beside it")
  func halfDeleted() async throws {
    try await Site.with(name: "half") { site in
      try await PlainRelease.deploy("1", to: site)
      for script in ["rm -r {}/files/etc", "rm {}/backup.json", "rm {}/SHA256SUMS", "rm -r {}; mkdir {}"] {
        let backup = try await site.qtctl("backup", folder: PlainRelease.folder)
        let stamp = try #require(backup.stamp)
        try await site.sh(script.replacing("{}", with: "\(PlainRelease.store)/\(stamp)"))
        let before = try await PlainRelease.everything(site)
        for command in [
          ["backups", "check", stamp], ["backups", "check", stamp, "--quick"], ["backups", "check"],
          ["rollback", stamp],
        ] {
          let run = try await site.qtctl(command, folder: PlainRelease.folder)
          #expect(run.exit == 12, "\(script) \(command) \(run)")
        }
        #expect(try await PlainRelease.everything(site) == before)
      }
      let list = try await site.machine.run(["qtctl", "backups", "list"], workingDirectory: PlainRelease.folder)
      #expect(list.stdout.split(separator: "\n").count { $0.contains("damaged") } == 4, "\(list.stdout)")
      let prune = try await site.machine.run(["qtctl", "backups", "prune"], workingDirectory: PlainRelease.folder)
      #expect(
        prune.stdout.split(separator: "\n").count { $0.contains("keep  it is damaged") } == 4, "\(prune.stdout)")
      let deploy = try await PlainRelease.deploy("2", to: site)
      #expect(deploy.exit == 0, "\(deploy)")
      let back = try await site.qtctl("rollback", folder: PlainRelease.folder)
      #expect(back.exit == 0, "\(back)")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
    }
  }

  @Test("that is read-only refuses whatever would write to it, says what to do, and that works")
  func readOnly() async throws {
    try await Site.with(name: "read-only") { site in
      try await PlainRelease.deploy("1", to: site)
      let stamp = try #require(try await PlainRelease.deploy("2", to: site).stamp)
      let before = try await PlainRelease.everything(site)
      let store = PlainRelease.store
      try await site.sh("mount --bind \(store) \(store); mount -o remount,bind,ro \(store)")
      try await PlainRelease.write("3", .good, to: site)
      for command in [
        ["deploy"], ["rollback"], ["rollback", stamp], ["rollback", "--dry-run"], ["backup"], ["backups", "prune"],
        ["backups", "pin", stamp],
      ] {
        let run = try await site.qtctl(command, folder: PlainRelease.folder)
        #expect(run.exit == 14 && run.message.contains("\(store) is read-only"), "\(command) \(run)")
      }
      #expect(try await PlainRelease.everything(site) == before)
      // What the refusal says.
      try await site.sh(
        """
        mkdir -m 700 /var/backups/other; cp -a \(store)/\(stamp) /var/backups/other/
        QTCTL_BACKUPS=/var/backups/other qtctl rollback \(stamp)
        """)
      #expect(try await PlainRelease.running(site) == "plain 1, active")
      #expect(try await site.sh("ls /var/backups/other | wc -l") == "2\n")
    }
  }

  @Test("on a small filesystem of its own: retention frees room first and says so; else it is refused with numbers")
  func full() async throws {
    try await Site.with(name: "full") { site in
      let store = "/var/small"
      try await site.sh("mkdir -m 700 \(store); mount -t tmpfs -o mode=700,size=40m tmpfs \(store)")
      try await PlainRelease.write("1", .good, to: site)
      let keep = "s|directory: .*|directory: \(store)/backups, keep: 1}|"
      try await site.sh("sed -i -e '\(keep)' \(PlainRelease.folder)/qtctl.yaml")
      let deploy = ["deploy", PlainRelease.folder, "--volatile-store", "--accept-drift", "--stable", "0s"]
      let first = try await site.qtctl(deploy)
      #expect(first.exit == 0, "\(first)")
      // By hand: retention has no say in them until room is short.
      for _ in 0..<3 {
        try await Self.change(site)
        let backup = try await site.qtctl("backup", "--volatile-store", folder: PlainRelease.folder)
        #expect(backup.exit == 0, "\(backup)")
      }
      try await Self.change(site)
      let tight = try await site.qtctl(deploy)
      let stamp = try #require(tight.stamp, "\(tight)")
      #expect(tight.exit == 0, "\(tight)")
      #expect(tight.steps.contains { $0.name == "free disk space" }, "\(tight.steps)")
      #expect(try await site.sh("ls \(store)/backups") == stamp + "\n")

      try await Self.change(site)
      try await site.sh("head -c 18M /dev/zero > \(store)/pad")
      let before = try await PlainRelease.everything(site)
      for command in [
        deploy, deploy + ["--dry-run"], ["rollback", stamp, "--manifest", PlainRelease.folder],
        ["backup", "--volatile-store", "--manifest", PlainRelease.folder],
      ] {
        let run = try await site.qtctl(command)
        #expect(run.exit == 14, "\(command) \(run)")
        for word in ["\(store)", "in reserve are needed", "are free", "free space"] {
          #expect(run.message.contains(word), "\(command) \(run)")
        }
      }
      #expect(try await PlainRelease.everything(site) == before)
      #expect(try await site.sh("ls \(store)/backups") == stamp + "\n")
      try await site.sh("rm \(store)/pad")
      let back = try await site.qtctl("rollback", stamp, "--manifest", PlainRelease.folder)
      #expect(back.exit == 0, "\(back)")
    }
  }

  /// Makes the next backup 7 MiB bigger.
  private static func change(_ site: Site) async throws {
    try await site.sh("head -c 7M /dev/urandom > /etc/plain/plain.conf")
  }

  @Test("is pruned with a reason for each backup, pinned and unpinned under the lock alone")
  func prune() async throws {
    try await Site.with(name: "prune") { site in
      try await PlainRelease.deploy("1", to: site)
      let way = try #require(try await PlainRelease.deploy("2", to: site).stamp)
      var taken: [String] = []
      for _ in 0..<3 {
        taken.append(try #require(try await site.qtctl("backup", folder: PlainRelease.folder).stamp))
      }
      try await site.sh("sed -i 's|^backups: {|&keep: 1, |' \(PlainRelease.folder)/qtctl.yaml")
      let holder = try await site.machine.spawn(["flock", "/var/lib/qtctl/lock", "sleep", "60"])
      try await site.wait(for: "! flock -n /var/lib/qtctl/lock true")
      for command in [["backups", "pin", taken[0]], ["backups", "unpin", taken[0]], ["backups", "prune"]] {
        let run = try await site.qtctl(command, folder: PlainRelease.folder)
        #expect(run.exit == 11, "\(command) \(run)")
      }
      holder.kill()
      _ = try await holder.output()
      let pin = try await site.qtctl("backups", "pin", taken[0], folder: PlainRelease.folder)
      #expect(pin.exit == 0, "\(pin)")
      for arguments in [["--dry-run"], []] {
        let output = try await site.machine.run(
          ["qtctl", "backups", "prune"] + arguments, workingDirectory: PlainRelease.folder)
        let lines = output.stdout.split(separator: "\n")
        for (stamp, words) in [
          (taken[2], "keep    it is the last verified one"), (taken[1], "remove  it is older than the newest 1"),
          (taken[0], "keep    it is pinned"), (way, "keep    it is the last verified one of a release other"),
        ] { #expect(lines.contains { $0.hasPrefix(stamp + "  ") && $0.contains(words) }, "\(words): \(output.stdout)") }
        let left = try await site.sh("ls \(PlainRelease.store)")
        #expect(left.contains(taken[1] + "\n") == !arguments.isEmpty)
      }
      let check = try await site.qtctl("backups", "check", folder: PlainRelease.folder)
      #expect(check.exit == 0 && check.checks.count == 3, "\(check)")
    }
  }
}
