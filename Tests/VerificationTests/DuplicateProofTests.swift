import Deployment
import EventBus
import Redis
import TestSupport
import Testing

@testable import Verification

@Suite struct DuplicateProofTests {
  /// Runs the three checks of the proof against a real Redis and a pipeline that behaves as given.
  static func prove(
    _ behaviour: Pipeline.Behaviour, window: Duration = .zero, within: Duration = .milliseconds(400),
    probe: Manifest.ProbeShape = .decision, before: (Pipeline, RedisServer) throws -> Void = { _, _ in }
  ) async throws -> [String: CheckResult] {
    try await RedisServer.with { server in
      try await Scratch.with { folder in
        try await Pipeline.with(behaviour, at: server.endpoint, in: folder) { pipeline in
          try before(pipeline, server)
          var wanted = Manifest.Duplicates(into: pipeline.into, out: pipeline.out, unit: "router.service")
          wanted.terminal = Manifest.Terminal(unit: "execution.service")
          wanted.within = within
          wanted.probe = probe
          let proof = DuplicateProof(
            wanted: wanted, endpoint: server.endpoint, patience: .seconds(2),
            logs: .init(
              skips: .mark(unit: "router.service", file: pipeline.routerLog, state: nil, since: 0),
              terminals: .mark(unit: "execution.service", file: pipeline.executionLog, state: nil, since: 0)))
          let seen = await proof.run(window: Window(length: window))
          let view = try seen.get()
          return [
            "skipped": DedupSkipped.judge(wanted, seen), "control": DedupControl.judge(wanted, view),
            "terminal": ExecutionTerminal.judge(.init(terminal: try #require(wanted.terminal), wanted: wanted), view),
          ]
        }
      }
    }
  }

  static func statuses(_ results: [String: CheckResult]) -> [CheckResult.Status?] {
    [results["skipped"]?.status, results["control"]?.status, results["terminal"]?.status]
  }

  @Test func aSoundPipelinePasses() async throws {
    let results = try await Self.prove(.init(), within: .seconds(5))
    #expect(Self.statuses(results) == [.pass, .pass, .pass], "\(results)")
  }

  @Test func aSoundPipelinePassesTwiceOverAWindow() async throws {
    let results = try await Self.prove(.init(), window: .milliseconds(300), within: .seconds(5))
    #expect(Self.statuses(results) == [.pass, .pass, .pass], "\(results)")
    #expect(results["skipped"]?.detail.hasPrefix("3 times in, once out, 2 × DUPLICATE_SKIP") == true)
  }

  @Test func aPipelineThatStopsAfterTheFirstProofFails() async throws {
    let results = try await Self.prove(.init(lives: 3), window: .milliseconds(300))
    #expect(Self.statuses(results) == [.fail, .fail, .pass], "\(results)")
  }

  @Test func aRouterThatPublishesEveryDecisionTwiceFails() async throws {
    let results = try await Self.prove(.init(publishes: 2))
    #expect(Self.statuses(results) == [.fail, .fail, .pass], "\(results)")
  }

  @Test func aSecondEntryThatComesLateIsSeen() async throws {
    let results = try await Self.prove(.init(publishes: 2, delay: .milliseconds(60)), within: .seconds(2))
    #expect(Self.statuses(results) == [.fail, .fail, .pass], "\(results)")
  }

  @Test func aRouterThatPublishesNothingFails() async throws {
    let results = try await Self.prove(.init(publishes: 0, ends: 0))
    #expect(Self.statuses(results) == [.fail, .fail, .skip], "\(results)")
  }

  @Test func aRouterThatSkipsNothingFails() async throws {
    let results = try await Self.prove(.init(publishesDuplicates: true))
    #expect(results["skipped"]?.status == .fail)
    #expect(results["control"]?.status == .pass)
  }

  @Test func aSkipWithoutItsLineFails() async throws {
    let results = try await Self.prove(.init(logsSkips: false))
    #expect(Self.statuses(results) == [.fail, .pass, .pass])
  }

  @Test func aLineWithAnotherTraceIsNoEvidence() async throws {
    let results = try await Self.prove(.init(loggedTrace: "somebody-elses"))
    #expect(Self.statuses(results) == [.fail, .pass, .pass])
  }

  @Test func anExecutionThatNeverEndsAProbeFails() async throws {
    let results = try await Self.prove(.init(ends: 0))
    #expect(Self.statuses(results) == [.pass, .pass, .fail])
  }

  @Test func anExecutionThatEndsAProbeTwiceFails() async throws {
    let results = try await Self.prove(.init(ends: 2))
    #expect(Self.statuses(results) == [.pass, .pass, .fail])
  }

  @Test func anOldSuccessInTheLogIsNoEvidence() async throws {
    let results = try await Self.prove(.init(logsSkips: false)) { pipeline, _ in
      try Scratch.write("DUPLICATE_SKIP trace_id=old\n", to: pipeline.routerLog)
    }
    #expect(results["skipped"]?.status == .fail)
  }

  @Test func aStreamOfAnotherTypeIsAProofThatCannotBeMade() async throws {
    await #expect(throws: ProbeError.self) {
      try await Self.prove(.init(lives: 0)) { pipeline, server in
        try server.connect().call(["SET", pipeline.out, "x"])
      }
    }
  }

  static let template = Manifest.ProbeShape.template([
    Manifest.ProbeField("kind", "order"), Manifest.ProbeField("body", #"{"id":"${trace_id}","at":"${timestamp}"}"#),
  ])

  @Test func anotherPipelineIsProvedByItsOwnKindOfEntry() async throws {
    let sound = try await Self.prove(
      .init(field: "body"), window: .milliseconds(300), within: .seconds(5), probe: Self.template)
    #expect(Self.statuses(sound) == [.pass, .pass, .pass], "\(sound)")
    let twice = try await Self.prove(.init(publishes: 2, field: "body"), probe: Self.template)
    #expect(Self.statuses(twice) == [.fail, .fail, .pass], "\(twice)")
    // What the shipped services never write is not taken for theirs.
    let other = try await Self.prove(.init(field: "body"), probe: .decision)
    #expect(other["control"]?.status == .fail, "\(other)")
  }

  @Test func aTemplateIsFilledInNewEachTime() throws {
    let probes = try ProbeEntry.fresh(2, Self.template)
    let bodies = probes.compactMap { $0.fields.last?.value }
    #expect(Set(bodies).count == 2 && zip(probes, bodies).allSatisfy { $1.contains($0.trace) })
    #expect(bodies.allSatisfy { !$0.contains("$") && $0.contains("+00:00\"}") })
    #expect(try ProbeEntry.fresh(2, .off) == [])
  }

  @Test func aProbeThatIsSwitchedOffIsSaidToProveNothing() async throws {
    var subject = VerifierTests.subject(nil)
    subject.verify.duplicates?.probe = .off
    subject.verify.groups = []
    try await RedisServer.with { server in
      subject.redis = VerifierTests.url(server)
      let results = await VerifierTests.run(subject) { $0.probe = true }
      let proof = results.filter { $0.id.hasPrefix("dedup.") }
      #expect(proof.count == 2 && proof.allSatisfy { $0.status == .skip && $0.detail.contains("is not proved") })
      let written = try server.connect().call(["EXISTS", "in"]).integer
      #expect(written == 0)
    }
  }

  @Test func everyProbeIsNewAndHasATimeOfItsOwn() throws {
    let probes = try ProbeEntry.fresh(3) + ProbeEntry.fresh(3)
    #expect(Set(probes.map(\.trace)).count == 6)
    let payloads = try ProbeEntry.fresh(3).map { $0.fields.first { $0.name == "payload" }?.value }
    #expect(Set(payloads).count == 3)
    for probe in probes {
      #expect(probe.fields.contains { $0.name == "probe" && $0.value == "1" })
      #expect(probe.fields.contains { $0.name == "payload" && $0.value.contains("\"quantity\":0") })
    }
  }
}
