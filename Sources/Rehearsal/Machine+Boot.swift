internal import Glibc

extension Machine {
  /// The host's programs that a machine needs.
  private static let programs = [
    ("/usr/bin/unshare", "util-linux"), ("/usr/bin/nsenter", "util-linux"), ("/usr/bin/setpriv", "util-linux"),
    ("/usr/bin/systemd-nspawn", "systemd-container"), ("/usr/bin/systemctl", "systemd"),
  ]

  static func checkHost(_ configuration: Configuration) throws(MachineError) {
    guard geteuid() == 0 else { throw .notRoot }
    let wanted = programs + (configuration.confinement == nil ? [] : [("/usr/bin/systemd-run", "systemd")])
    for (program, package) in wanted where access(program, X_OK) != 0 {
      throw .programMissing(program, package: package)
    }
    guard configuration.confinement != nil else { return }
    // Only the root of a unified tree has it.
    guard access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0 else { throw .cgroupVersion }
  }

  /// Waits until the supervisor has made the machine's root, and returns its process and its cgroup.
  static func prepared(_ supervisor: Supervisor, within limit: Duration) async throws -> (pid: Int32, cgroup: String) {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
      let isReadable = await Poll.readable([supervisor.events], until: deadline)
      try Task.checkCancellation()
      for event in isReadable[0] ? supervisor.read() : [] {
        switch event {
        case .prepared(let pid, let cgroup): return (pid, cgroup)
        case .down, .ended:
          // What the mount program says before is no clearer.
          let last = await supervisor.errorOutput.split(separator: "\n").last.map(String.init)
          throw MachineError.notSupported(last ?? "it ended without a word")
        }
      }
    }
    throw MachineError.bootTimedOut(limit, console: "(its root was not prepared)")
  }

  /// Boots systemd over the root as it is.
  func start() async throws {
    let deadline = ContinuousClock.now + configuration.bootDeadline
    try socket.keepMessages(true)
    try supervisor.send("boot")
    let leader = try await ready(until: deadline)
    try socket.keepMessages(false)
    current = Boot(namespaces: try Namespaces(of: leader))
    try await settle()
  }

  /// Waits until systemd reports that the boot is over, and returns the number of its process.
  private func ready(until deadline: ContinuousClock.Instant) async throws -> String {
    var leader: String?
    while ContinuousClock.now < deadline {
      let isReadable = await Poll.readable([supervisor.events, socket.descriptor], until: deadline)
      try Task.checkCancellation()
      while case let message = socket.receive(), !message.isEmpty {
        leader = message["X_NSPAWN_LEADER_PID"].map(String.init) ?? leader
        if message["READY"] == "1", let leader { return leader }
      }
      if isReadable[0], let ending = supervisor.read().first {
        let errors = if case .ended = ending { await supervisor.errorOutput } else { "" }
        throw MachineError.bootFailed(console: Self.lastLines(console + errors))
      }
    }
    throw MachineError.bootTimedOut(configuration.bootDeadline, console: Self.lastLines(console))
  }

  /// Finds out which units started.
  private func settle() async throws {
    let asked = configuration.likeness == .host ? [] : configuration.units
    var down: [String] = []
    for unit in asked where try await run(["systemctl", "is-active", "--quiet", "--", unit]).succeeded == false {
      down.append(unit)
    }
    guard down.isEmpty else {
      let status = try await run(["systemctl", "status", "--no-pager", "--full", "--"] + down)
      throw MachineError.unitsDown(down, detail: Self.lastLines(status.stdout + status.stderr))
    }
    let failed = try await run(["systemctl", "list-units", "--state=failed", "--plain", "--no-legend", "--no-pager"])
    let names = failed.stdout.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
    state = names.isEmpty ? .running : .degraded(names)
  }

  static func lastLines(_ text: String) -> String {
    text.split(separator: "\n").suffix(20).joined(separator: "\n")
  }
}

extension Machine {
  /// How a machine goes down before it boots again.
  package enum Shutdown: Sendable {
    /// Running commands are killed, then every unit is stopped, as by `systemctl reboot`.
    case orderly
    /// Everything is killed at one instant. What was written stays written: the copy of the host's files survives whole,
    /// so this is a power cut that spares the page cache.
    case powerCut
  }

  /// Boots the machine again over the same files, and returns when the units are up. `/run` and `/tmp` start empty, and
  /// background processes are gone.
  package func reboot(_ shutdown: Shutdown = .orderly) async throws {
    guard current != nil else { throw MachineError.notRunning }
    let deadline = ContinuousClock.now + configuration.bootDeadline
    switch shutdown {
    case .orderly:
      // systemd stops what is left before it ends it; nsenter, which systemd cannot see, would stay stopped with its
      // child and never collect it, and the shutdown would wait for that in vain.
      for number in 1...max(1, commands) { CommandGroup(existing: groupPath(number)).kill() }
      try await accomplish(["systemctl", "--no-block", "poweroff"])
    case .powerCut: try supervisor.send("cut")
    }
    current = nil
    state = .off
    try await down(until: deadline)
    try await start()
  }

  /// What the next boot starts, in the place of the units that were asked for at first.
  package func startAtNextBoot(_ units: [String]) async throws {
    let list = units.joined(separator: " ")
    try await write(
      """
      [Unit]
      Description=Rehearsal
      Requires=basic.target
      After=basic.target \(list)
      Wants=rehearsal-addresses.service \(list)
      AllowIsolate=yes

      """, to: "/etc/systemd/system/rehearsal.target")
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
