import FoundationEssentials
import Glibc
import Logging
import Testing

@testable import Systemd

/// What this test program does when a test runs it as a unit's process.
enum ServiceRole: String {
  case notify
  case unprivileged
  case withoutBus

  static let variable = "QTCTL_TEST_ROLE"
  static let current = getenv(variable).flatMap { ServiceRole(rawValue: String(cString: $0)) }
}

@Suite(.enabled(if: ServiceRole.current != nil))
struct ServiceRoles {
  @Test(.enabled(if: ServiceRole.current == .notify))
  func `says what it sees and then stays without feeding the watchdog`() async throws {
    let notifier = Notifier()
    let name = try #require(getenv("INVOCATION_ID").map { String(cString: $0) })
    let unit = try ServiceManager().status(of: try Self.ownUnit())
    #expect(unit.invocationID == name)
    var logger = Logger(label: "role") { JournalLogHandler(label: $0, identifier: "role") }
    logger[metadataKey: "trace_id"] = "\(unit.unit)"
    logger.notice("from the role")
    let watchdog = notifier.watchdogInterval.map { "\($0)" } ?? "none"
    // The line break must not let the text say READY=0 as an assignment of its own.
    let text = "ready watchdog=\(watchdog) journal=\(JournalLogHandler.isJournalConnected)\nREADY=0"
    #expect(notifier.watchdog())
    #expect(notifier.ready(status: text))
    try await Task.sleep(for: .seconds(60))
  }

  @Test(.enabled(if: ServiceRole.current == .unprivileged))
  func `can look but not touch`() throws {
    let manager = try ServiceManager()
    let status = try manager.status(of: "basic.target")
    #expect(status.isActive)
    let own = try manager.status(of: try Self.ownUnit())
    #expect(own.activeState == .activating)
    #expect(throws: SystemdError.permissionDenied(operation: "stop", subject: "basic.target")) {
      try manager.perform(.stop, "basic.target", within: .seconds(5))
    }
    let error = #expect(throws: SystemdError.self) { try JournalReader().entries(JournalQuery()) }
    guard case .permissionDenied = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(.enabled(if: ServiceRole.current == .withoutBus))
  func `as root reaches systemd without the system bus`() throws {
    #expect(throws: SystemdError.self) { try BusConnection.openSystemBus(timeout: .seconds(5)) }
    let own = try ServiceManager().status(of: try Self.ownUnit())
    #expect(own.activeState == .activating)
  }

  /// The unit that this process belongs to, by its control group.
  private static func ownUnit() throws -> String {
    let groups = try String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)
    return try #require(groups.split(whereSeparator: { $0 == "/" || $0 == "\n" }).last.map(String.init))
  }
}
