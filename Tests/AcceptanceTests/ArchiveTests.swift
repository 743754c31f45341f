import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("A release in an archive")
struct ArchiveTests {
  @Test("is deployed as the folder would be, and nothing of it is left unpacked")
  func deploys() async throws {
    try await Site.with(name: "archive") { site in
      for (version, command) in [("1", "tar -cf"), ("2", "tar -czf"), ("3", "tar --zstd -cf")] {
        let archive = "/root/plain-\(version)." + ["1": "tar", "2": "tar.gz", "3": "tar.zst"][version, default: ""]
        try await PlainRelease.write(version, .good, to: site)
        try await site.sh("\(command) \(archive) -C /root plain")
        try await site.sh("rm -r \(PlainRelease.folder)")
        let run = try await site.qtctl("deploy", archive)
        #expect(run.exit == 0 && run.outcome == .deployed, "\(run)")
        #expect(try await site.sh("cat /etc/plain/plain.conf") == "version \(version)\n")
      }
      #expect(try await site.sh("ls /var/lib/qtctl") == "history.jsonl\ninstalled\nlock\n")
      let back = try await site.qtctl("rollback")
      #expect(back.exit == 0, "\(back)")
      #expect(try await site.sh("cat /etc/plain/plain.conf") == "version 2\n")
    }
  }

  @Test("is refused when it holds what no release needs, and nothing is touched", .timeLimit(.minutes(2)))
  func hostile() async throws {
    try await Site.with(name: "hostile") { site in
      try await PlainRelease.write("1", .good, to: site)
      try await site.machine.write(Self.maker, to: "/root/make.py")
      for kind in ["absolute", "parent", "symlink", "hardlink", "device", "fifo", "setuid", "many", "zeros", "torn"] {
        try await site.sh("/usr/bin/python3 /root/make.py \(kind)")
        let run = try await site.qtctl("deploy", "/root/\(kind).tar.gz")
        #expect(run.exit == 14, "\(kind): \(run)")
        #expect(run.message.contains("archive"), "\(kind): \(run)")
      }
      #expect(try await site.sh("ls -A /var/lib/qtctl 2>/dev/null || true") == "")
      #expect(try await site.sh("ls /etc/evil /evil /root/evil 2>/dev/null || true") == "")
      #expect(try await site.sh("systemctl show -P LoadState plain.service") == "not-found\n")
    }
  }

  /// Adds one bad member to a good release.
  private static let maker = #"""
    import io, sys, tarfile

    kind = sys.argv[1]
    path = f"/root/{kind}.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        archive.add("/root/plain", arcname=".")
        def add(name, size=0, **fields):
            member = tarfile.TarInfo(name)
            member.size = size
            for key, value in fields.items():
                setattr(member, key, value)
            archive.addfile(member, open("/dev/zero", "rb") if size else io.BytesIO())
        if kind == "absolute": add("/etc/evil")
        elif kind == "parent": add("x/../../evil")
        elif kind == "symlink": add("evil", type=tarfile.SYMTYPE, linkname="/etc/passwd")
        elif kind == "hardlink": add("evil", type=tarfile.LNKTYPE, linkname="/etc/passwd")
        elif kind == "device": add("evil", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
        elif kind == "fifo": add("evil", type=tarfile.FIFOTYPE)
        elif kind == "setuid": add("evil", mode=0o4755)
        elif kind == "zeros": add("evil", size=9 << 30)
        elif kind == "many":
            for number in range(100_001): add(f"f{number}")
    if kind == "torn":
        whole = open(path, "rb").read()
        open(path, "wb").write(whole[: len(whole) // 2])

    """#
}
