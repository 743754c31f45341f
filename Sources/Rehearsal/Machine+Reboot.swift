extension Machine {
  /// How a machine goes down before it boots again.
  public enum Shutdown: Sendable {
    /// Running commands are killed, then every unit is stopped, as by `systemctl reboot`.
    case orderly
    /// Everything is killed at one instant. What was written stays written: the copy of the host's files survives whole,
    /// so this is a power cut that spares the page cache.
    case powerCut
  }

  /// Boots the machine again over the same files, and returns when the units are up. `/run` and `/tmp` start empty, and
  /// background processes are gone.
  public func reboot(_ shutdown: Shutdown = .orderly) async throws {
    guard current != nil else { throw MachineError.notRunning }
    let deadline = ContinuousClock.now + configuration.bootDeadline
    switch shutdown {
    case .orderly:
      // systemd stops what is left before it ends it; nsenter, which systemd cannot see, would stay stopped with its
      // child and never collect it, and the shutdown would wait for that in vain.
      for number in 1...max(1, commands) { Group(existing: groupPath(number)).kill() }
      try await accomplish(["systemctl", "--no-block", "poweroff"])
    case .powerCut: try supervisor.order("cut")
    }
    current = nil
    state = .off
    try await down(until: deadline)
    try await start()
  }

  private func down(until deadline: ContinuousClock.Instant) async throws {
    while ContinuousClock.now < deadline {
      let isReadable = await Poll.readable([supervisor.events], until: deadline)
      try Task.checkCancellation()
      for event in isReadable[0] ? supervisor.read() : [] {
        switch event {
        case .down: return
        case .ended: throw MachineError.notRunning
        case .prepared: continue
        }
      }
    }
    throw MachineError.bootTimedOut(configuration.bootDeadline, console: Self.lastLines(console))
  }
}
