import Deployment
import Manifests
import Testing

@testable import Proving

@Suite("The judgement of a row")
struct VerdictTests {
  private static func outcome(_ entries: Int, skips: Int = 0, ends: Int = 1) -> MessageOutcome {
    MessageOutcome(
      trace: "t", entries: (0..<entries).map { "\($0)-0" }, skips: .init(repeating: "SKIP", count: skips),
      ends: .init(repeating: "END", count: ends))
  }

  @Test(
    "is that a message came out once, was skipped as often as it was repeated, and ended once",
    arguments: [
      (outcome(1, skips: 1), nil), (outcome(0), "did not come out"), (outcome(2, skips: 1), "came out 2 times"),
      (outcome(1), "no line says"), (outcome(1, skips: 1, ends: 0), "never ended"),
      (outcome(1, skips: 1, ends: 2), "ended 2 times"),
    ] as [(MessageOutcome, String?)])
  func copies(outcome: MessageOutcome, fault: String?) {
    let found = outcome.fault(MessageOutcome.Expectation(skips: 1, ends: true))
    #expect(found.map { $0.contains(fault ?? "nothing") } ?? (fault == nil), "\(found ?? "")")
  }

  @Test("after a kill does without the line of an end, and never bears two")
  func kills() {
    let expectation = MessageOutcome.Expectation(ends: true, toleratesMissingEnd: true)
    #expect(Self.outcome(1, ends: 0).meets(expectation) && Self.outcome(1).meets(expectation))
    #expect(!Self.outcome(1, ends: 2).meets(expectation) && !Self.outcome(0).meets(expectation))
  }

  @Test("names the message that is wrong first, among many that are right")
  func evidence() {
    let outcomes = (0..<30).map { MessageOutcome(trace: "t\($0)", entries: $0 == 20 ? [] : ["1-0"], ends: ["END"]) }
    guard case .failed(let text, let evidence) = outcomes.verdict("sent", .init(ends: true), within: .seconds(1)),
      case .array(let traces)? = evidence["trace_ids"]
    else {
      Issue.record("it should fail")
      return
    }
    #expect(text.contains("trace_id=t20 did not come out") && text.contains("1 of 30"), "\(text)")
    #expect(traces.first == .string("t20") && traces.count == 10)
  }
}

@Suite("The rows of a proof")
struct RowTests {
  private static func manifest(_ verify: String) throws -> Manifest {
    try Manifest(
      yaml: "name: shop\nservices: [{unit: shop.service}, {unit: shop.timer}]\nverify:\n\(verify)", file: "qtctl.yaml")
  }

  private static func skipped(_ manifest: Manifest) -> [String: String] {
    var reasons: [String: String] = [:]
    for row in RowRegistry.rows {
      if case .none(let reason) = row.subjects(of: manifest) { reasons[row.id] = reason }
    }
    return reasons
  }

  @Test("each have a name of their own, and say what they prove")
  func names() {
    #expect(Set(RowRegistry.ids).count == RowRegistry.ids.count)
    #expect(RowRegistry.rows.allSatisfy { !$0.claim.isEmpty && $0.limit > .zero })
    #expect(RowRegistry.rows.filter { $0.isHarmless }.map { $0.id } == Array(RowRegistry.ids.prefix(3)))
  }

  @Test(
    "that need a stream are skipped for a manifest without one, with the reason; the services are killed all the same")
  func withoutStreams() throws {
    let plain = try Self.manifest("  stable: 1s\n")
    let reasons = Self.skipped(plain)
    #expect(Set(reasons.keys) == Set(RowRegistry.ids).subtracting([ServiceKilled.id]))
    #expect(
      reasons["flow.once"]?.contains("verify.duplicates") == true
        && reasons["redis.restarted"]?.contains("Redis") == true)
    guard case .each(let units) = ServiceKilled.subjects(of: plain) else {
      Issue.record("it should apply")
      return
    }
    #expect(units == ["shop.service"])
  }

  @Test("are about the units that the manifest names, and a probe of one's own has nothing that is stale")
  func withStreams() throws {
    let own = try Self.manifest(
      "  duplicates: {unit: shop.service, into: a, out: b, probe: {id: \"${trace_id}\"}, terminal: {unit: desk.service}}\n"
    )
    #expect(Self.skipped(own).keys.sorted() == ["intent.stale"])
    let off = try Self.manifest("  duplicates: {unit: shop.service, into: a, out: b, probe: off}\n")
    #expect(Self.skipped(off)["duplicate.restart"]?.contains("switches the probe off") == true)
    let pipeline = try #require(Pipeline(own))
    #expect(pipeline.stages.map(\.unit) == ["shop.service", "desk.service"] && pipeline.streams == ["a", "b"])
  }

  @Test("that would disturb are skipped on services in use, and all that need a message where none comes through")
  func plans() throws {
    let manifest = try Self.manifest("  duplicates: {unit: shop.service, into: a, out: b}\n")
    func reasons(_ before: [CheckResult], _ mode: Prover.Mode) -> [String: String?] {
      Dictionary(
        uniqueKeysWithValues: RowRegistry.rows.map { ($0.id, Plan($0, manifest, before, mode).items.first?.skip) })
    }
    let live = reasons([], .live)
    #expect(live["flow.once"] == .some(nil) && live["redis.restarted"]??.contains("disturb") == true)
    let broken = reasons([CheckResult(id: FlowOnce.id, subject: "", status: .fail, detail: "")], .injecting)
    #expect(broken["redis.restarted"]??.contains("not even one message") == true)
    #expect(broken["service.killed"] == .some(nil))
  }
}

@Suite("The Redis of the machine")
struct MachineRedisTests {
  @Test(
    "has the port, the socket and the password of the address",
    arguments: [
      ("redis://127.0.0.1:6379/0", nil), ("redis://localhost:7000/1", ["port 7000"]),
      ("unix:///run/redis/other.sock?db=0", ["unixsocket \"/run/redis/other.sock\""]),
      ("redis://:se%22cret@127.0.0.1:6379/0", ["requirepass \"se\\\"cret\""]),
      ("redis://shop:pw@127.0.0.1:6379/0", ["user shop on \">pw\" ~* &* +@all"]),
    ] as [(String, [String]?)])
  func lines(address: String, lines: [String]?) throws {
    #expect(try MachineRedis(address)?.lines == lines)
  }

  @Test(
    "is none for another host and for sentinels", arguments: ["redis://10.0.0.5:6379/0", "redis+sentinel://a,b/main"])
  func refused(address: String) {
    #expect(throws: Refusal.self) { try MachineRedis(address) }
  }
}
