import Deployment
import Testing

@testable import Verification

@Suite struct CheckRegistryTests {
  @Test func theIdentifiersAreThoseOfTheContractInItsOrder() {
    #expect(
      CheckRegistry.checks.map { $0.id } == [
        "unit.active", "unit.stable", "unit.neighbours", "unit.triggers", "unit.current", "files.match",
        "redis.reachable", "redis.durable", "redis.intact",
        "stream.exists", "group.exists", "group.consumers", "group.pending", "group.lag", "stream.intact",
        "group.orphans", "dead.letters", "dedup.skipped", "dedup.control", "execution.terminal", "command", "http",
        "tcp",
      ])
  }

  @Test func resultsAreOrderedByCheckAndThenByTheManifest() async throws {
    let absent = ["/proc/none/z", "/proc/none/a"].map { ExpectedFile(target: $0, state: .absent) }
    var subject = VerificationSubject(units: ["b.service", "a.service"], files: absent)
    subject.verify.stable = .zero
    subject.verify.tcp = [Manifest.TCP(address: "none"), Manifest.TCP(address: "127.0.0.1:1")]
    let results = await Verifier(subject: subject).run()
    #expect(
      results.map { "\($0.id) \($0.subject)" } == [
        "unit.active b.service", "unit.active a.service", "unit.stable b.service", "unit.stable a.service",
        "unit.current b.service", "unit.current a.service",
        "files.match /proc/none/z", "files.match /proc/none/a", "tcp none", "tcp 127.0.0.1:1",
      ])
  }
}
