internal import Dispatch
internal import Glibc
internal import Synchronization

/// Reads input of one kind that is made of good input by a few random changes: ten seconds, or as long as
/// `QTCTL_FUZZ_SECONDS` says, from a seed that it prints and that `QTCTL_FUZZ_SEED` brings back.
///
/// The input that is being read is kept in a file, which stays where it crashes, hangs or throws.
package struct Fuzzer {
  package let kind: String
  /// Good input.
  package var samples: [[UInt8]]
  /// What is put in now and then, besides random bytes.
  package var words: [[UInt8]]
  /// What is done to the changed input, such as making its checksums right again.
  package var finish: (inout [UInt8], inout SeededGenerator) -> Void = { _, _ in }

  private static func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
  package static let time = Duration.seconds(Int(number("QTCTL_FUZZ_SECONDS") ?? 10))
  package static let seed = number("QTCTL_FUZZ_SEED") ?? .random(in: 0 ... .max)

  package init(_ kind: String, _ samples: [[UInt8]], words: [String]) {
    self.kind = kind
    self.samples = samples
    self.words = words.map { Array($0.utf8) }
  }

  /// Where the present input is.
  package var path: String { "/tmp/qtctl-fuzz-\(kind)-\(Self.seed)" }

  /// - Parameter read: throws where an input is not read as it should be.
  package func run(isolation: isolated (any Actor)? = #isolation, _ read: ([UInt8]) async throws -> Void) async throws {
    print("fuzz: \(kind), seed \(Self.seed), input in \(path)")
    let watch = Watch("\(kind), seed \(Self.seed), input in \(path)")
    defer { watch.end() }
    var random = SeededGenerator(seed: Self.seed, for: kind)
    var count = 0
    let end = ContinuousClock.now + Self.time
    while .now < end {
      var bytes = Mutation.mutate(samples.randomElement(using: &random) ?? [], with: words, using: &random)
      finish(&bytes, &random)
      keep(bytes)
      try await read(bytes)
      count += 1
      watch.move()
    }
    print("fuzz: \(count) times \(kind) without a finding")
    unlink(path)
  }

  private func keep(_ bytes: [UInt8]) {
    guard let file = fopen(path, "w") else { return }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
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
}
