internal import Basics
internal import Deployment
internal import Systemd

/// Looks at units through the service manager.
struct UnitLook {
  let manager: ServiceManager
  let now: Int

  /// A unit that was up for less after it was restarted by itself is about to crash again.
  private static let settled = 60

  func line(_ unit: String) throws -> UnitLine {
    let status = try manager.status(of: unit)
    let since = status.isActive ? status.activeEnter.map { Int($0.realtime / 1_000_000) } : nil
    return UnitLine(
      unit: status.unit, load: status.loadState.rawValue, active: status.activeState.rawValue, sub: status.subState,
      enablement: status.unitFileState.rawValue, pid: status.mainPID.map(Int.init),
      restarts: status.nRestarts.map(Int.init), uptime: since.map { Double(max(0, now.subtractingSaturated($0))) },
      memory: status.memoryCurrent.map { Int(clamping: $0) }, status: status.isActive ? status.statusText : nil,
      result: status.result.flatMap { $0 == "success" ? nil : $0 },
      changed: status.stateChange.map { Int($0.realtime / 1_000_000) })
  }

  /// What is wrong with a unit by its state alone, in words; `nil` where nothing is.
  func trouble(_ line: UnitLine) -> String? {
    guard line.load == "loaded" || line.load == "masked" else {
      return "has no unit file that can be loaded (\(line.load))"
    }
    let since = line.changed.map { ", since \(UTC.text($0)) (\(UTC.age(of: $0, at: now)) ago)" } ?? ""
    let why = line.result.map { " (\($0))" } ?? ""
    if line.active == "failed" { return "has failed\(why)\(since)" }
    let restarts = line.restarts ?? 0
    let isFresh = line.uptime.map { $0 < Double(Self.settled) } ?? false
    guard line.sub.hasPrefix("auto-restart") || (restarts > 0 && isFresh) else { return nil }
    let last = line.changed.map { ", last \(UTC.age(of: $0, at: now)) ago" } ?? ""
    return "keeps restarting, \(restarts) times so far\(why)\(last)"
  }

  /// The last lines that a unit itself has written.
  func lastLines(of unit: String) -> [String] {
    let found = try? JournalReader().last(3, JournalQuery(units: [unit], boot: .all))
    return (found ?? []).map { String($0.message.split(whereSeparator: \.isNewline).last ?? "") }.filter { !$0.isEmpty }
      .uniqued()
  }
}
