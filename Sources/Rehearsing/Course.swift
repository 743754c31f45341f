internal import Commit
package import Deployment
internal import FileOperations
internal import Rehearsal
internal import Releases

/// The course of a rehearsal in its machine: deploy, reboot, verify, rollback. It ends at the first that fails.
struct Course {
  let machine: Machine
  let request: RehearsalRequest
  let survey: HostSurvey
  let recorder: StepRecorder
  var record: RehearsalRecord

  /// No command of qtctl takes so long: all its steps end by deadlines of their own.
  private static let limit = Duration.seconds(4 * 3600)
  private static let journalLines = "60"

  mutating func run(program: String, release: String) async throws {
    let stable = request.stable.map { ["--stable", $0] } ?? []
    let checked = request.verifies ? stable : ["--no-verify"]
    let deploy = try await qtctl(.deploy, program, ["deploy", release, "--no-watch"] + request.options + checked)
    if let status = ExitStatus(rawValue: deploy.exit), Self.refusals.contains(status) {
      throw RehearsalRefused(exitStatus: status, message: deploy.lastingMessage)
    }
    record.changes = deploy.changes
    record.isUnchanged = deploy.outcome == .unchanged
    let subject = ReleaseArchive.isArchive(release) ? ["--name", request.name] : ["--manifest", release]
    if record.passed, request.reboots {
      let lost = try await reboot()
      if request.verifies { _ = try await qtctl(.verify, program, ["verify"] + subject + stable) }
      blame(lost)
    }
    if record.passed, !record.isUnchanged, let stamp = deploy.stamp {
      _ = try await qtctl(.rollback, program, ["rollback", stamp] + subject + stable)
    }
    if !record.passed { record.journal = try await journal() }
  }

  /// The deploy of the host would end so as well, before it touches anything.
  private static let refusals: Set<ExitStatus> = [.noSuchStamp, .locked, .backupDamaged, .drift, .refused, .usage]

  /// Runs a command of qtctl in the machine.
  private mutating func qtctl(
    _ name: RehearsalRecord.Phase.Name, _ program: String, _ arguments: [String]
  ) async throws -> QtctlDocument {
    let title = "\(name.rawValue) in the copy"
    let start = recorder.begin(title, within: nil)
    var environment = request.environment
    environment["QTCTL_BACKUPS"] = request.store
    let output = try await machine.run(
      [program] + arguments + ["--json", "--quiet"], environment: environment, within: Self.limit)
    let document = try QtctlDocument(output, command: "qtctl \(arguments.joined(separator: " "))")
    let phase = document.phase(name)
    record.phases.append(phase)
    recorder.record(title, phase.passed ? .done : .failed, since: start, phase.message)
    return document
  }

  /// Boots the machine again, with what a boot of the host would start, and returns the units that are no longer up.
  private mutating func reboot() async throws -> [String] {
    let title = "reboot the copy"
    let start = recorder.begin(title, within: nil)
    let graph = UnitGraph { [machine] properties, units in
      guard !units.isEmpty else { return "" }
      return try await machine.accomplish(
        ["systemctl", "show", "--property=\(properties.joined(separator: ","))", "--"] + units
      ).stdout
    }
    let before = try await up(graph)
    let reached = try await graph.closure(of: ["default.target"])
    let wanted = survey.units.filter { !request.own.contains($0) } + request.own.filter(reached.contains)
    try await machine.startAtNextBoot(wanted)
    try await machine.reboot()
    let lost = before.subtracting(try await up(graph))
    let words = lost.sorted().map { unit in
      "'\(unit)' was up and is not after a reboot" + (reached.contains(unit) ? "" : ": nothing starts it at boot")
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let message = words.isEmpty ? "every unit is up again" : words.joined(separator: "; ")
    record.phases.append(.init(name: .reboot, passed: true, seconds: seconds, message: message))
    recorder.record(title, .done, since: start, message)
    return words
  }

  /// Says of a verification that failed after a reboot why, where that is known; else it is a note.
  private mutating func blame(_ lost: [String]) {
    guard !lost.isEmpty else { return }
    if let last = record.phases.indices.last, record.phases[last].name == .verify, !record.phases[last].passed {
      record.phases[last].message += "\n" + lost.joined(separator: "\n")
    } else {
      record.notes += lost
    }
  }

  private func up(_ graph: UnitGraph) async throws -> Set<String> {
    let units = try await graph.properties(["ActiveState"], of: request.own)
    return Set(units.filter { $0["ActiveState"] == "active" }.compactMap { $0["Id"] })
  }

  /// What the units of the release wrote last.
  private func journal() async throws -> [String] {
    guard !request.own.isEmpty else { return [] }
    let command = ["journalctl", "--quiet", "--no-pager", "--output=short", "--lines=\(Self.journalLines)"]
    let output = try await machine.run(command + request.own.map { "--unit=\($0)" })
    return output.stdout.split(separator: "\n").map(String.init)
  }
}

/// A deploy of the host would be refused, so there was nothing to try.
package struct RehearsalRefused: CommandError, Hashable {
  package let exitStatus: ExitStatus
  let message: String

  package var description: String { message }
}
