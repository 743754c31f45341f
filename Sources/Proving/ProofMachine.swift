internal import Basics
package import Commit
package import Deployment
internal import FileOperations
internal import FoundationEssentials
internal import Glibc
internal import Rehearsal
package import Releases

/// A proof in a throwaway machine: a copy-on-write copy of this host without network, in which the release is deployed by
/// this very program and every fault is injected. Nothing of it is left, whatever ends this process.
package struct ProofMachine {
  private static let agent = "/usr/local/lib/qtctl-prove/qtctl"
  private static let state = "/var/lib/qtctl-prove"
  private static let deployLimit = Duration.seconds(600)
  /// The row of the deploy itself, which is before all others.
  package static let deployed = "release.deployed"

  private let release: Release
  private let manifestPath: String
  private let options: ProofOptions
  private let program: String
  private let within: Duration
  private let recorder: StepRecorder
  private let tell: (CheckResult) -> Void

  /// - Parameters:
  ///   - release: what is proved.
  ///   - manifest: the path of its manifest.
  ///   - program: the path of this program.
  ///   - within: how long all of it may take; rows that are left then are skipped.
  ///   - tell: called for each row as it ends.
  package init(
    _ release: Release, manifest: String, options: ProofOptions, program: String, within: Duration,
    recorder: StepRecorder, tell: @escaping (CheckResult) -> Void
  ) {
    self.release = release
    manifestPath = manifest
    self.options = options
    self.program = program
    self.within = within
    self.recorder = recorder
    self.tell = tell
  }

  /// The verdicts of these rows, in the order of the registry; all rows where none is named.
  ///
  /// - Throws: `Refusal` where this host cannot run a throwaway machine, or the release cannot be shown in one.
  package func run(_ names: [String]) async throws -> [CheckResult] {
    let deadline = ContinuousClock.now + within
    let machine = try await step("boot a copy of this host", within: .seconds(60)) { try await boot() }
    do {
      let results = try await rows(names, on: machine, until: deadline)
      await machine.powerOff()
      return results
    } catch {
      await machine.powerOff()
      throw error
    }
  }

  private func rows(
    _ names: [String], on machine: Machine, until deadline: ContinuousClock.Instant
  ) async throws -> [CheckResult] {
    let deploy = try await step("deploy '\(release.manifest.name)' in it", within: Self.deployLimit) {
      try await self.deploy(on: machine)
    }
    tell(deploy)
    var results = [deploy]
    for row in RowRegistry.selected(names) {
      for item in Plan(row, release.manifest, results, .injecting).items {
        var result: CheckResult
        if let reason = skip(item, deploy, until: deadline) {
          result = Verdict.skipped(because: reason).result(row, item.subject, seconds: 0)
        } else {
          result = try await step("\(row.id) \(item.subject)", within: row.limit(options)) {
            try await prove(row, item.subject, on: machine)
          }
        }
        tell(result)
        results.append(result)
      }
    }
    return results
  }

  private func skip(_ item: Plan.Item, _ deploy: CheckResult, until deadline: ContinuousClock.Instant) -> String? {
    if let reason = item.skip { return reason }
    if deploy.status == .fail { return "the release was not deployed" }
    if ContinuousClock.now > deadline { return "the \(within.text) of --within were over" }
    return nil
  }

  private func step<Value>(
    _ name: String, within limit: Duration, _ body: () async throws -> Value
  ) async throws -> Value {
    let start = recorder.begin(name, within: limit)
    do {
      let value = try await body()
      recorder.record(name, .done, since: start, "")
      return value
    } catch {
      recorder.record(name, .failed, since: start, "\(error)")
      throw error
    }
  }
}

extension ProofMachine {
  /// How much the machine may write: half of what is free, and at most what any release needs.
  private static func memory() throws -> Int {
    let (least, most) = (256 << 20, 2 << 30)
    guard let free = try Machine.freeMemory(), free / 2 < most else { return most }
    guard free / 2 >= least else {
      throw Refusal([
        "no proof can be made: its machine needs \(ByteCount.text(least)) of memory and may take half of the "
          + "\(ByteCount.text(free)) that are free; free some, or prove what does no harm with 'qtctl prove --live'"
      ])
    }
    return free / 2
  }

  private func boot() async throws -> Machine {
    let address = options.redis ?? release.manifest.effectiveRedis
    let hasRedis = ["/lib/systemd/system", "/etc/systemd/system"].contains {
      access("\($0)/redis-server.service", F_OK) == 0
    }
    let server = try address.flatMap { try MachineRedis($0) }
    do {
      var configuration = Machine.Configuration(
        name: "prove", units: ["dbus.service"] + (address != nil && hasRedis ? ["redis-server.service"] : []),
        shown: try SourceFolders(release, manifest: manifestPath).shown())
      configuration.memory = try Self.memory()
      configuration.ownUnits = release.desired.units.map(\.unit)
      let machine = try await Machine.boot(configuration)
      try await machine.copyIn(program, to: Self.agent, mode: 0o755)
      try await machine.write("qtctl prove may inject faults here\n", to: Prover.marker, mode: 0o600)
      try await server?.install(on: machine)
      return machine
    } catch let error as MachineError {
      let reason = "\(error)".split(separator: "\n").map { $0.trimmingPrefix(while: \.isWhitespace) }.joined(
        separator: "; ")
      throw Refusal([
        "no proof can be made: \(reason); 'qtctl prove --live' proves what does no harm on the host itself"
      ])
    }
  }

  private func run(_ arguments: [String], on machine: Machine, within limit: Duration) async throws -> Document {
    var environment = ["QTCTL_STATE": Self.state, "QTCTL_BACKUPS": Self.state + "/backups"]
    environment["QTCTL_REDIS"] = options.redis
    let output = try await machine.run(
      [Self.agent] + arguments + ["--json", "--quiet"], environment: environment, within: limit)
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(output.standardOutput)) else {
      let text = output.stderr.split(separator: "\n").last.map(String.init) ?? "nothing"
      throw Ending.failed("the program in the machine ended with \(output.status), and printed: \(text)")
    }
    return document
  }

  /// What the program in the machine prints.
  private struct Document: Decodable {
    var exit: Int32
    var message: String
    var checks: [CheckResult]
  }

  private func deploy(on machine: Machine) async throws -> CheckResult {
    let start = ContinuousClock.now
    func result(_ status: CheckResult.Status, _ detail: String) -> CheckResult {
      CheckResult(
        id: Self.deployed, subject: release.manifest.name, status: status, detail: detail,
        seconds: (ContinuousClock.now - start) / .seconds(1))
    }
    do {
      let run = try await run(
        ["deploy", manifestPath, "--no-verify", "--volatile-store"], on: machine, within: Self.deployLimit)
      return run.exit == ExitStatus.done.rawValue
        ? result(.pass, "\(release.identity) was deployed, and its units were started")
        : result(.fail, Self.cause(run.message))
    } catch let ending as Ending {
      return result(.fail, ending.text)
    } catch MachineError.deadlineExceeded {
      return result(.fail, "the deploy was not over after \(Self.deployLimit.text)")
    }
  }

  /// Why a deploy failed, on one line, without what is gone with the machine.
  private static func cause(_ message: String) -> String {
    let lines = message.split(separator: "\n").filter {
      !$0.hasPrefix("Logs and diff:") && !$0.hasPrefix("Rolled back")
    }
    return lines.map { $0.trimmingPrefix(while: \.isWhitespace) }.joined(separator: "; ")
  }

  private func prove(_ row: any Row.Type, _ subject: String, on machine: Machine) async throws -> CheckResult {
    let start = ContinuousClock.now
    func failed(_ detail: String) -> CheckResult {
      Verdict.failed(detail, [:]).result(row, subject, seconds: (ContinuousClock.now - start) / .seconds(1))
    }
    do {
      // A minute more than the row itself takes: it puts the services in order when it has failed.
      let run = try await run(
        [
          "prove", "--inject", "--row", row.id, "--subject", subject, "--manifest", manifestPath,
          "--takeover", options.takeover.compactText,
        ], on: machine,
        within: row.limit(options) + .seconds(65))
      guard let check = run.checks.first(where: { $0.id == row.id && $0.subject == subject }) else {
        return failed(run.message)
      }
      return check
    } catch let ending as Ending {
      return failed(ending.text)
    } catch MachineError.deadlineExceeded {
      return failed("it was not over after \((row.limit(options) + .seconds(65)).text)")
    }
  }
}
