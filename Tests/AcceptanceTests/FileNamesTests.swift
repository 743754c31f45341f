import Rehearsal
import TestSupport
import Testing

@Suite("A folder whose names are any bytes")
struct FileNamesTests {
  private static let archive = "/root/names.tar.zst"

  @Test("comes back by a rollback, by 'restore.sh' and from an exported backup, byte for byte")
  func comesBack() async throws {
    try await Site.with(name: "names") { site in
      try await site.machine.write(Self.names, to: "/root/names.py")
      var sums: [String] = []
      for version in ["1", "2"] {
        try await site.sh("python3 /root/names.py \(PlainRelease.folder)/tree \(version)")
        try await PlainRelease.write(
          version, .good, extra: "      - {source: tree, target: /opt/names, extra: remove}", to: site)
        let run = try await site.qtctl("deploy", PlainRelease.folder, "--stable", "0s")
        #expect(run.exit == 0, "\(run)")
        sums.append(try await site.sh("python3 /root/names.py /opt/names"))
        #expect(try await site.sh("python3 /root/names.py \(PlainRelease.folder)/tree") == sums.last)
      }
      #expect(sums[0] != sums[1])
      let back = try await site.qtctl("rollback", folder: PlainRelease.folder)
      #expect(back.exit == 0, "\(back)")
      #expect(try await site.sh("python3 /root/names.py /opt/names") == sums[0])

      let second = try #require(back.stamp)
      try await site.sh("sh \(PlainRelease.store)/\(second)/restore.sh")
      #expect(try await site.sh("python3 /root/names.py /opt/names") == sums[1])
      try await site.sh("cd \(PlainRelease.store)/\(second); sha256sum --check --quiet SHA256SUMS")

      let export = try await site.qtctl("backups", "export", second, Self.archive, folder: PlainRelease.folder)
      #expect(export.exit == 0, "\(export)")
      try await site.sh("tar -C /root -xf \(Self.archive); cd /root/\(second); sha256sum --check --quiet SHA256SUMS")
      try await site.sh("rm -r \(PlainRelease.store)/\(second) /opt/names")
      #expect(try await site.qtctl("backups", "import", Self.archive).exit == 0)
      #expect(try await site.qtctl("rollback", second).exit == 0)
      #expect(try await site.sh("python3 /root/names.py /opt/names") == sums[1])
      #expect(try await site.sh("ls /pwned /root/pwned pwned 2>/dev/null || true") == "")
    }
  }

  @Test("is deployed from an archive, whoever packed it, as from a folder")
  func packed() async throws {
    try await Site.with(name: "packednames") { site in
      try await site.machine.write(Self.names, to: "/root/names.py")
      let packers = [
        "tar --format=gnu -cf", "tar --zstd -cf",
        "python3 -c 'import sys, tarfile as t; a = t.open(sys.argv[1], \"w\", format=t.GNU_FORMAT); a.add(\".\"); a.close()'",
      ]
      for (number, packer) in zip(10..., packers) {
        try await site.sh("rm -rf \(PlainRelease.folder); python3 /root/names.py \(PlainRelease.folder)/tree \(number)")
        try await PlainRelease.write(
          "\(number)", .good, extra: "      - {source: tree, target: /opt/names, extra: remove}", to: site)
        try await site.sh("cd \(PlainRelease.folder); \(packer) /root/names.tar \(packer.hasPrefix("tar") ? "." : "")")
        let run = try await site.qtctl("deploy", "/root/names.tar", "--stable", "0s")
        #expect(run.exit == 0, "\(packer): \(run)")
        let (packed, deployed) = (
          try await site.sh("python3 /root/names.py \(PlainRelease.folder)/tree"),
          try await site.sh("python3 /root/names.py /opt/names")
        )
        #expect(packed == deployed, "\(packer)")
      }

      // POSIX's format holds UTF-8, of which libarchive composes the accents: kept or refused, never renamed.
      let tree = "\(PlainRelease.folder)/tree"
      let pack = "cd \(PlainRelease.folder); tar --format=pax -cf /root/names.tar ."
      try await site.sh("rm -rf \(tree); mkdir \(tree); touch '\(tree)/\u{e9}' '\(tree)/what?'; \(pack)")
      let run = try await site.qtctl("deploy", "/root/names.tar", "--stable", "0s")
      #expect(run.exit == 0, "\(run)")
      try await site.sh("diff -r \(tree) /opt/names")
      let python =
        "cd \(PlainRelease.folder); python3 -c 'import tarfile; a = tarfile.open(\"/root/names.tar\", \"w\"); a.add(\".\"); a.close()'"
      for (odd, pack) in [
        ("touch '\(tree)/e\u{301}'", pack), ("ln -s '\u{212b}' \(tree)/link", python),
        (#"touch "\#(tree)/$(printf 'x\351')""#, pack),
      ] {
        try await site.sh("rm -rf \(tree)/*; touch \(tree)/file; \(odd); \(pack); gzip -kf /root/names.tar")
        let refused = try await site.qtctl("deploy", "/root/names.tar.gz", "--stable", "0s")
        #expect(refused.exit == 14 && refused.message.contains("tar --format=gnu"), "\(odd): \(refused)")
        try await site.sh("cd \(PlainRelease.folder); tar -cf /root/names.tar .")
        #expect(try await site.qtctl("deploy", "/root/names.tar", "--stable", "0s").exit == 0)
        try await site.sh("diff -r --no-dereference \(tree) /opt/names")
        // As does an export that holds nothing else that is odd.
        let stamp = try #require(try await site.qtctl("backup", "--name", "plain").stamp)
        try await site.sh(
          """
          cd \(PlainRelease.store); rm -f /root/names.tar.zst; qtctl backups export \(stamp) /root/names.tar.zst --quiet
          find \(stamp) | sort >/root/before; rm -r \(stamp); qtctl backups import /root/names.tar.zst --quiet
          find \(stamp) | sort | diff /root/before - >&2
          """)
      }
    }
  }

  /// Makes a folder in a version, or prints what is in it.
  private static let names = #"""
    import hashlib, os, sys

    root = os.fsencode(sys.argv[1])
    if len(sys.argv) == 2:
        digest = hashlib.sha256()
        for folder, folders, files in sorted(os.walk(root)):
            for path in sorted(folder + b"/" + name for name in folders + files):
                link = os.readlink(path) if os.path.islink(path) else b""
                content = open(path, "rb").read() if os.path.isfile(path) else b""
                digest.update(b"\0".join([path[len(root):], link, content]) + b"\0\n")
        print(digest.hexdigest())
        sys.exit()
    version = sys.argv[2].encode()
    texts = ["é", "e\u0301", "\u0301x", "\u0600", "हिन्दी", "\u212b", "\u00c5", "\U0010ff80", "a\r\nb", "end\n", "-rf", "*",
        "'; touch pwned; '", "'\u0301; touch pwned; '\u0301", "$(touch pwned)", "\\x41", "README", "readme"]
    names = [bytes([byte]) for byte in range(1, 256) if byte not in b"/."] + [text.encode() for text in texts]
    names += [b"\xff" * 200, b"\xc3\xa9\xff"]
    os.makedirs(root, exist_ok=True)
    if version == b"2":
        names.remove(b"\x90")
        os.remove(root + b"/\x90")
        os.remove(root + b"/link\xfa")
    for name in names:
        with open(root + b"/" + name, "wb") as file: file.write(name + version)
    for name in [b"\xfe\xed", "u\u0301".encode(), b"d\n"]:
        os.makedirs(root + b"/in/" + name + b"/\xff" + name + version, exist_ok=True)
        with open(root + b"/in/" + name + b"/f\x80", "wb") as file: file.write(version)
    os.symlink(b"\xff" + version, root + b"/link\xfa")

    """#
}
