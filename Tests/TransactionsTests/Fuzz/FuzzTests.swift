import Deployment
import Dispatch
import Glibc
import HostState
import Manifests
import Releases
import Synchronization
import TestSupport
import Testing

/// For longer runs: `make fuzz QTCTL_FUZZ_SECONDS=3600`; for the same one again: `QTCTL_FUZZ_SEED`.
@Suite("Fuzzing", .serialized)
struct FuzzTests {
  /// What is kept of the input that is being read, so that a crash leaves it behind.
  private struct Input {
    let path: String
    let seed: UInt64

    func keep(_ bytes: [UInt8]) {
      guard let file = fopen(path, "w") else { return }
      fwrite(bytes, 1, bytes.count, file)
      fclose(file)
    }

    var words: String { "seed \(seed), input in \(path)" }
  }

  /// Ends the test run when nothing moves any more.
  private final class Watch: Sendable {
    private let last = Mutex(ContinuousClock.now)
    private let isOver = Atomic(false)

    init(_ what: String) {
      DispatchQueue(label: "watch").async { [self] in
        while !isOver.load(ordering: .relaxed) {
          sleep(1)
          // Reading an archive has a limit of its own, of a minute for each of its two passes.
          if last.withLock({ $0.duration(to: .now) }) > .seconds(150) { fatalError("hangs: \(what)") }
        }
      }
    }

    func move() { last.withLock { $0 = .now } }
    func end() { isOver.store(true, ordering: .relaxed) }
  }

  private static func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
  private static let seconds = number("QTCTL_FUZZ_SECONDS") ?? 60
  private static let seed = number("QTCTL_FUZZ_SEED") ?? UInt64.random(in: 0 ... .max)

  let sandbox: Sandbox
  init() throws { sandbox = try Sandbox() }

  @Test("manifests and archives made of good ones are read or refused: no crash, no hang, nothing left")
  func fuzz() async throws {
    let input = Input(path: "/tmp/qtctl-fuzz-\(Self.seed)", seed: Self.seed)
    print("fuzz: \(input.words)")
    let watch = Watch(input.words)
    defer { watch.end() }
    var random = SeededRandom(seed: Self.seed)
    let half = Duration.seconds(Int(Self.seconds)) / 2
    let manifests = try readManifests(for: half, input, watch, using: &random)
    let archives = try await readArchives(for: half, input, watch, using: &random)
    print("fuzz: \(manifests) manifests, \(archives) archives, seed \(Self.seed)")
    // A failure has thrown, and its input stays.
    unlink(input.path)
  }

  private func readManifests(
    for time: Duration, _ input: Input, _ watch: Watch, using random: inout SeededRandom
  ) throws -> Int {
    let samples = [try TarSample.bytes(of: Checkout.root + "/units/qtctl.yaml"), Array(Self.manifest.utf8)]
    let words = [
      "{", "[", "]", "- ", ": ", "&a ", "*a", "|\n", "? ", "!!binary ", "\t", "\u{0}", "\u{FEFF}", "%YAML 9\n", "---\n",
      "0x", "1e999s", "99999999999999999999s", "-1s", "~", "'", "\"\\u", "<<: ", "\u{85}", "../", "name: x\n", "🜁",
    ].map { Array($0.utf8) }
    var count = 0
    let end = ContinuousClock.now + time
    while .now < end {
      let bytes = Mutation.mutate(
        samples.randomElement(using: &random) ?? [], with: words, using: &random)
      input.keep(bytes)
      do {
        _ = try Manifest(bytes: bytes, file: "qtctl.yaml")
      } catch {
        try #require(!error.problems.isEmpty, "refused without a word: \(input.words)")
      }
      count += 1
      watch.move()
    }
    return count
  }

  private func readArchives(
    for time: Duration, _ input: Input, _ watch: Watch, using random: inout SeededRandom
  ) async throws -> Int {
    let samples = try TarSample.make(in: sandbox.root)
    let state = StateFolder(path: sandbox.root + "/state/deep/er")
    var count = 0
    let end = ContinuousClock.now + time
    let path = sandbox.root + "/release.tar"
    try TestFiles.write("", to: path)
    let names = try Set(TestFiles.files(below: sandbox.root))
    while .now < end {
      var bytes = Mutation.mutate(samples.randomElement(using: &random) ?? [], with: TarSample.words, using: &random)
      if Bool.random(using: &random) { TarSample.mend(&bytes) }
      input.keep(bytes)
      Input(path: path, seed: input.seed).keep(bytes)
      do {
        let unpacked = try ReleaseArchive(unpacking: path, below: state)
        _ = try? unpacked.release()
        for file in try TestFiles.files(below: unpacked.folder) {
          let mode = try TestFiles.facts(file).st_mode
          try #require(mode & S_IFMT == S_IFREG && mode & 0o7000 == 0, "\(file): \(input.words)")
        }
        unpacked.remove()
      } catch let error as any CommandError {
        try #require(error.exitStatus == .refused, "\(error): \(input.words)")
      }
      try #require(try Set(TestFiles.files(below: sandbox.root)) == names, "something is left: \(input.words)")
      try #require(TestFiles.names(state.path) == [], "something is left: \(input.words)")
      count += 1
      watch.move()
    }
    return count
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
