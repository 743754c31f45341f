import Deployment
import FoundationEssentials
import Rehearsal
import TestSupport

/// Runs one command of qtctl again and again from the same state of a machine, each time struck at another of the calls
/// by which it changes something, and says what is wrong with the host after the command that comes next.
struct Matrix: Sendable {
  enum Command: String, CaseIterable { case deploy, rollback }

  /// What strikes.
  enum Blow: Hashable, CustomStringConvertible {
    case kill
    case fault(String)
    /// From that call on, every one of its name.
    case lastingFault(String)

    var description: String {
      switch self {
      case .kill: "signal=KILL"
      case .fault(let name), .lastingFault(let name): "error=\(name)"
      }
    }

    /// When it strikes, in strace's words.
    func moment(_ number: Int) -> String {
      if case .lastingFault = self { "\(number)+" } else { "\(number)" }
    }
  }

  let site: Site
  let command: Command
  let host: MatrixRelease.Host
  /// On which the command runs; several matrices beside each other have theirs on all.
  private let processor = String(Int.random(in: 0..<ProcessInfo.processInfo.activeProcessorCount))
  /// What is on the host before the command, and what after it.
  let old: HostPicture
  let new: HostPicture

  /// Brings the machine to the state before the command, and learns what the command makes of it.
  init(_ command: Command, _ host: MatrixRelease.Host = .plain, on site: Site) async throws {
    self.site = site
    self.command = command
    self.host = host
    try await MatrixRelease.write(host, to: site)
    try await site.sh(Self.withoutGenerators)
    for version in command == .deploy ? [1, 2, 1] : [1, 2] {
      let run = try await site.qtctl("deploy", MatrixRelease.folder(version))
      guard run.exit == 0 else { throw SiteError(description: "\(run)") }
      try await site.sh("systemctl start \(host.units)")
    }
    try await site.sh(Self.save)
    old = try await HostPicture(of: site, host)
    let run = try await site.qtctl(Self.arguments(command))
    guard run.exit == 0 else { throw SiteError(description: "\(run)") }
    new = try await HostPicture(of: site, host)
  }

  private static func arguments(_ command: Command) -> [String] {
    switch command {
    case .deploy: ["deploy", MatrixRelease.folder(2)]
    case .rollback: ["rollback", "--manifest", MatrixRelease.folder(2)]
    }
  }

  /// The calls at which the command can be struck.
  ///
  /// On one processor the whole transaction runs in one thread of the concurrency pool, and strace counts by thread.
  func points() async throws -> [Trace.Point] {
    Trace(try await trace(Trace.calls)).points
  }

  /// Runs the command from its beginning, and returns what strace(1) writes of these calls.
  func trace(_ calls: [String], _ options: [String] = []) async throws -> String {
    try await reset()
    try await site.run(
      ["taskset", "-c", processor, "strace", "-f", "--seccomp-bpf", "-qq", "-s", "60", "-o", "/root/trace"] + options
        + ["-e", "trace=" + calls.joined(separator: ","), "qtctl"] + Self.arguments(command) + ["--json"])
    return try await site.sh("cat /root/trace")
  }

  /// Runs the command from its beginning and strikes it at a point.
  ///
  /// - Parameter paths: where given, only calls on these files count and are struck.
  func strike(_ point: Trace.Point, _ blow: Blow, at paths: [String] = []) async throws -> Machine.Output {
    try await reset()
    // strace 6.1 injects no signals with --seccomp-bpf.
    let options = blow == .kill ? [] : ["--seccomp-bpf"]
    return try await site.machine.run(
      ["taskset", "-c", processor, "strace", "-f"] + options + ["-qq", "-o", "/dev/null"]
        + paths.flatMap { ["-P", $0] }
        + ["-e", "trace=" + point.call, "-e"] + [
          "inject=\(point.call):\(blow):when=\(blow.moment(point.number))", "qtctl",
        ] + Self.arguments(command) + ["--json"])
  }

  /// Whether the deploy that follows whatever happened succeeds, and makes the host what its release says.
  func nextDeploySucceeds() async throws -> String? {
    let run = try await site.qtctl("deploy", MatrixRelease.folder(2))
    guard run.exit == 0 else { return "the next deploy: \(run)" }
    let wanted = command == .deploy ? new : old
    let found = try await HostPicture(of: site, host)
    return found.isSame(as: wanted, times: false) ? nil : "after the next deploy: \(found.differences(to: wanted))"
  }

  /// What no command may leave behind.
  func leftovers() async throws -> String? {
    let found = try await site.sh(
      """
      find /opt /etc/matrix /etc/systemd /var/lib/qtctl \(MatrixRelease.store) \
        -name '*qtctl-staged' -o -name '*.unfinished' -o -name transaction.jsonl
      """)
    if !found.isEmpty { return "left behind: \(found)" }
    let list = try await site.qtctl("backups", "list", "--manifest", MatrixRelease.folder(2))
    let check = try await site.qtctl("backups", "check", "--manifest", MatrixRelease.folder(2))
    return list.exit == 0 && check.exit == 0 ? nil : "backups: \(list) \(check)"
  }

  private func reset() async throws { try await site.sh(restore) }

  /// A dozen programs that systemd runs whenever it reloads, none of which knows of the units here.
  private static let withoutGenerators = """
    mkdir -p /run/systemd/system-generators; cd /run/systemd/system-generators
    for each in /lib/systemd/system-generators/*; do ln -s /dev/null "${each##*/}"; done
    """
  private static let state = "/opt/matrix /etc/matrix /etc/systemd/system /var/lib/qtctl \(MatrixRelease.store)"
  private static let save =
    "rm -rf /root/saved; mkdir /root/saved; tar -cpf /root/saved.tar --xattrs \(state) 2>/dev/null"
  private var restore: String {
    """
    systemctl stop \(host.units) 2>/dev/null || true
    rm -rf \(Self.state)
    tar -xpf /root/saved.tar --xattrs -C /
    systemctl daemon-reload
    systemctl reset-failed
    systemctl start \(host.units)
    """
  }
}
