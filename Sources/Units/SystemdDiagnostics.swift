internal import Deployment
internal import FileOperations
internal import Glibc
package import Systemd

/// `UnitDiagnostics` by systemd itself and its journal.
package struct SystemdDiagnostics: UnitDiagnosis {
  /// What is taken of one unit's journal, and of all units'.
  private static let (lines, bytes, allBytes) = (2000, 1 << 20, 16 << 20)

  private let manager: ServiceManager

  package init(_ manager: ServiceManager) { self.manager = manager }

  package func diagnose(_ units: [String], past: Duration, within limit: Duration) async -> UnitDiagnostics {
    let deadline = ContinuousClock.now + limit
    let since = Self.now - Int64(past / .microseconds(1))
    var diagnostics = UnitDiagnostics()
    // The journal knows no alias.
    var names: [String: String] = [:]
    for unit in units {
      guard deadline > .now else {
        diagnostics.gaps.append("'\(unit)' was not read: out of time")
        continue
      }
      do {
        let status = try manager.status(of: unit)
        names[unit] = status.unit
        diagnostics.units.append(UnitDiagnostics.Unit(status))
      } catch {
        diagnostics.gaps.append("\(unit): \(error)")
      }
    }
    await Self.settle(within: min(.seconds(1), (deadline - .now) / 2))
    var left = Self.allBytes
    for unit in units {
      do {
        try Self.read(names[unit] ?? unit, since, deadline, &left, into: &diagnostics)
      } catch {
        diagnostics.gaps.append("the journal of '\(unit)' cannot be read: \(error)")
      }
    }
    diagnostics.journal.sort { $0.at < $1.at }
    return diagnostics
  }

  /// Newest first, so that what is left out is the oldest.
  private static func read(
    _ unit: String, _ since: Int64, _ deadline: ContinuousClock.Instant, _ left: inout Int,
    into diagnostics: inout UnitDiagnostics
  ) throws {
    var found: [UnitDiagnostics.Line] = []
    var room = min(bytes, left)
    var gap: String?
    try JournalReader().backwards(JournalQuery(units: [unit], includesManager: true, boot: .all)) { entry in
      guard entry.realtime >= since else { return false }
      let line = UnitDiagnostics.Line(entry, of: unit)
      if found.count == lines || room < line.message.utf8.count || deadline <= .now {
        let why = deadline <= .now ? "out of time" : "older lines are not kept"
        gap = "the journal of \(unit) before \(UTC.text(Int(entry.realtime / 1_000_000))): \(why)"
        return false
      }
      room -= line.message.utf8.count
      left -= line.message.utf8.count
      found.append(line)
      return true
    }
    diagnostics.journal += found.reversed()
    if let gap { diagnostics.gaps.append(gap) }
  }

  /// As journald counts: microseconds since 1970.
  private static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000  // trap: a clock of this machine
  }

  /// Has journald write what it was told until now: the last words of a service that has just died are what matters.
  private static func settle(within limit: Duration) async {
    _ = await HelperProgram.run(["/usr/bin/journalctl", "--sync"], within: limit)
  }
}

extension UnitDiagnostics.Unit {
  fileprivate init(_ status: UnitStatus) {
    self.init(
      unit: status.unit, active: status.activeState.rawValue, sub: status.subState, result: status.result,
      restarts: status.nRestarts.map(Int.init), pid: status.mainPID.map(Int.init),
      mainCode: status.execMainCode.map(Int.init), mainStatus: status.execMainStatus.map(Int.init),
      invocation: status.invocationID)
  }
}

extension UnitDiagnostics.Line {
  fileprivate init(_ entry: JournalEntry, of unit: String) {
    let isManagers = if case .manager = entry.origin { true } else { false }
    self.init(
      at: entry.realtime, source: isManagers ? "systemd" : entry.unit ?? unit, pid: entry.pid.map(Int.init),
      message: entry.message)
  }
}
