internal import Deployment
internal import Dispatch
internal import Redis

extension DuplicateProof {
  /// The newest entry of `out`, behind which the probes are to come. Holds the calling thread.
  func tail() -> Result<EntryID, Unseen> {
    do {
      let connection = try Connection(to: endpoint, options: .verifying(patience))
      defer { connection.close() }
      let reply = try connection.send(["XINFO", "STREAM", wanted.out])
      if let error = reply.serverError {
        // A stream that is not there yet begins with its first entry.
        return error.message == "ERR no such key"
          ? .success(.zero) : .failure(Unseen("\(wanted.out): \(RedisTrouble.text(error))"))
      }
      guard let id = reply["last-generated-id"]?.string.flatMap({ EntryID($0) }) else {
        return .failure(Unseen("\(wanted.out): Redis does not tell its newest entry"))
      }
      return .success(id)
    } catch {
      return .failure(Unseen(RedisTrouble.text(error)))
    }
  }

  /// Writes the twins at the same time, each over a connection of its own, then the control. What failed, or `nil`.
  func write(_ twins: [ProbeEntry], then control: ProbeEntry) async -> Unseen? {
    let gate = DispatchGroup()
    for _ in twins { gate.enter() }
    let failures = await withTaskGroup(of: Unseen?.self) { group in
      for twin in twins {
        group.addTask {
          await OwnThread.run {
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
    return await OwnThread.run { write(control) {} }
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
      var command = Command("XADD", wanted.into, "*")
      for (name, value) in probe.fields { command.append(contentsOf: [name, value]) }
      try connection.call(command)
      return nil
    } catch {
      return Unseen("\(wanted.into): \(RedisTrouble.text(error))")
    }
  }
}
