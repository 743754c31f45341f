import Deployment
import TestSupport
import Testing

@testable import Verification

/// The proof cannot be fooled: what looks like success and is none fails.
extension OnRealServices {
  struct Fraud: Sendable, CustomStringConvertible {
    let description: String
    let router: OtherRouter
    /// The failures of the proof, by id.
    let fails: [String]
    /// Shell lines that run beside the router.
    var beside = ""
  }

  static let frauds = [
    Fraud(description: "a router of another make that does right", router: .soundly, fails: []),
    Fraud(description: "a router that publishes every copy", router: .everyCopy, fails: ["dedup.skipped"]),
    Fraud(description: "a router that publishes two", router: .twice, fails: ["dedup.skipped", "dedup.control"]),
    Fraud(description: "a router that publishes none", router: .nothing, fails: ["dedup.skipped", "dedup.control"]),
    Fraud(
      description: "a router that skips everything", router: .onlySkips, fails: ["dedup.skipped", "dedup.control"]),
    Fraud(
      description: "a router that takes new ones for duplicates", router: .theWrongWayRound, fails: ["dedup.control"]),
    Fraud(description: "a router that skips and does not say so", router: .silently, fails: ["dedup.skipped"]),
    Fraud(
      description: "a router that is silent, and a line forged by another unit", router: .silently,
      fails: ["dedup.skipped"], beside: forger),
  ]

  @Test(arguments: frauds) func theProofIsNotFooledByItsRouter(_ given: Fraud) async throws {
    try await given.router.run {
      try await RealServices.sh(given.beside)
      var subject = try RealServices.subject()
      subject.files = []
      subject.verify.duplicates?.within = .seconds(given.fails.isEmpty ? 5 : 1)
      let results = await Verifier(subject: subject, options: VerificationOptions(stable: .zero)).run()
      #expect(results.failures.map(\.id) == given.fails, "\(RealServices.wrong(results))")
      try await RealServices.sh("systemctl stop forger 2>/dev/null || true")
    }
    try await expectHealed(try RealServices.subject())
  }

  /// Another unit that follows the decisions and logs every one as skipped, with the names of the real router's fields;
  /// it even claims to be the router.
  private static let forger = """
    cat > /run/forger.py <<'END'
    import socket
    import redis
    server, last = redis.Redis(decode_responses=True), "$"
    while True:
        for _, entries in server.xread({"quantum:stream:ai.decision.made": last}, block=1000) or []:
            for last, fields in entries:
                trace = fields["trace_id"]
                text = f"MESSAGE=DUPLICATE_SKIP trace_id={trace}\\nTRACE_ID={trace}\\n_SYSTEMD_UNIT=\(RealServices.router)\\n"
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
                    journal.sendto((text + "UNIT=\(RealServices.router)\\n").encode(), "/run/systemd/journal/socket")
    END
    systemd-run -q --unit forger python3 /run/forger.py; sleep 0.5
    """

  @Test func anExecutionThatStandsStillEndsNoProbe() async throws {
    var subject = try RealServices.subject()
    subject.verify.duplicates?.within = .seconds(1)
    try await RealServices.sh("systemctl kill -s STOP \(RealServices.execution)")
    let results = await Verifier(subject: subject, options: VerificationOptions(stable: .zero)).run()
    try await RealServices.sh("systemctl kill -s CONT \(RealServices.execution)")
    #expect(results.failures.map(\.id) == ["execution.terminal"], "\(RealServices.wrong(results))")
    #expect(results.failures.first?.detail.contains("none came within") == true)
    try await expectHealed(subject)
  }

  @Test func aProbeFromATemplateIsProvedByTheTextOfTheLines() async throws {
    var subject = try RealServices.subject()
    let payload =
      #"{"symbol":"PROBEUSDT","side":"buy","confidence":1,"entry_price":1,"quantity":0,"leverage":1,"stop_loss":0,"#
      + #""take_profit":0,"timestamp":"${timestamp}","model":"probe"}"#
    subject.verify.duplicates?.probe = .template(
      [
        ("event_type", "ai.decision.made"), ("trace_id", "${trace_id}"), ("correlation_id", "c"),
        ("timestamp", "${timestamp}"), ("source", "template"), ("probe", "1"), ("payload", payload),
      ].map { Manifest.ProbeField($0, $1) })
    let results = await Verifier(subject: subject, options: VerificationOptions(stable: .milliseconds(300))).run()
    #expect(RealServices.wrong(results) == [])
    #expect(results.first { $0.id == "dedup.skipped" }?.detail.hasPrefix("3 times in, once out") == true)
  }

  @Test func aLineOfAnEarlierRunOfTheUnitIsNoEvidence() async throws {
    let trace = "earlier-\(UInt64.random(in: .min ... .max))"
    try await RealServices.sh(
      """
      for _ in 1 2; do redis-cli XADD \(Break.decisions) '*' event_type ai.decision.made trace_id \(trace) \
        correlation_id c timestamp "$(date -u +%FT%T.%N)" source test payload '{"symbol":"BTCUSDT","side":"buy",\
      "confidence":0.8,"entry_price":50000.0,"quantity":100.0,"leverage":2.0,"stop_loss":49000.0,"take_profit":52000.0,\
      "timestamp":"2026-01-31T12:00:00","model":"m"}'; done
      """)
    func invocation() throws -> String? {
      try UnitView.look(at: [RealServices.router])[RealServices.router]?.get().invocation
    }
    func count(_ invocation: String?) throws -> Int? {
      let log = LogSource.journal(
        unit: RealServices.router, invocation: invocation ?? "", after: nil, since: 0, plain: false)
      return try log.count("DUPLICATE_SKIP", traces: [trace]).get()[trace]
    }
    let earlier = try invocation()
    let deadline = ContinuousClock.now + .seconds(5)
    while try count(earlier) == nil, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
    #expect(try count(earlier) == 1)
    try await RealServices.run("/bin/systemctl", "restart", RealServices.router)
    #expect(try invocation() != earlier)
    #expect(try count(invocation()) == nil)
  }
}
