/// One property of a unit that has no file (systemd-run(1)). Which a unit takes, and of which type each is, says
/// systemd's own list (`systemctl show`, org.freedesktop.systemd1(5)); what it does not take it refuses.
package struct TransientProperty: Sendable, Hashable {
  enum Value: Sendable, Hashable {
    case text(String)
    case texts([String])
    case flag(Bool)
    case number(UInt64)
    case command(ExecCommand)
    case timer(base: String, microseconds: UInt64)
  }

  let name: String
  let value: Value

  /// Such as `Description`, `User`, `Type`, `CollectMode`.
  package static func text(_ name: String, _ value: String) -> Self { Self(name: name, value: .text(value)) }

  /// Such as `Environment`, `After`, `Requires`.
  package static func texts(_ name: String, _ values: [String]) -> Self { Self(name: name, value: .texts(values)) }

  /// Such as `RemainAfterExit`, `DynamicUser`.
  package static func flag(_ name: String, _ value: Bool) -> Self { Self(name: name, value: .flag(value)) }

  /// A duration under its D-Bus name, such as `TimeoutStartUSec`, `RuntimeMaxUSec`.
  package static func duration(_ name: String, _ value: Duration) -> Self {
    Self(name: name, value: .number(value.busMicroseconds))
  }

  /// A command line of a service. One with other flags than `ignore-failure` is lost when systemd reloads its unit files.
  package static func command(_ command: ExecCommand) -> Self {
    // systemd 252 writes what it got as `ExecStartEx` under that name, and forgets the line at its next reload.
    Self(name: command.directive + (command.needsFlags ? "Ex" : ""), value: .command(command))
  }

  /// When a timer elapses, counted from a base such as `OnActiveSec` (its own start) or `OnBootSec`. systemd may be a
  /// minute late, unless the timer's `AccuracyUSec` is set to less.
  package static func timer(_ base: String, _ after: Duration) -> Self {
    Self(name: "TimersMonotonic", value: .timer(base: base, microseconds: after.busMicroseconds))
  }
}

extension ExecCommand {
  var needsFlags: Bool { !flags.isSubset(of: ["ignore-failure"]) }
}

extension ServiceManager {
  /// Creates a unit that has no file and queues its start. It disappears when it is down, or at the next boot; with
  /// `CollectMode=inactive-or-failed` also when it failed.
  ///
  /// - Parameter beside: units created with it and not started, such as the service that a timer starts.
  package func startTransient(
    _ unit: String, _ properties: [TransientProperty], beside others: [String: [TransientProperty]] = [:]
  ) throws(SystemdError) -> Job {
    try enqueue(.start, unit, method: "StartTransientUnit", within: nil) {
      $0.append(unit)
      $0.append(JobMode.fail.rawValue)
      $0.append(properties)
      $0.container(BusType.array, "(sa(sv))") { [message = $0] in
        for (name, properties) in others.sorted(by: { $0.key < $1.key }) {
          message.container(BusType.structure, "sa(sv)") {
            message.append(name)
            message.append(properties)
          }
        }
      }
    }
  }
}

extension BusMessage {
  /// Writes properties as `a(sv)`.
  func append(_ properties: [TransientProperty]) {
    container(BusType.array, "(sv)") {
      for property in properties {
        container(BusType.structure, "sv") {
          append(property.name)
          append(property.value)
        }
      }
    }
  }

  private func append(_ value: TransientProperty.Value) {
    switch value {
    case .text(let text): container(BusType.variant, "s") { append(text) }
    case .texts(let texts): container(BusType.variant, "as") { append(texts) }
    case .flag(let flag): container(BusType.variant, "b") { append(flag) }
    case .number(let number): container(BusType.variant, "t") { append(number) }
    case .command(let command) where command.needsFlags:
      single("(sasas)", "sasas") {
        append(command.path)
        append(command.arguments)
        append(command.flags.sorted())
      }
    case .command(let command):
      single("(sasb)", "sasb") {
        append(command.path)
        append(command.arguments)
        append(command.ignoresFailure)
      }
    case .timer(let base, let microseconds):
      single("(st)", "st") {
        append(base)
        append(microseconds)
      }
    }
  }

  /// Writes a variant of an array of one structure.
  private func single(_ structure: String, _ fields: String, _ body: () -> Void) {
    container(BusType.variant, "a" + structure) {
      container(BusType.array, structure) {
        container(BusType.structure, fields, body)
      }
    }
  }
}
