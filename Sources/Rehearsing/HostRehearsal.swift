package import Commit
internal import Deployment
internal import FileOperations
internal import Glibc
internal import Rehearsal
package import Systemd

/// Tries a release on a throwaway copy of this host: deploy, reboot, verify, rollback. The host is only read.
package struct HostRehearsal {
  private let request: RehearsalRequest
  private let manager: ServiceManager
  private let recorder: StepRecorder

  private static let bootLimit = Duration.seconds(180)
  /// Where the machine has what it does not see of the host.
  private static let place = "/usr/local/lib/qtctl-rehearsal"

  package init(_ request: RehearsalRequest, _ manager: ServiceManager, recorder: StepRecorder) {
    self.request = request
    self.manager = manager
    self.recorder = recorder
  }

  /// Opens a shell in the machine at this terminal; it is given the terminal's type.
  package typealias OpenShell = (_ terminal: String) async throws -> Void

  /// - Parameter afterwards: what is done before the machine ends, also where the rehearsal failed.
  /// - Throws: `RehearsalUnavailable` where nothing could be tried, `RehearsalRefused` where the deploy would be refused.
  package func run(
    afterwards: (RehearsalRecord, OpenShell) async throws -> Void = { _, _ in }
  ) async throws -> RehearsalRecord {
    guard Caller.isRoot else { throw RehearsalUnavailable("it needs root; run it with sudo") }
    var record = RehearsalRecord()
    let survey = try await HostSurvey(own: request.own, named: request.with, redis: request.redis, manager)
    record.notes = survey.notes
    let limit = try RehearsalMemory.limit(
      wanted: request.memory, redis: survey.redis.reduce(0) { try $0 + $1.size() })
    let (machine, boot) = try await boot(survey, memory: limit)
    record.phases.append(boot)
    do {
      var course = Course(machine: machine, request: request, survey: survey, recorder: recorder, record: record)
      try await course.run(program: program(in: machine), release: release(in: machine))
      try await afterwards(course.record) { try await machine.shell(terminal: $0) }
      await machine.powerOff()
      return course.record
    } catch {
      await machine.powerOff()
      guard let error = error as? MachineError else { throw error }
      let hint = error == .notRunning ? "; it may have needed more memory than it got, allow more with --memory" : ""
      throw RehearsalUnavailable("\(error)\(hint)")
    }
  }

  private func boot(_ survey: HostSurvey, memory: Int) async throws -> (Machine, RehearsalRecord.Phase) {
    var configuration = Machine.Configuration(
      name: "rehearsal", units: survey.units, memory: memory, bootDeadline: Self.bootLimit)
    configuration.likeness = .host
    configuration.confinement = .init(unit: "qtctl-rehearsal-\(getpid()).service", memory: memory)
    configuration.ownUnits = request.own
    configuration.addresses = survey.addresses
    configuration.hostName = Accounts.hostName()
    let start = recorder.begin("boot a copy of this host", within: Self.bootLimit)
    do {
      let machine = try await Machine.boot(configuration) { root in
        for files in survey.redis { try await files.copy(into: root) }
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      recorder.record("boot a copy of this host", .done, since: start, "\(survey.units.count) units")
      return (machine, .init(name: .boot, passed: true, seconds: seconds, message: "a copy of this host is up"))
    } catch {
      recorder.record("boot a copy of this host", .failed, since: start, "\(error)")
      guard let error = error as? MachineError else { throw error }
      throw RehearsalUnavailable("\(error)")
    }
  }

  /// The path of this very qtctl in the machine.
  private func program(in machine: Machine) async throws -> String {
    guard let path = Program.path else {
      throw RehearsalUnavailable("qtctl was replaced since it started; run the command again")
    }
    if try Machine.copies(path) { return path }
    try await machine.copyIn(path, to: Self.place + "/qtctl", mode: 0o755)
    return Self.place + "/qtctl"
  }

  /// The path of the release in the machine.
  private func release(in machine: Machine) async throws -> String {
    let path = request.release
    // What lies in qtctl's own folder, the qtctl in the machine takes for what a process that is gone has left.
    if try Machine.copies(path), !path.hasPrefix(request.state + "/") { return path }
    let isFile = try FileState.peek(path).type == .file
    let copy = Self.place + "/release"
    // A manifest's sources lie beside it.
    if isFile, path.hasSuffix(".yaml") {
      try await machine.copyIn(Files.parent(of: path), to: copy)
      return copy + "/" + Paths.name(path)
    }
    let target = isFile ? "\(copy)/\(Paths.name(path))" : copy
    try await machine.copyIn(path, to: target)
    return target
  }
}
