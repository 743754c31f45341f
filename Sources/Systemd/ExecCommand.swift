/// One command line of a service.
public struct ExecCommand: Sendable, Hashable {
  /// The directive that it stands in, such as `ExecStart` or `ExecStartPre`.
  public var directive: String
  /// The absolute path of the executable.
  public var path: String
  /// All arguments, the zeroth (usually the path) included; specifiers are expanded, variables are not.
  public var arguments: [String]
  /// systemd's words for the prefixes of the line: `ignore-failure` (`-`), `privileged` (`+`), `no-setuid` (`!`),
  /// `ambient` (`!!`), `no-env-expand` (`:`).
  public var flags: Set<String>

  public init(directive: String, path: String, arguments: [String], flags: Set<String> = []) {
    self.directive = directive
    self.path = path
    self.arguments = arguments
    self.flags = flags
  }

  public var ignoresFailure: Bool { flags.contains("ignore-failure") }
  /// Whether the command runs as root whatever `User=` says.
  public var isPrivileged: Bool { flags.contains("privileged") }
}
