import Deployment
import Testing

@testable import Verification

@Suite struct CatalogueTests {
  @Test func theIdentifiersAreThoseOfTheContractInItsOrder() {
    #expect(
      Catalogue.checks.map { $0.id } == [
        "unit.active", "unit.stable", "unit.current", "files.match", "redis.reachable", "redis.durable", "redis.intact",
        "stream.exists", "group.exists", "group.consumers", "group.pending", "group.lag", "stream.intact",
        "group.orphans", "dead.letters", "dedup.skipped", "dedup.control", "execution.terminal", "command", "http",
        "tcp",
      ])
  }

  @Test func resultsAreOrderedByCheckAndThenByTheManifest() {
    let results = [
      TCPOpen.pass("a:1", ""), UnitActive.pass("b.service", ""), FilesMatch.pass("/z", ""),
      UnitActive.pass("a.service", ""),
      UnitStable.pass("b.service", ""),
    ]
    let ordered = Catalogue.ordered(results, subjects: ["a.service", "b.service", "/z", "a:1"])
    #expect(
      ordered.map { "\($0.id) \($0.subject)" } == [
        "unit.active a.service", "unit.active b.service", "unit.stable b.service", "files.match /z", "tcp a:1",
      ])
  }
}
