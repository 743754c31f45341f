import Basics
import Deployment
import Manifests
import Testing

@Suite struct ManifestDecodingTests {
  @Test func theExampleOfTheDesignIsExactlyThisManifest() throws {
    var binary = Manifest.File(
      source: "../.build/release/quantum-execution", target: "/usr/local/bin/quantum-execution")
    binary.mode = 0o755
    var environment = Manifest.File(source: "quantum-execution.env", target: "/etc/quantum/execution.env")
    environment.mode = 0o640
    environment.secret = true
    environment.keep = true
    var expected = Manifest(
      name: "quantum", version: "1.0.0",
      services: [Manifest.Service(unit: "quantum-execution.service", files: [binary, environment])])
    expected.services[0].ready = .seconds(30)
    expected.services[0].stop = .seconds(10)
    expected.redis = "redis://127.0.0.1:6379/0"
    expected.verify.groups = [
      Manifest.ConsumerGroup(stream: "quantum:stream:trade.intent", group: "quantum:group:execution:trade.intent")
    ]
    var duplicates = Manifest.Duplicates(
      into: "quantum:stream:ai.decision.made", out: "quantum:stream:trade.intent",
      unit: "quantum-ai-strategy-router.service")
    duplicates.terminal = Manifest.Terminal(unit: "quantum-execution.service")
    expected.verify.duplicates = duplicates
    expected.verify.commands = [Manifest.Command(name: "config", run: ["/usr/bin/true"])]
    expected.verify.http = [Manifest.HTTP(url: "http://127.0.0.1:8080/health")]
    expected.verify.tcp = [Manifest.TCP(address: "127.0.0.1:6379")]
    expected.verify.files = [
      Manifest.LogFile(log: "/var/log/quantum/router.log", unit: "quantum-ai-strategy-router.service")
    ]

    expected.services[0].files[0].namesOwner = true
    expected.services[0].files[0].namesGroup = true

    let decoded = try Manifest(yaml: designExample, file: "qtctl.yaml")

    #expect(decoded == expected)
    #expect(decoded.services.map(\.ready) == [.seconds(30)] && decoded.services.map(\.stop) == [.seconds(10)])
    #expect(decoded.rollback.deadline == .seconds(120) && decoded.verify.stable == .seconds(15))
  }

  @Test func whatIsNotWrittenKeepsItsDefault() throws {
    let decoded = try Manifest(yaml: "name: shop\nservices: [{unit: shop.service}]", file: "qtctl.yaml")
    #expect(decoded == Manifest(name: "shop", services: [Manifest.Service(unit: "shop.service")]))
  }

  @Test func everyKeyThatIsWrittenReplacesItsDefault() throws {
    let decoded = try Manifest(yaml: allChanged, file: "qtctl.yaml")
    let service = try #require(decoded.services.first)
    let file = try #require(service.files.first)
    #expect(decoded.files.map(\.target) == ["/c", "/d", "/l"])
    #expect(decoded.files[0].restartedUnits == ["shop.service"] && decoded.files[2].link == "l")
    #expect(decoded.files[1].exclude == Exclusion(["*.log"]) && decoded.files[1].extra == .remove)
    #expect(decoded.start == .together && service.state == .asFound)
    #expect(service.ready == .milliseconds(1500) && service.stop == .zero)
    #expect(file.source == "s" && file.mode == 0o4750 && file.owner == "o" && file.group == "g")
    #expect(file.secret && file.keep && file.reload && decoded.reloadedTargets == ["/t"])
    #expect(decoded.hooks.prepare == Manifest.Hook(run: ["/p"], within: .seconds(60)))
    #expect(decoded.hooks.migrate == Manifest.Hook(run: ["./m", "up"], undo: ["./m", "down"], within: .seconds(120)))
    #expect(decoded.hooks.finished == Manifest.Hook(run: ["f/g"], within: .seconds(3)))
    #expect(decoded.backups.directory == "b" && decoded.backups.keep == 3 && decoded.redis == "unix:///r")
    #expect(decoded.rollback.deadline == .seconds(60) && decoded.verify.stable == .seconds(7200))
    #expect(decoded.verify.groups.map { [$0.consumers, $0.pending, $0.lag] } == [[4, 5, 6]])
    let duplicates = try #require(decoded.verify.duplicates)
    #expect(
      duplicates.into == "i" && duplicates.out == "o" && duplicates.log == "D" && duplicates.within == .seconds(7))
    #expect(duplicates.terminal?.log == "T" && duplicates.terminal?.stale == "S")
    #expect(duplicates.probe == .template([Manifest.ProbeField("k", "x ${trace_id}")]))
    #expect(decoded.verify.deadLetters == ["d", "e"] && decoded.verify.deadLetterSeverity == ["e": .warn])
    #expect(decoded.verify.http.map(\.body) == ["b"] && decoded.verify.http.map(\.ca) == ["/c"])
    #expect(decoded.verify.commands.map(\.repeats) == [false])
    #expect(
      [service.severity, duplicates.severity, decoded.verify.groups[0].severity, decoded.verify.commands[0].severity]
        + [decoded.verify.http[0].severity, decoded.verify.tcp[0].severity] == Array(repeating: .warn, count: 6))
    #expect(decoded.verify.commands.map(\.name) == ["n"] && decoded.verify.commands.map(\.within) == [.seconds(8)])
    #expect(decoded.verify.http.map(\.status) == [204] && decoded.verify.http.map(\.within) == [.seconds(9)])
    #expect(decoded.verify.tcp.map(\.within) == [.seconds(10)])
  }

  @Test func aNameThatCanBeTakenFromItsNeighbourIs() throws {
    let decoded = try Manifest(
      yaml: """
        name: web
        services: [{unit: nginx.service, files: [{target: /etc/nginx/nginx.conf}]}]
        verify:
          commands: [{run: [/usr/sbin/nginx, -t]}]
          http: [{url: "http://127.0.0.1:81"}]
          duplicates: {unit: nginx.service}
        """, file: "qtctl.yaml")
    #expect(decoded.services.first?.files.map(\.source) == ["nginx.conf"])
    #expect(decoded.verify.commands.map(\.name) == ["nginx"])
    #expect(decoded.verify.http.map(\.url) == ["http://127.0.0.1:81/"])
    #expect(decoded.verify.duplicates?.into == "quantum:stream:ai.decision.made")
    #expect(decoded.verify.duplicates?.out == "quantum:stream:trade.intent")
  }

  @Test(arguments: ManifestSample.good)
  func whatIsAtTheEdgeOfTheRulesIsAccepted(_ sample: ManifestSample) {
    #expect(throws: Never.self) { try Manifest(yaml: sample.yaml, file: "qtctl.yaml") }
  }
}

@Suite struct ProbeFieldTests {
  @Test(arguments: [
    ("plain", "plain"), ("${trace_id}", "T"),
    ("{\"id\":\"${trace_id}\",\"at\":\"${timestamp}\"}", "{\"id\":\"T\",\"at\":\"${trace_id}\"}"),
    ("a${trace_id}${trace_id}b", "aTTb"), ("costs $5 and ${", "costs $5 and ${"), ("${}", "${}"), ("", ""),
  ])
  func placeholdersAreFilledInOnce(text: String, filled: String) {
    // The moment is no moment here, but what was put in must not be taken for a placeholder.
    #expect(Manifest.ProbeField("f", text).filled(traceID: "T", timestamp: "${trace_id}") == filled)
  }
}
