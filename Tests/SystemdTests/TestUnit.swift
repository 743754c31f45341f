import FoundationEssentials
import Glibc
import Systemd
import Testing

/// A unit with a name of its own that is gone, file and all, when the test ends.
struct TestUnit {
  let manager: ServiceManager
  let name: String
  let path: String

  /// Writes the unit into a folder that is empty again at the next boot and makes systemd read it.
  static func with(
    _ sections: String, manager: ServiceManager? = nil, stem: String = "qtctl-test",
    _ body: (TestUnit) throws -> Void
  ) throws {
    let manager = try manager ?? ServiceManager()
    let name = "\(stem)-\(unique()).service"
    let unit = TestUnit(manager: manager, name: name, path: "/run/systemd/system/\(name)")
    try sections.write(toFile: unit.path, atomically: true, encoding: .utf8)
    defer { unit.remove() }
    try manager.daemonReload()
    try body(unit)
  }

  static func unique() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }

  var status: UnitStatus {
    get throws { try manager.status(of: name) }
  }

  @discardableResult
  func perform(_ action: JobAction, within limit: Duration = .seconds(10)) throws -> JobResult {
    try manager.perform(action, name, within: limit)
  }

  func wait(
    seconds: Double = 10, _ predicate: (UnitStatus) -> Bool
  ) throws -> UnitStatus? {
    try manager.wait(for: name, until: .now + .seconds(seconds), where: predicate)
  }

  private func remove() {
    _ = try? manager.kill(name, signal: SIGKILL)
    _ = try? manager.perform(.stop, name, within: .seconds(10))
    _ = try? manager.disable([name])
    _ = try? manager.unmask([name])
    try? FileManager.default.removeItem(atPath: path)
    try? manager.daemonReload()
    try? manager.resetFailed(name)
  }
}

/// Units as the tests need them.
enum Sections {
  static let sleeper = "[Service]\nExecStart=/bin/sleep infinity\n"
  /// Ignores SIGTERM, and systemd never loses patience with it.
  static let stubborn = """
    [Service]
    Type=notify
    NotifyAccess=all
    ExecStart=/bin/sh -c 'trap "" TERM; systemd-notify --ready; while :; do sleep 3600; done'
    TimeoutStopSec=infinity
    """

  /// Runs a shell script once. It must not contain quotes or variables.
  static func oneshot(_ script: String, _ more: String = "") -> String {
    "[Service]\nType=oneshot\nExecStart=/bin/sh -c '\(script)'\n\(more)\n"
  }
}
