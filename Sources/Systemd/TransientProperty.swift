/// One property of a unit that has no file (systemd-run(1)). Which a unit takes, and of which type each is, says
/// systemd's own list (`systemctl show`, org.freedesktop.systemd1(5)); what it does not take it refuses.
public struct TransientProperty: Sendable, Hashable {
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
  public static func text(_ name: String, _ value: String) -> Self { Self(name: name, value: .text(value)) }

  /// Such as `Environment`, `After`, `Requires`.
  public static func texts(_ name: String, _ values: [String]) -> Self { Self(name: name, value: .texts(values)) }

  /// Such as `RemainAfterExit`, `DynamicUser`.
  public static func flag(_ name: String, _ value: Bool) -> Self { Self(name: name, value: .flag(value)) }

  /// A duration under its D-Bus name, such as `TimeoutStartUSec`, `RuntimeMaxUSec`.
  public static func duration(_ name: String, _ value: Duration) -> Self {
    Self(name: name, value: .number(value.busMicroseconds))
  }

  /// A command line of a service. One with other flags than `ignore-failure` is lost when systemd reloads its unit files.
  public static func command(_ command: ExecCommand) -> Self {
    // systemd 252 writes what it got as `ExecStartEx` under that name, and forgets the line at its next reload.
    Self(name: command.directive + (command.needsFlags ? "Ex" : ""), value: .command(command))
  }

  /// When a timer elapses, counted from a base such as `OnActiveSec` (its own start) or `OnBootSec`. systemd may be a
  /// minute late, unless the timer's `AccuracyUSec` is set to less.
  public static func timer(_ base: String, _ after: Duration) -> Self {
    Self(name: "TimersMonotonic", value: .timer(base: base, microseconds: after.busMicroseconds))
  }
}

extension ExecCommand {
  var needsFlags: Bool { !flags.isSubset(of: ["ignore-failure"]) }
}
