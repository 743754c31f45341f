import Deployment
import Glibc
import Testing

@testable import Verification

/// Whether the tests that need systemd and the two services can run here.
enum RealServices {
  static let marker = "/run/qtctl-verification-tests"
  static let isHere = access(marker, F_OK) == 0
  /// How many tests `OnRealServices` holds: a machine that ran another number did not prove what it should.
  static let testCount = 17

  static let router = "quantum-ai-strategy-router.service"
  static let execution = "quantum-execution.service"
  static let programs = "/usr/local/bin"

  /// What the shipped manifest proves, with files whose content is taken as it is.
  static func subject() throws -> VerificationSubject {
    var verify = Manifest.Verify()
    verify.stable = .zero
    verify.groups = [
      Manifest.ConsumerGroup(
        stream: "quantum:stream:ai.decision.made", group: "quantum:group:router:ai.decision.made"),
      Manifest.ConsumerGroup(stream: "quantum:stream:trade.intent", group: "quantum:group:execution:trade.intent"),
    ]
    var proof = Manifest.Duplicates(
      into: "quantum:stream:ai.decision.made", out: "quantum:stream:trade.intent", unit: router)
    proof.terminal = Manifest.Terminal(unit: execution)
    verify.duplicates = proof
    let files = try [(router, "quantum-ai-strategy-router"), (execution, "quantum-execution")].map { unit, name in
      let target = "\(programs)/\(name)"
      let view = try #require(try FileView.look(at: target).get())
      return ExpectedFile(
        target: target, unit: unit, state: .present(sha256: view.sha256, mode: 0o755, owner: 0, group: 0))
    }
    return VerificationSubject(
      units: [execution, router], files: files, verify: verify, redis: "redis://127.0.0.1:6379/0")
  }

  static func run(_ arguments: String...) async throws {
    let result = await CommandRun.look(at: Manifest.Command(name: "", run: arguments), within: .seconds(10))
    guard try result.get().end == .exited(0) else { throw ProbeError("\(arguments): \(result)") }
  }

  /// Runs shell lines that must all succeed.
  static func sh(_ script: String) async throws {
    var command = Manifest.Command(name: "sh", run: ["/bin/sh", "-euc", script])
    command.within = .seconds(30)
    let result = await CommandRun.look(at: command, within: command.within)
    guard try result.get().end == .exited(0) else { throw ProbeError("\(script)\n\(result)") }
  }

  /// The results that did not pass, as `id subject: detail`.
  static func wrong(_ results: [CheckResult]) -> [String] {
    results.filter { $0.status != .pass }.map { "\($0.id) \($0.subject) \($0.status): \($0.detail)" }
  }
}

/// The checks against the real services under the real systemd. In order, since each breaks what they share.
@Suite(.enabled(if: RealServices.isHere), .serialized)
struct OnRealServices {
  @Test func soundServicesPassEveryCheckAndQuickly() async throws {
    var subject = try RealServices.subject()
    let start = ContinuousClock.now
    let results = await Verifier(subject: subject).run()
    #expect(RealServices.wrong(results).map { $0.prefix(11) } == ["unit.stable", "unit.stable"], "\(results)")
    #expect(results.contains { $0.id == "execution.terminal" && $0.status == .pass })
    print("with the probe: \(start.duration(to: .now))")
    let again = ContinuousClock.now
    _ = await Verifier(subject: subject, options: VerificationOptions(probe: false)).run()
    print("without: \(again.duration(to: .now))")
    subject.verify.stable = .milliseconds(600)
    let whole = await Verifier(subject: subject).run()
    #expect(RealServices.wrong(whole) == [])
    #expect(whole.first { $0.id == "dedup.skipped" }?.detail.hasPrefix("3 times in") == true)
  }

  @Test func aServiceThatIsKilledInTheWindowFailsBeforeItsEnd() async throws {
    var subject = try RealServices.subject()
    subject.verify.stable = .seconds(60)
    subject.verify.duplicates = nil
    let start = ContinuousClock.now
    async let killed: Void = RealServices.run(
      "/bin/sh", "-c", "sleep 1; systemctl kill -s KILL \(RealServices.execution)")
    let results = await Verifier(subject: subject).run()
    try await killed
    #expect(start.duration(to: .now) < .seconds(20))
    #expect(results.failures.map { "\($0.id) \($0.subject)" } == ["unit.stable \(RealServices.execution)"])
    #expect(results.first { $0.id == "unit.stable" && $0.subject == RealServices.router }?.status == .skip)
    try await RealServices.run("/bin/systemctl", "restart", RealServices.execution)
  }

  @Test func aProgramReplacedUnderItsProcessFailsUntilItIsRestarted() async throws {
    let subject = try RealServices.subject()
    let target = "\(RealServices.programs)/quantum-execution"
    try await RealServices.run("/bin/cp", "-p", target, "\(target).new")
    try await RealServices.run("/bin/mv", "\(target).new", target)
    let results = await Verifier(subject: subject).run()
    #expect(results.failures.map { "\($0.id) \($0.subject)" } == ["unit.current \(RealServices.execution)"])
    #expect(results.failures.first?.detail.contains("restart it") == true)
    try await RealServices.run("/bin/systemctl", "restart", RealServices.execution)
    #expect(await Verifier(subject: subject).run().failures == [])
  }

  @Test func aStoppedServiceFailsAndNothingIsProbed() async throws {
    let subject = try RealServices.subject()
    try await RealServices.run("/bin/systemctl", "stop", RealServices.router)
    let results = await Verifier(subject: subject).run()
    #expect(results.failures.contains { $0.id == "unit.active" && $0.subject == RealServices.router })
    #expect(results.first { $0.id == "dedup.skipped" }?.status == .skip)
    try await RealServices.run("/bin/systemctl", "start", RealServices.router)
  }

  @Test func aLineThatAnotherUnitForgesIsNoEvidence() async throws {
    var subject = try RealServices.subject()
    // The probe is skipped and logged, but by another unit than the one that is asked for.
    subject.verify.duplicates?.unit = RealServices.execution
    subject.verify.duplicates?.terminal = nil
    subject.verify.duplicates?.within = .milliseconds(500)
    let results = await Verifier(subject: subject).run()
    #expect(results.failures.map(\.id) == ["dedup.skipped"], "\(results.failures)")
    #expect(results.failures.first?.detail.contains("found 0") == true)
  }
}
