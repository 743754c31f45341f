internal import Deployment

/// Where the checks of one section hand their results; it adds the time that they took.
struct Report: Sendable {
  private let start: ContinuousClock.Instant
  private let yield: @Sendable (CheckResult) -> Void

  init(_ yield: @escaping @Sendable (CheckResult) -> Void) {
    self.init(start: .now, yield)
  }

  private init(start: ContinuousClock.Instant, _ yield: @escaping @Sendable (CheckResult) -> Void) {
    self.start = start
    self.yield = yield
  }

  /// The same report, for a section that begins now.
  func started() -> Report { Report(start: .now, yield) }

  func callAsFunction(_ result: CheckResult) {
    var result = result
    result.seconds = start.duration(to: .now).inSeconds
    yield(result)
  }
}
