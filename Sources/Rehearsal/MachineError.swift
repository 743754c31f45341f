/// Why a throwaway machine could not be started, or could not do what it was asked.
package enum MachineError: Error, Equatable, Sendable {
  /// Mounts and namespaces need root.
  case notRoot
  /// A program of the host is missing; the package is Debian's.
  case programMissing(String, package: String)
  /// Confining a machine needs the unified cgroup tree.
  case cgroupVersion
  /// The name cannot be a host name.
  case invalidName(String)
  /// The host refused the mounts or the cgroup of the machine; the last lines of the error output.
  case notSupported(String)
  /// systemd in the machine ended before it was up, with the last lines of its console.
  case bootFailed(console: String)
  /// Not up at the deadline, with the last lines of the console.
  case bootTimedOut(Duration, console: String)
  /// The units that were asked for and did not come up, with what systemd says of them.
  case unitsDown([String], detail: String)
  /// The machine is powered off, or was shut down from the inside.
  case notRunning
  /// The command was killed, with all that it had started, as it was still running at its deadline.
  case deadlineExceeded(command: String, Duration)
  /// The command wrote more than the stated number of bytes to one of its outputs.
  case outputTooLong(command: String, limit: Int)
  /// A command that the machine itself needed ended otherwise than with status 0.
  case commandFailed(command: String, detail: String)
  /// A call of the operating system failed.
  case system(call: String, subject: String, reason: String)
}

extension MachineError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notRoot:
      "a throwaway machine needs root for its mounts and namespaces; run this as root"
    case .programMissing(let program, let package):
      "'\(program)' is not installed; install it with 'apt-get install \(package)'"
    case .cgroupVersion:
      "this host has cgroups of version 1; a throwaway machine that systemd bounds needs version 2: boot with "
        + "systemd.unified_cgroup_hierarchy=1"
    case .invalidName(let name):
      "'\(name)' cannot be a machine's name; use 1 to 40 of a-z, 0-9 and '-', not first and not last"
    case .notSupported(let detail):
      "this host cannot run a throwaway machine, which needs tmpfs, overlay and cgroup2 mounts: \(detail)"
    case .bootFailed(let console):
      "the machine ended before it had booted; the last lines of its console:\n\(console)"
    case .bootTimedOut(let limit, let console):
      "the machine did not boot within \(limit); the last lines of its console:\n\(console)"
    case .unitsDown(let units, let detail):
      "the machine booted, but these units did not start: \(units.map { "'\($0)'" }.joined(separator: ", ")): \(detail)"
    case .notRunning:
      "the machine is not running; boot another one"
    case .deadlineExceeded(let command, let limit):
      "'\(command)' was still running in the machine after \(limit) and was killed"
    case .outputTooLong(let command, let limit):
      "'\(command)' wrote more than \(limit) bytes to one output; let it write to a file in the machine"
    case .commandFailed(let command, let detail):
      "'\(command)' failed in the machine: \(detail)"
    case .system(let call, let subject, let reason):
      "\(call) failed on '\(subject)': \(reason)"
    }
  }
}
