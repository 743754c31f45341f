/// Lets a limited number of tasks in at once, first come, first served.
actor Gate {
  /// For tests that boot a machine.
  static let machines = Gate(places: 3)

  private var places: Int
  private var queue: [CheckedContinuation<Void, Never>] = []

  init(places: Int) {
    self.places = places
  }

  func enter() async throws {
    try Task.checkCancellation()
    if places > 0 {
      places -= 1
    } else {
      await withCheckedContinuation { queue.append($0) }
    }
  }

  func leave() {
    if queue.isEmpty {
      places += 1
    } else {
      queue.removeFirst().resume()
    }
  }
}
