import Glibc

/// Tells each step of the demo with its seconds.
struct Narrator: Sendable {
  private let clock = ContinuousClock()
  private let start = ContinuousClock.now

  /// Runs a step and prints a line for it; what the step returns is said of it.
  func step(_ name: String, _ body: () async throws -> String) async throws {
    let begun = clock.now
    let detail = try await body()
    say("\(Self.seconds(clock.now - begun))  \(name): \(detail)")
  }

  func say(_ text: String) {
    print(text)
    fflush(nil)
  }

  var elapsed: String { Self.seconds(clock.now - start) }

  static func seconds(_ duration: Duration) -> String {
    let hundredths = Int((duration / .milliseconds(10)).rounded())
    let text = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) s"
    return String(repeating: " ", count: max(0, 8 - text.count)) + text
  }
}
