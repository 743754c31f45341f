internal import Deployment
internal import FoundationEssentials
package import Rehearsal

/// A throwaway machine with qtctl installed, as an operator has it before the first deploy.
package struct Site: Sendable {
  package let machine: Machine

  package init(machine: Machine) { self.machine = machine }

  /// Boots a site, hands it over, and powers it off whatever happens.
  package static func with<Value: Sendable>(
    name: String = "site", units: [String] = ["dbus.service", "redis-server.service"],
    _ body: @Sendable (Site) async throws -> Value
  ) async throws -> Value {
    let configuration = Machine.Configuration(name: name, units: units, shown: [Checkout.root])
    return try await withMachine(configuration) { machine in
      try await machine.copyIn(Checkout.program("qtctl"), to: "/usr/local/bin/qtctl", mode: 0o755)
      return try await body(Site(machine: machine))
    }
  }

  /// Runs qtctl as root, with `--json`, and reads its document.
  package func qtctl(
    _ arguments: String..., folder: String = "/", within limit: Duration = .seconds(120)
  ) async throws -> QtctlRun {
    try await qtctl(arguments, folder: folder, within: limit)
  }

  package func qtctl(
    _ arguments: [String], folder: String = "/", within limit: Duration = .seconds(120)
  ) async throws -> QtctlRun {
    try QtctlRun(
      await machine.run(["qtctl"] + arguments + ["--json"], workingDirectory: folder, within: limit))
  }

  /// Runs a program that must succeed, and returns what it printed.
  @discardableResult
  package func sh(_ script: String, input: String = "", within limit: Duration = .seconds(60)) async throws -> String {
    let output = try await machine.run(["sh", "-euc", script], input: input, within: limit)
    guard output.succeeded else { throw SiteError(description: "\(script)\n\(output.stdout)\(output.stderr)") }
    return output.stdout
  }

  /// Runs a program that must succeed.
  package func run(_ arguments: [String], within limit: Duration = .seconds(60)) async throws {
    let output = try await machine.run(arguments, within: limit)
    guard output.succeeded else { throw SiteError(description: "\(arguments)\n\(output.stdout)\(output.stderr)") }
  }

  /// Waits until a script succeeds, asking ten times a second.
  package func wait(for script: String, within limit: Duration = .seconds(20)) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !machine.run(["sh", "-euc", script]).succeeded {
      guard ContinuousClock.now < deadline else { throw SiteError(description: "still not so: \(script)") }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  /// Mode, owner, group and digest of each path, `absent` where there is nothing; what tests compare.
  package func state(of paths: [String]) async throws -> [String: String] {
    var states: [String: String] = [:]
    for path in paths {
      states[path] = try await sh(
        "if [ -e \"$0\" ]; then stat -c '%a %u %g' \"$0\"; sha256sum < \"$0\"; else echo absent; fi"
          .replacing("$0", with: path))
    }
    return states
  }
}

/// What a script in a site could not do.
package struct SiteError: Error, CustomStringConvertible {
  package var description: String
  package init(description: String) { self.description = description }
}
