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
