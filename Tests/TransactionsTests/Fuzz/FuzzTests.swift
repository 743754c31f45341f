import Deployment
import Glibc
import HostState
import Manifests
import Releases
import TestSupport
import Testing

/// For longer runs: `make fuzz QTCTL_FUZZ_SECONDS=3600`; for the same one again: `QTCTL_FUZZ_SEED`.
@Suite("Fuzzing of releases", .serialized)
struct FuzzTests {
  let sandbox: Sandbox
  init() throws { sandbox = try Sandbox() }

  @Test("manifests made of good ones are read or refused with a word: no crash, no hang")
  func manifests() async throws {
    let samples = [try TarSample.bytes(of: Checkout.root + "/units/qtctl.yaml"), Array(Self.manifest.utf8)]
    let fuzzer = Fuzzer(
      "manifest", samples,
      words: [
        "{", "[", "]", "- ", ": ", "&a ", "*a", "|\n", "? ", "!!binary ", "\t", "\u{0}", "\u{FEFF}", "%YAML 9\n",
        "---\n",
        "0x", "1e999s", "99999999999999999999s", "-1s", "~", "'", "\"\\u", "<<: ", "\u{85}", "../", "name: x\n", "🜁",
      ])
    try await fuzzer.run { bytes in
      do {
        _ = try Manifest(bytes: bytes, file: "qtctl.yaml")
      } catch let error as ManifestError {
        try #require(!error.problems.isEmpty, "refused without a word")
      }
    }
  }

  @Test("archives made of good ones are unpacked or refused: no crash, no hang, nothing left, nothing outside")
  func archives() async throws {
    let state = StateFolder(path: sandbox.root + "/state/deep/er")
    let path = sandbox.root + "/release.tar"
    var fuzzer = Fuzzer("archive", try TarSample.make(in: sandbox.root), words: [])
    fuzzer.words = TarSample.words
    fuzzer.finish = { if Bool.random(using: &$1) { TarSample.mend(&$0) } }
    try TestFiles.write("", to: path)
    let names = try Set(TestFiles.files(below: sandbox.root))
    try await fuzzer.run { bytes in
      try TestFiles.write(bytes: bytes, to: path)
      do {
        let unpacked = try ReleaseArchive(unpacking: path, below: state)
        _ = try? unpacked.release()
        for file in try TestFiles.files(below: unpacked.folder) {
          let mode = try TestFiles.facts(file).st_mode
          try #require(mode & S_IFMT == S_IFREG && mode & 0o7000 == 0, "\(file)")
        }
        unpacked.remove()
      } catch let error as any CommandError {
        try #require(error.exitStatus == .refused, "\(error)")
      }
      try #require(try Set(TestFiles.files(below: sandbox.root)) == names, "something is left")
      try #require(TestFiles.names(state.path) == [], "something is left")
    }
  }

  /// What the shipped one does not have.
  private static let manifest = """
    name: x
    version: 1.0.0
    services:
      - unit: a@b.service
        files:
          - {source: "a b", target: '/opt/a', mode: "0755", owner: root, group: "0", secret: true, keep: true}
        ready: 1m30s
        stop: 100ms
    backups: {directory: /var/b, keep: 3}
    rollback: {deadline: 2m}
    redis: unix:///run/redis.sock?db=1
    verify:
      commands: [{name: config, run: [/usr/bin/true, -x], within: 10s}]
      http: [{url: "http://127.0.0.1:8080/health", status: 200, within: 5s}]
      tcp: [{address: "[::1]:6379", within: 2s}]

    """
}
