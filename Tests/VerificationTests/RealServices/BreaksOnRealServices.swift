import Deployment
import Testing

@testable import Verification

extension OnRealServices {
  @Test(arguments: Break.units + Break.redis + Break.outside)
  func oneBreakFailsItsCheckAndNoOther(_ given: Break) async throws {
    var subject = try RealServices.subject()
    subject.verify.deadLetters = ["quantum:stream:dead.letter"]
    try await RealServices.sh(Self.preparation)
    given.change(&subject)
    try await RealServices.sh(Break.functions + given.damage)
    let results = await Verifier(subject: subject, options: given.options).run()
    try await RealServices.sh(Break.functions + given.heal)
    #expect(results.failures.map { "\($0.id) \($0.subject)" } == given.fails, "\(RealServices.wrong(results))")
    let detail = results.failures.first?.detail ?? ""
    #expect(detail.contains(given.words), "\(detail)")
    #expect(
      results.failures.allSatisfy {
        $0.id == "http" || $0.id == "tcp" || $0.id.hasPrefix("redis.r") || !$0.evidence.isEmpty
      })
    try await expectHealed(subject)
  }

  /// What the checks of the outside look at, while it is whole.
  private static let preparation = """
    touch /run/flag; printf '' > /usr/local/bin/quantum-edited; mkdir -p /run/web; touch /run/web/page
    systemctl is-active -q web || { systemd-run -q --unit web \(Break.web)
    for _ in $(seq 100); do ! ss -tln | grep -q 127.0.0.1:8098 || break; sleep 0.05; done; }
    """

  /// Everything passes again, the proof included, as soon as the services have caught up.
  func expectHealed(_ subject: VerificationSubject) async throws {
    var subject = subject
    subject.units = [ExpectedUnit(RealServices.execution), ExpectedUnit(RealServices.router)]
    subject.verify.duplicates?.within = .seconds(5)
    let deadline = ContinuousClock.now + .seconds(20)
    var results = await Verifier(subject: subject, options: VerificationOptions(stable: .zero)).run()
    while !results.failures.isEmpty, ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(100))
      results = await Verifier(subject: subject, options: VerificationOptions(stable: .zero)).run()
    }
    let skipped = ["unit.stable", "unit.stable", "dead.letters"]
    #expect(
      results.filter { $0.status != .pass }.map(\.id).filter { !skipped.contains($0) } == [],
      "\(RealServices.wrong(results))")
  }
}
