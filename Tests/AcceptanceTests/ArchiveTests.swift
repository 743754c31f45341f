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
      #expect(try await site.sh("ls /var/lib/qtctl") == "history.jsonl\ninstalled\nlock\ntransactions\n")
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
      for (kind, words) in Self.kinds {
        try await site.sh("/usr/bin/python3 /root/make.py \(kind) && zstd -q --rm /root/\(kind).tar")
        if kind == "torn" { try await site.sh("truncate -s -100 /root/torn.tar.zst") }
        let run = try await site.qtctl("deploy", "/root/\(kind).tar.zst")
        #expect(run.exit == 14 && run.seconds < 30, "\(kind): \(run)")
        #expect(run.message.contains("archive") && run.message.contains(words), "\(kind): \(run)")
        try await site.sh("rm /root/\(kind).tar.zst")
      }
      #expect(try await site.sh("ls -A /var/lib/qtctl 2>/dev/null || true") == "")
      #expect(try await site.sh("ls /etc/evil /evil /root/evil 2>/dev/null || true") == "")
      #expect(try await site.sh("systemctl show -P LoadState plain.service") == "not-found\n")
    }
  }

  @Test("is refused when it is no file, somebody else's, everybody's, or changes while it is read")
  func untrusted() async throws {
    try await Site.with(name: "untrusted") { site in
      try await PlainRelease.write("1", .good, to: site)
      try await site.sh("cd /root; tar -cf a.tar plain; mkdir folder.tar; mkfifo pipe.tar; useradd --system other")
      for (script, path, words) in [
        ("true", "/root/none.tar", "archive '/root/none.tar' cannot be read"),
        ("true", "/root/folder.tar", "not a plain file"),
        ("true", "/root/pipe.tar", "not a plain file"), ("chown other /root/a.tar", "/root/a.tar", "belongs to other"),
        ("chown root /root/a.tar; chmod 666 /root/a.tar", "/root/a.tar", "chmod go-w"),
        ("chmod 644 /root/a.tar; \(Self.meddler)", "/root/a.tar", "changed while it was being read"),
      ] {
        try await site.sh(script)
        let run = try await site.qtctl(["deploy", path], within: .seconds(20))
        #expect(run.exit == 14 && run.message.contains(words), "\(script) \(path): \(run)")
      }
      #expect(try await site.sh("ls -A /var/lib/qtctl 2>/dev/null || true") == "")
      #expect(try await site.sh("systemctl show -P LoadState plain.service") == "not-found\n")
    }
  }

  /// Puts other bytes into the archive again and again while it is read.
  private static let meddler = """
    cd /root; head -c 50M /dev/zero > plain/zeros; tar -cf a.tar plain
    timeout 30 sh -c 'while :; do printf x >>a.tar; sleep 0.01; done' >/dev/null 2>&1 &
    """

  private static let kinds = [
    ("absolute", "absolute path"), ("parent", "leads outside"), ("symlink", "leads out of the archive"),
    ("hardlink", "is a hard link"), ("behind", "lies behind the symlink"),
    ("unnamed", "leads out of the archive"), ("source", "lies behind a symlink"),
    ("arrow", "'evil\\n\\x1b[2J' leads out of the archive"), ("device", "not a plain file"),
    ("fifo", "a device or a pipe"), ("setuid", "setuid"),
    ("twice", "in it twice"), ("disguised", "in it twice"), ("replaced", "both a file and a folder"),
    ("replacing", "both a file and a folder"), ("long", "longer than 1024 bytes"),
    ("nested", "has no 'qtctl.yaml'"),
    ("million", "more than 100000 members"), ("zeros", "it unpacks to 96636"), ("sparse", "it unpacks to 96636"),
    ("torn", "not an archive"),
  ]

  /// Adds one bad member to a good release.
  private static let maker = #"""
    import io, os, subprocess, sys, tarfile

    kind = sys.argv[1]
    path = f"/root/{kind}.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(
            "/root/plain", arcname="a/b" if kind == "nested" else ".",
            filter=lambda member: None if kind == "source" and member.name.endswith("qtctl.yaml") else member)
        def add(name, **fields):
            member = tarfile.TarInfo(name)
            for key, value in fields.items():
                setattr(member, key, value)
            archive.addfile(member, io.BytesIO())
        link = dict(type=tarfile.SYMTYPE, linkname="/etc/passwd")
        if kind == "absolute": add("/etc/evil")
        elif kind == "parent": add("x/../../evil")
        elif kind == "symlink": add("evil", **link)
        elif kind == "behind":
            add("evil", type=tarfile.SYMTYPE, linkname="/etc")
            add("evil/evil")
        elif kind == "unnamed": add("evil", type=tarfile.SYMTYPE, linkname="../\n")
        elif kind == "source":
            add("d", type=tarfile.SYMTYPE, linkname=".")
            text = open("/root/plain/qtctl.yaml").read().replace("source: plain.conf", "source: d/plain.conf").encode()
            member = tarfile.TarInfo("qtctl.yaml")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
        elif kind == "arrow": add("evil\n\033[2J", **link)
        elif kind == "hardlink": add("evil", type=tarfile.LNKTYPE, linkname="/etc/passwd")
        elif kind == "device": add("evil", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
        elif kind == "fifo": add("evil", type=tarfile.FIFOTYPE)
        elif kind == "setuid": add("evil", mode=0o4755)
        elif kind == "twice": add("plain")
        elif kind == "disguised": add(".//plain.conf")
        elif kind == "replaced": add("plain", type=tarfile.DIRTYPE)
        elif kind == "replacing": add("plain/inner")
        elif kind == "long": add("x" * 200 + "/" + "y/" * 500)
        elif kind == "million":
            member = tarfile.TarInfo("a folder")
            member.type = tarfile.DIRTYPE
            member = member.tobuf()
            for number in range(1000): archive.fileobj.write(member * 1000)
        elif kind == "zeros":
            member = tarfile.TarInfo("evil")
            member.size = 9 << 30
            archive.fileobj.write(member.tobuf())
    if kind == "zeros":
        with open(path, "r+b") as file: file.truncate(os.path.getsize(path) + (9 << 30))
    elif kind == "sparse":
        with open("/root/evil", "w") as file: file.truncate(9 << 30)
        subprocess.run(["tar", "-S", "-cf", path, "-C", "/root", "evil"], check=True)
        os.remove("/root/evil")

    """#
}
