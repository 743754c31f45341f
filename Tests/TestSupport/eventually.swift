/// What was awaited did not come about in time.
package struct NeverHappened: Error, CustomStringConvertible {
  package let description: String
}

/// Polls until the condition holds. For what reports no event: anything else is awaited.
///
/// - Parameter what: names the condition in the error that is thrown at the deadline.
package func eventually(
  _ what: String, within limit: Duration = .seconds(10), every pause: Duration = .milliseconds(5),
  _ condition: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + limit
  while try await !condition() {
    guard ContinuousClock.now < deadline else { throw NeverHappened(description: "not within \(limit): \(what)") }
    try await Task.sleep(for: pause)
  }
}
