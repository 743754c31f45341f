import Deployment
import Testing

@testable import Verification

/// What looks odd and is well passes.
extension OnRealServices {
  /// Verifies over a short window and expects no failure.
  static func expectSound(
    _ change: (inout VerificationOptions) -> Void = { _ in }, _ place: SourceLocation = #_sourceLocation
  ) async throws {
    var subject = try RealServices.subject()
    subject.verify.deadLetters = ["quantum:stream:dead.letter"]
    var options = VerificationOptions(stable: .milliseconds(400))
    change(&options)
    let results = await Verifier(subject: subject, options: options).run()
    #expect(results.filter { $0.status == .fail } == [], "\(RealServices.wrong(results))", sourceLocation: place)
    #expect(
      results.contains { $0.id == "execution.terminal" && $0.status == .pass }, "\(RealServices.wrong(results))",
      sourceLocation: place)
  }

  @Test func aFailedUnitOfSomebodyElseCountsForNothing() async throws {
    _ = try? await RealServices.run("/bin/systemd-run", "--wait", "--unit", "somebody-elses", "/bin/false")
    try await Self.expectSound()
  }

  @Test func consumersThatHaveHadNothingToDoForLongAreNoAlarm() async throws {
    try await Task.sleep(for: .milliseconds(50))
    // An hour to them is what they were silent for.
    var subject = try RealServices.subject()
    subject.verify.duplicates = nil
    var options = VerificationOptions(stable: .milliseconds(400))
    options.silence = .milliseconds(1)
    let results = await Verifier(subject: subject, options: options).run()
    #expect(RealServices.wrong(results) == [])
  }

  @Test func aLagThatRedisDoesNotKnowIsNoAlarm() async throws {
    try await RealServices.sh(
      Break.functions + """
        systemctl kill -s STOP \(RealServices.execution); publish 4; routed
        redis-cli XDEL \(Break.intents) "$(redis-cli XREVRANGE \(Break.intents) + - COUNT 2 | grep -E '^[0-9]+-[0-9]+$' \
          | tail -n 1)"
        [ -z "$(info \(Break.intents) \(Break.executionGroup) lag)" ]
        """)
    let frozen = await Verifier(
      subject: try RealServices.subject(), options: VerificationOptions(stable: .zero, probe: false)
    ).run()
    try await RealServices.sh("systemctl kill -s CONT \(RealServices.execution)")
    #expect(frozen.failures == [], "\(RealServices.wrong(frozen))")
    #expect(frozen.first { $0.subject == Break.executionGroup && $0.id == "group.lag" }?.evidence["lag"] == .null)
    try await Self.expectSound()
  }

  @Test(arguments: [
    "journalctl --rotate", "journalctl --rotate; journalctl --vacuum-time=1s",
    "later 'for _ in 1 2 3 4 5; do sleep 0.1; journalctl --rotate; done'",
  ])
  func aJournalThatIsRotatedIsNoAlarm(how: String) async throws {
    try await RealServices.sh(Break.functions + how)
    try await Self.expectSound()
  }

  @Test func aVolatileJournalIsNoAlarm() async throws {
    let settings = "/etc/systemd/journald.conf.d/zz-volatile.conf"
    try await RealServices.sh(
      "printf '[Journal]\\nStorage=volatile\\n' > \(settings); systemctl restart systemd-journald")
    try await Self.expectSound()
    try await RealServices.sh("rm -rf /var/log/journal; systemctl restart systemd-journald")
    try await Self.expectSound()
    try await RealServices.sh("rm \(settings); mkdir /var/log/journal; systemctl restart systemd-journald")
    try await Self.expectSound()
  }

  @Test func aHostNameWithOddCharactersIsNoAlarm() async throws {
    // Not by hostname(1), which knows what a name should be.
    let rename = "python3 -c 'import socket; socket.sethostname(open(\"/run/odd-name\").read().strip())'"
    let restart = "systemctl restart \(RealServices.execution) \(RealServices.router)"
    for name in ["we!rd \"host\" {x}%s", "h\u{f6}st_1.example.", "-"] {
      try Scratch.write(name, to: "/run/odd-name")
      try await RealServices.sh("\(rename); \(restart)")
      try await Self.expectSound()
    }
    try await RealServices.sh("cp /etc/hostname /run/odd-name; \(rename); \(restart)")
  }

  @Test func twoHundredVerificationsInARowGiveNoFalseAlarm() async throws {
    let subject = try RealServices.subject()
    for number in 0..<200 {
      let results = await Verifier(subject: subject, options: VerificationOptions(stable: .zero)).run()
      #expect(results.failures == [], "\(number)")
    }
  }
}
