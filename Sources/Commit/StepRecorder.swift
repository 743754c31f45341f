package import Deployment

/// Told of the steps of a transaction as they begin and end.
package protocol StepObserver: AnyObject {
  /// A step begins.
  ///
  /// - Parameter limit: how long it may take, where that is known.
  func began(_ step: String, within limit: Duration?)
  func ended(_ step: StepResult)
}

/// Times the steps of a transaction, keeps them for the report and tells them as they begin and end.
package final class StepRecorder {
  package private(set) var steps: [StepResult] = []
  private let observer: (any StepObserver)?
  private let clock = ContinuousClock()
  /// When the first step began; `nil` before that.
  package private(set) var origin: ContinuousClock.Instant?

  package init(observer: (any StepObserver)? = nil) { self.observer = observer }

  /// Runs a step. What it throws is recorded as the step's failure and thrown on.
  ///
  /// - Parameters:
  ///   - limit: how long it may take, where that is known.
  ///   - detail: what is said of it once it is done.
  @discardableResult
  package func step<Value>(
    _ name: String, within limit: Duration? = nil, detail: (Value) -> String = { _ in "" }, _ body: () throws -> Value
  ) throws -> Value {
    let start = begin(name, within: limit)
    do {
      let value = try body()
      record(name, .done, since: start, detail(value))
      return value
    } catch {
      record(name, .failed, since: start, "\(error)")
      throw error
    }
  }

  /// Tells that a step begins; `record` ends it.
  ///
  /// - Returns: now.
  package func begin(_ name: String, within limit: Duration? = nil) -> ContinuousClock.Instant {
    observer?.began(name, within: limit)
    let now = clock.now
    origin = origin ?? now
    return now
  }

  package func record(
    _ name: String, _ status: StepResult.Status, since start: ContinuousClock.Instant, _ detail: String
  ) {
    let first = origin ?? start
    origin = first
    var result = StepResult(name: name, status: status, seconds: (clock.now - start) / .seconds(1), detail: detail)
    result.at = max(0, (start - first) / .seconds(1))
    steps.append(result)
    observer?.ended(result)
  }
}
