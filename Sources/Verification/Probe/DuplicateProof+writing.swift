internal import Basics
internal import Deployment
internal import Dispatch
internal import EventBus
internal import Redis

extension DuplicateProof {
  /// The present end of `out`, behind which the probes are to come. Holds the calling thread.
  func outEnd() -> Result<Subscription, Unseen> {
    do {
      let connection = try Connection(to: endpoint, options: .verifying(patience))
      defer { connection.close() }
      return .success(try Subscription.fromNow(Stream(wanted.out), on: connection))
    } catch {
      return .failure(Unseen("\(wanted.out): \(RedisTrouble.text(error))"))
    }
  }

  /// Writes the twins at the same time, each over a connection of its own, then the control. What failed, or `nil`.
  func write(_ twins: [ProbeEntry], then control: ProbeEntry) async -> Unseen? {
    let gate = DispatchGroup()
    for _ in twins { gate.enter() }
    let failures = await withTaskGroup(of: Unseen?.self) { group in
      for twin in twins {
        group.addTask {
          await BlockingThread.run {
            write(twin) {
              gate.leave()
              _ = gate.wait(timeout: .now() + patience.inSeconds)
            }
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    if let failure = failures.compactMap({ $0 }).first { return failure }
    return await BlockingThread.run { write(control) {} }
  }

  /// - Parameter ready: called once, when the connection stands or has failed to.
  private func write(_ probe: ProbeEntry, ready: () -> Void) -> Unseen? {
    let connection: Connection
    do {
      connection = try Connection(to: endpoint, options: .verifying(patience))
    } catch {
      ready()
      return Unseen(RedisTrouble.text(error))
    }
    defer { connection.close() }
    ready()
    do {
      try Stream(wanted.into).publish(probe.fields, on: connection)
      return nil
    } catch {
      return Unseen("\(wanted.into): \(RedisTrouble.text(error))")
    }
  }
}
