import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("A backup that leaves the host", .serialized)
struct BackupTransferTests {
  private static let archive = "/root/backup.tar.zst"
  private static let secret =
    "      - {source: plain.conf, target: /etc/plain/secret, mode: \"0640\", owner: daemon, group: daemon, secret: true}"

  /// Deploys two releases.
  ///
  /// - Returns: the stamp of the backup that holds the first one.
  private static func stamp(_ site: Site) async throws -> String {
    for version in ["1", "2"] {
      try await PlainRelease.write(version, .good, extra: secret, to: site)
      let run = try await site.qtctl("deploy", PlainRelease.folder, "--stable", "0s")
      guard run.exit == 0, let stamp = run.stamp else { throw SiteError(description: "\(run)") }
      if version == "2" { return stamp }
    }
    throw SiteError(description: "no stamp")
  }

  @Test("brings back a host that was set up afresh, from the archive alone")
  func fresh() async throws {
    try await Site.with(name: "fresh") { site in
      let (stamp, archive) = (try await Self.stamp(site), Self.archive)
      let export = try await site.qtctl("backups", "export", stamp, archive, folder: PlainRelease.folder)
      #expect(export.exit == 0 && export.message.contains("secrets in plain text"), "\(export)")
      let again = try await site.qtctl("backups", "export", stamp, archive, folder: PlainRelease.folder)
      #expect(again.exit == 14 && again.message.contains("exists"), "\(again)")
      #expect(try await site.sh("stat -c '%a %U' \(archive)") == "600 root\n")
      try await site.sh(
        """
        cd \(PlainRelease.folder); qtctl backups export \(stamp) - 2>/dev/null | zstd -dc | sha256sum >/root/a
        zstd -dc <\(archive) | sha256sum | cmp - /root/a
        systemctl disable --quiet --now plain; rm -rf /var/lib/qtctl /var/backups/qtctl /root/plain /etc/plain
        rm /usr/local/bin/plain /etc/systemd/system/plain.service; systemctl daemon-reload
        """)
      let bring = try await site.qtctl("backups", "import", archive)
      #expect(bring.exit == 0 && bring.stamp == stamp, "\(bring)")
      #expect(try await site.sh("ls -A \(PlainRelease.store)") == stamp + "\n")
      let check = try await site.qtctl("backups", "check", stamp)
      #expect(check.exit == 0 && check.checks.allSatisfy { $0.status == .pass }, "\(check)")
      let back = try await site.qtctl("rollback", stamp)
      #expect(back.exit == 0, "\(back)")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
      #expect(
        try await site.sh("stat -c '%a %U %G' /etc/plain/secret; systemctl is-enabled plain") == """
          640 daemon daemon
          enabled

          """)
      let twice = try await site.qtctl("backups", "import", archive)
      #expect(twice.exit == 14 && twice.message.contains("already"), "\(twice)")
      // The host is one like any other now: a later release keeps its backups where these are.
      let next = try await PlainRelease.deploy("3", to: site)
      #expect(next.exit == 0, "\(next)")
      #expect(try await site.qtctl("rollback").exit == 0)
    }
  }

  @Test("is not listed when anything in the archive is not as it was saved, or leads out", .timeLimit(.minutes(2)))
  func hostile() async throws {
    try await Site.with(name: "transfer") { site in
      let (stamp, archive) = (try await Self.stamp(site), Self.archive)
      try await site.sh(
        """
        cd \(PlainRelease.folder); qtctl backups export \(stamp) \(archive) --quiet
        cd /root; zstd -qd \(archive); rm -r \(PlainRelease.store)/\(stamp); echo secret >/root/outside
        """)
      try await site.machine.write(Self.maker, to: "/root/make.py")
      let before = try await PlainRelease.everything(site)
      for (kind, exit, words) in Self.kinds {
        try await site.sh(
          "cd /root; rm -f evil.*; python3 make.py \(kind) \(stamp); [ -e evil.tar.zst ] || zstd -q evil.tar")
        if kind == "foreign" { try await site.sh("chown nobody /root/evil.tar.zst") }
        let run = try await site.qtctl(["backups", "import", "/root/evil.tar.zst"], within: .seconds(30))
        #expect(run.exit == exit && run.message.contains(words), "\(kind): \(run)")
      }
      #expect(try await PlainRelease.everything(site) == before)
      #expect(
        try await site.sh("stat -c '%a %U' /root/outside; ls -d /evil /etc/evil 2>/dev/null || true") == "644 root\n")
      try await Self.torn(site)
      #expect(try await site.sh("ls -A \(PlainRelease.store)").contains(stamp) == false)
      let good = try await site.qtctl("backups", "import", archive)
      #expect(good.exit == 0, "\(good)")
    }
  }

  /// Cut off at each tenth, compressed and not.
  private static func torn(_ site: Site) async throws {
    for name in ["backup.tar", "backup.tar.zst"] {
      for tenths in 0..<10 {
        try await site.sh(
          "cd /root; rm -f torn*; head -c $(($(stat -c %s \(name)) * \(tenths) / 10)) \(name) >torn\(name.dropFirst(6))"
        )
        let run = try await site.qtctl("backups", "import", "/root/torn\(name.dropFirst(6))")
        #expect(
          run.exit == 14 && run.message.contains("copy it here again") || run.exit == 12, "\(name), \(tenths): \(run)")
      }
    }
  }

  @Test("leaves no part of an archive where the export is killed or the disk is full, and overwrites nothing")
  func cutOff() async throws {
    try await Site.with(name: "cutoff") { site in
      try await PlainRelease.write("1", .good, extra: Self.big, to: site)
      try await site.sh("head -c 30M /dev/urandom >\(PlainRelease.folder)/big")
      #expect(try await site.qtctl("deploy", PlainRelease.folder, "--stable", "0s").exit == 0)
      let stamp = try #require(try await site.qtctl("backup", folder: PlainRelease.folder).stamp)
      let export = "qtctl backups export \(stamp)"
      for seconds in ["0.04", "0.08", "0.12", "0.16"] {
        let left = try await site.sh(
          """
          cd \(PlainRelease.folder); rm -rf /root/out; mkdir /root/out
          timeout -s KILL \(seconds) \(export) /root/out/a.tar.zst >&2 || true; ls -A /root/out
          """)
        #expect(left == "" || left == "a.tar.zst\n", "\(left)")
      }
      try await site.sh("mkdir -p /root/small /root/out; mount -t tmpfs -o size=4m none /root/small")
      let full = try await site.qtctl("backups", "export", stamp, "/root/small/a.tar.zst", folder: PlainRelease.folder)
      #expect(full.exit == 14 && full.message.contains("No space left on device; free space there"), "\(full)")
      #expect(try await site.sh("ls -A /root/small") == "")
      let nameless = try await site.qtctl("backups", "export", stamp, "", folder: PlainRelease.folder)
      #expect(nameless.exit == 14 && nameless.message.contains("name a file"), "\(nameless)")

      // What comes back is as it was, to the mode of the script.
      try await site.sh(
        """
        cd \(PlainRelease.folder); rm -f /root/out/*; \(export) /root/out/a.tar.zst --quiet
        (cd \(PlainRelease.store); find \(stamp) -printf '%p %m %U %s %l\\n' | sort >/root/before; rm -r \(stamp))
        """)
      // On a disk too small for its bytes, or its files.
      for limit in ["size=8m", "size=64m,nr_inodes=6"] {
        try await site.sh("mount -t tmpfs -o mode=700,\(limit) none \(PlainRelease.store)")
        let full = try await site.qtctl("backups", "import", "/root/out/a.tar.zst")
        #expect(full.exit == 14 && full.message.contains("not enough disk space for the backup"), "\(limit): \(full)")
        #expect(try await site.sh("ls -A \(PlainRelease.store); umount \(PlainRelease.store)") == "")
      }
      for seconds in ["0.05", "0.1", "0.15"] {
        try await site.sh("timeout -s KILL \(seconds) qtctl backups import /root/out/a.tar.zst >&2 || true")
        let listed = try await site.sh("ls \(PlainRelease.store)")
        if listed.contains(stamp) { try await site.sh("rm -r \(PlainRelease.store)/\(stamp)") }
      }
      #expect(try await site.qtctl("backups", "import", "/root/out/a.tar.zst").exit == 0)
      try await site.sh(
        "cd \(PlainRelease.store); find \(stamp) -printf '%p %m %U %s %l\\n' | sort | diff /root/before - >&2")
      #expect(try await site.sh("ls -A \(PlainRelease.store) | grep '^[.]' || true") == "")
    }
  }

  private static let big = "      - {source: big, target: /etc/plain/big}"

  private static let kinds: [(String, Int, String)] = [
    ("flipped", 12, "not what was saved"), ("removed", 12, "missing"), ("added", 12, "not part of the backup"),
    ("relinked", 12, "does not point"), ("renamed", 12, "it describes"), ("schema", 12, "schema"),
    ("outsider", 12, "not in the archive"), ("through", 12, "not in the archive"),
    ("behind", 14, "lies behind the symlink"),
    ("absolute", 14, "absolute path"), ("parent", 14, "leads outside"), ("device", 14, "not a plain file"),
    ("hardlink", 14, "is a hard link"), ("beside", 14, "beside the backup"), ("newer", 14, "upgrade qtctl"),
    ("unmarked", 14, "was not written by"), ("notstamp", 14, "holds no backup"), ("huge", 14, "it unpacks to 96636"),
    ("future", 14, "days after now"), ("pipe", 14, "not a plain file"), ("foreign", 14, "belongs to nobody"),
  ]

  /// Makes an archive from the good one, with one thing wrong.
  private static let maker = #"""
    import hashlib, io, json, os, sys, tarfile

    kind, stamp = sys.argv[1:]
    if kind == "pipe":
        os.mkfifo("evil.tar.zst")
        sys.exit()
    good = tarfile.open("backup.tar")
    members = [(m, good.extractfile(m).read() if m.isfile() else b"") for m in good]
    names = {m.name: i for i, (m, _) in enumerate(members)}
    conf, page, sums = (f"{stamp}/{name}" for name in ("files/etc/plain/plain.conf", "backup.json", "SHA256SUMS"))

    def put(name, data):
        members[names[name]] = (members[names[name]][0], data)

    def add(name, data=b"", **fields):
        member = tarfile.TarInfo(name)
        for key, value in fields.items(): setattr(member, key, value)
        members.append((member, data))

    def describe(change):
        record = json.loads(members[names[page]][1])
        lines = members[names[sums]][1].decode()
        for line in change(record): lines += line
        data = json.dumps(record).encode()
        lines = "".join(
            (hashlib.sha256(data).hexdigest() + "  backup.json" if line.endswith("  backup.json") else line) + "\n"
            for line in lines.splitlines())
        put(page, data)
        put(sums, lines.encode())

    outside = hashlib.sha256(b"secret\n").hexdigest()
    entry = dict(path="", unit="plain.service", secret=False, state=dict(
        type="file", sha256=outside, size=7, mode=0o666, owner=65534, group=65534))
    if kind == "flipped": put(conf, members[names[conf]][1].replace(b"1", b"7"))
    elif kind == "removed": del members[names[conf]]
    elif kind == "added": add(f"{stamp}/files/etc/evil")
    elif kind == "relinked":
        link = next(m for m, _ in members if m.issym())
        link.linkname = "/etc/evil"
    elif kind == "renamed":
        for m, _ in members: m.name = m.name.replace(stamp, "20200101_000000")
    elif kind == "schema": describe(lambda record: record.update(schema="qtctl-backup/2") or [])
    elif kind == "outsider":
        # From the folder of the backup that is being unpacked.
        entry["path"] = "/../../../../../root/outside"
        describe(lambda record: record["entries"].append(entry) or [f"{outside}  files{entry['path']}\n"])
    elif kind == "through":
        link = dict(path="/way", unit="plain.service", secret=False, state=dict(
            type="symlink", link="/root", mode=0o777, owner=0, group=0))
        entry["path"] = "/way/outside"
        add(f"{stamp}/files/way", type=tarfile.SYMTYPE, linkname="/root")
        describe(lambda record: record["entries"].extend([link, entry]) or [f"{outside}  files/way/outside\n"])
    elif kind == "behind":
        add(f"{stamp}/files/way", type=tarfile.SYMTYPE, linkname="/etc")
        add(f"{stamp}/files/way/evil")
    elif kind == "absolute": add("/etc/evil")
    elif kind == "parent": add(f"{stamp}/../../../../evil")
    elif kind == "device": add(f"{stamp}/files/evil", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
    elif kind == "hardlink": add(f"{stamp}/files/evil", type=tarfile.LNKTYPE, linkname="/root/outside")
    elif kind == "beside": add("20200101_000000/backup.json")
    elif kind == "newer": members[0][0].name = "qtctl-export-2"
    elif kind == "unmarked": del members[0]
    elif kind == "future":
        for m, _ in members: m.name = m.name.replace(stamp, "20990101_000000")
    elif kind == "notstamp":
        for m, _ in members: m.name = m.name.replace(stamp, "somewhere")
    with tarfile.open("evil.tar", "w") as archive:
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        if kind == "huge":
            member = tarfile.TarInfo(f"{stamp}/files/evil")
            member.size = 9 << 30
            archive.fileobj.write(member.tobuf())

    """#
}
