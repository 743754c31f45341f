import Deployment
import Testing

@testable import Verification

@Suite struct DuplicateCheckTests {
  static let wanted = Manifest.Duplicates(into: "in", out: "out", unit: "router.service")
  static let terminal = Manifest.Terminal(unit: "execution.service")

  static func probe(
    _ trace: String = "t", copies: Int = 1, entries: Int = 1, skips: Result<Int, ProbeError> = .success(0),
    terminals: Result<Int, ProbeError> = .success(1)
  ) -> ProbeView {
    ProbeView(
      trace: trace, copies: copies, entries: (0..<entries).map { EntryID(milliseconds: UInt64($0), sequence: 0) },
      skips: skips, terminals: terminals)
  }

  static func proof(
    twin: ProbeView = probe(copies: 2, skips: .success(1)), controls: [ProbeView] = [probe("c")],
    unwatched: ProbeError? = nil
  ) -> ProofView {
    ProofView(twin: twin, controls: controls, waited: .seconds(5), unwatched: unwatched)
  }

  @Test(arguments: [
    (proof(), CheckResult.Status.pass, "2 times in, once out, 1 × DUPLICATE_SKIP trace_id=t"),
    (proof(twin: probe(copies: 2, entries: 2, skips: .success(0))), .fail, "expected one entry in out, 2 came"),
    (proof(twin: probe(copies: 2, entries: 0, skips: .success(2))), .fail, "none came within 5 s"),
    (proof(twin: probe(copies: 2, skips: .success(0))), .fail, "expected 1 lines 'DUPLICATE_SKIP' with trace_id t"),
    (proof(twin: probe(copies: 3, skips: .success(1))), .fail, "expected 2 lines"),
    (proof(twin: probe(copies: 3, skips: .success(2))), .pass, "3 times in, once out"),
    (
      proof(twin: probe(copies: 2, skips: .failure(ProbeError("no journal")))), .fail,
      "could not be searched: no journal"
    ),
    (proof(unwatched: ProbeError("connection lost")), .fail, "could not be watched"),
  ])
  func aTwinIsSkippedOnceWithItsOwnLine(view: ProofView, status: CheckResult.Status, words: String) {
    let result = DedupSkipped.judge(Self.wanted, .success(view))
    #expect(result.status == status)
    #expect(result.detail.contains(words), "\(result.detail)")
  }

  @Test func aProbeThatCannotBeMadeFails() {
    let result = DedupSkipped.judge(Self.wanted, .failure(ProbeError("OOM")))
    #expect(result.status == .fail && result.detail.contains("OOM"))
  }

  @Test(arguments: [
    (proof(), CheckResult.Status.pass, "once in, once out: trace_id=c"),
    (proof(controls: [probe("c", entries: 0)]), .fail, "none came within 5 s"),
    (proof(controls: [probe("c", entries: 2)]), .fail, "2 came: it is published more than once"),
    (proof(controls: [probe("c"), probe("d", entries: 0)]), .fail, "trace_id d"),
    (proof(controls: []), .fail, "no control probe"),
    (proof(unwatched: ProbeError("connection lost")), .fail, "could not be watched"),
  ])
  func aControlComesOutExactlyOnce(view: ProofView, status: CheckResult.Status, words: String) {
    let result = DedupControl.judge(Self.wanted, view)
    #expect(result.status == status)
    #expect(result.detail.contains(words), "\(result.detail)")
  }

  @Test(arguments: [
    (proof(), CheckResult.Status.pass, "2 probes ended: trace_id=t, trace_id=c"),
    (proof(controls: [probe("c", terminals: .success(0))]), .fail, "with trace_id c of this run"),
    (proof(controls: [probe("c", terminals: .success(2))]), .fail, "found 2: it was settled more than once"),
    (proof(controls: [probe("c", terminals: .failure(ProbeError("no journal")))]), .fail, "no journal"),
    (proof(twin: probe(copies: 2, entries: 0), controls: [probe("c", entries: 0)]), .skip, "no probe came out"),
    // What did not come out is for the other checks to say.
    (proof(controls: [probe("c", entries: 0, terminals: .success(0))]), .pass, "1 probes ended"),
  ])
  func everyProbeThatCameOutEndsOnce(view: ProofView, status: CheckResult.Status, words: String) {
    let result = ExecutionTerminal.judge(.init(terminal: Self.terminal, wanted: Self.wanted), view)
    #expect(result.status == status)
    #expect(result.detail.contains(words), "\(result.detail)")
  }
}
