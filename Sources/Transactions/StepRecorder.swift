package import Deployment

/// Times the steps of a transaction, keeps them for the report and tells them as they end.
package final class StepRecorder {
  package private(set) var steps: [StepResult] = []
  private let tell: (StepResult) -> Void
  private let clock = ContinuousClock()

  package init(tell: @escaping (StepResult) -> Void = { _ in }) { self.tell = tell }

  /// Runs a step. What it throws is recorded as the step's failure and thrown on.
  ///
  /// - Parameter detail: what is said of it once it is done.
  @discardableResult
  package func step<Value>(
    _ name: String, detail: (Value) -> String = { _ in "" }, _ body: () throws -> Value
  ) throws -> Value {
    let start = clock.now
    do {
      let value = try body()
      record(name, .done, since: start, detail(value))
      return value
    } catch {
      record(name, .failed, since: start, "\(error)")
      throw error
    }
  }

  package func record(
    _ name: String, _ status: StepResult.Status, since start: ContinuousClock.Instant, _ detail: String
  ) {
    let result = StepResult(name: name, status: status, seconds: (clock.now - start) / .seconds(1), detail: detail)
    steps.append(result)
    tell(result)
  }
}
