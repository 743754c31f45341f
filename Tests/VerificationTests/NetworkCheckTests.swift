import Basics
import Deployment
import Glibc
import Testing

@testable import Verification

@Suite struct NetworkCheckTests {
  /// Runs one check of one item, as a verification does.
  static func result<C: Check>(_ check: C.Type, _ item: C.Item) async throws -> CheckResult {
    let run = VerificationRun(VerificationSubject(units: []), VerificationOptions())
    guard case .seen(let seen) = await C.look(at: item, .only, run) else { throw ProbeError("not looked at") }
    return C.judge(item, seen)
  }

  static func http(_ url: String, status: Int = 200, within: Duration = .seconds(5)) async throws -> CheckResult {
    var wanted = Manifest.HTTP(url: url)
    wanted.status = status
    wanted.within = within
    return try await result(HTTPStatus.self, wanted)
  }

  static func command(_ run: [String], within: Duration = .seconds(10)) async throws -> CheckResult {
    var wanted = Manifest.Command(name: "config", run: run)
    wanted.within = within
    return try await result(CommandExit.self, wanted)
  }

  static func tcp(_ address: String, within: Duration = .seconds(2)) async throws -> CheckResult {
    var wanted = Manifest.TCP(address: address)
    wanted.within = within
    return try await result(TCPOpen.self, wanted)
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", CheckResult.Status.pass, "status 200"),
    ("HTTP/1.0 200\r\n\r\n", .pass, "status 200"),
    ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", .pass, "status 200"),
    ("HTTP/1.1 503 Service Unavailable\r\n\r\n", .fail, "expected status 200, got 503"),
    ("HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", .fail, "got 302"),
    ("SSH-2.0-OpenSSH_9.2\r\n", .fail, "not HTTP"),
    ("HTTP/1.1 2000 OK\r\n", .fail, "not HTTP"),
    ("HTTP/1.1 20", .fail, "closed the connection"),
    ("", .fail, "closed the connection"),
  ])
  func aURLAnswersWithItsStatus(answer: String, status: CheckResult.Status, words: String) async throws {
    let wanted = Manifest.HTTP(url: "http://h/")
    let seen = try await Listener.answering(answer) { listener in
      let once = Manifest.HTTP(url: "http://127.0.0.1:\(listener.port)/health")
      return await HTTPAnswer.look(at: once, within: .seconds(5))
    }
    let result = HTTPStatus.judge(wanted, seen)
    #expect(result.status == status, "\(result)")
    #expect(result.detail.contains(words), "\(result)")
    if status == .pass { #expect(result.evidence["status"] == 200) }
  }

  @Test func aServerThatNeverAnswersFailsInTime() async throws {
    try await Listener.silent { listener in
      let start = ContinuousClock.now
      let result = try await Self.http("http://127.0.0.1:\(listener.port)/", within: .milliseconds(200))
      #expect(result.status == .fail && result.evidence["status"] == .null)
      #expect(result.detail.contains("did not answer in time"), "\(result)")
      #expect(start.duration(to: .now) < .seconds(2))
    }
  }

  @Test(
    arguments: [
      ("http://h/", "h", 80, "/"), ("http://h:8080", "h", 8080, "/"), ("http://[::1]:81/a?b=c#d", "::1", 81, "/a?b=c"),
      ("HTTP://h?x", "h", 80, "/?x"),
    ] as [(String, String, UInt16, String)])
  func aURLIsReadInItsParts(url: String, host: String, port: UInt16, path: String) throws {
    let request = try HTTPRequest(url)
    #expect(request.address.host == host && request.address.port == port && request.path == path)
    #expect(String(decoding: request.bytes, as: UTF8.self).hasPrefix("GET \(path) HTTP/1.1\r\nHost: "))
  }

  @Test(arguments: [
    "https://h/", "ftp://h", "http://", "http://:80/", "http://h:0/", "http://h:99999/", "http://h/a b",
  ])
  func aURLThatIsNotSpokenIsAFailedCheck(url: String) async throws {
    #expect(try await Self.http(url).status == .fail)
  }

  @Test func anAddressThatAcceptsIsOpenAndOneThatDoesNotFails() async throws {
    try await Listener.silent { listener in
      let open = try await Self.tcp("127.0.0.1:\(listener.port)")
      #expect(open.status == .pass)
    }
    let closed = try await Self.tcp("127.0.0.1:\(try Listener.closedPort())")
    #expect(closed.status == .fail && closed.detail.contains("refused"), "\(closed)")
  }

  @Test(arguments: ["", "h", "h:", ":80", "h:0", "h:x", "[::1", "[::1]80", "h:80:90"])
  func anAddressThatIsNoneIsAFailedCheck(address: String) async throws {
    #expect(try await Self.tcp(address).detail.contains("is not host:port"))
  }

  @Test func aProgramThatEndsWellPassesAndItsOutputIsKept() async throws {
    let result = try await Self.command(["/bin/echo", "all", "is well"])
    #expect(result.status == .pass && result.evidence["output"] == "all is well", "\(result)")
  }

  @Test func aProgramThatFailsShowsItsStatusAndTheEndOfWhatItPrinted() async throws {
    let script = "i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i+1)); done; echo bad config >&2; exit 3"
    let result = try await Self.command(["/bin/sh", "-c", script])
    #expect(result.status == .fail && result.evidence["exit"] == 3)
    #expect(result.detail.contains("got 3") && result.detail.hasSuffix("line 499\nbad config"), "\(result)")
    #expect(result.detail.utf8.count < 1000)
  }

  @Test func aProgramKilledByASignalFails() async throws {
    let result = try await Self.command(["/bin/sh", "-c", "kill -9 $$"])
    #expect(result.status == .fail && result.evidence["signal"] == 9)
  }

  @Test func aProgramThatHangsIsKilledWithAllItStarted() async throws {
    try await Scratch.with { folder in
      let script = "sleep 300 & echo $! > \(folder)/child; echo begun; wait"
      let start = ContinuousClock.now
      let result = try await Self.command(["/bin/sh", "-c", script], within: .milliseconds(300))
      #expect(start.duration(to: .now) < .seconds(3))
      #expect(result.status == .fail && result.detail.contains("to exit 0 within"))
      #expect(result.evidence["output"] == "begun")
      let child = try #require(Scratch.read(folder + "/child").flatMap { pid_t($0) })
      let deadline = ContinuousClock.now + .seconds(5)
      while kill(child, 0) == 0, !Scratch.isZombie(child), ContinuousClock.now < deadline { usleep(5000) }
      #expect(kill(child, 0) != 0 || Scratch.isZombie(child))
    }
  }

  @Test func aProgramThatDoesNotExistIsAFailedCheck() async throws {
    let result = try await Self.command(["/nonexistent/program"])
    #expect(result.status == .fail && result.detail.contains("/nonexistent/program"), "\(result)")
    #expect(try await Self.command([]).status == .fail)
  }

  @Test func whatBlocksDoesNotHoldUpTheOthers() async throws {
    let start = ContinuousClock.now
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<16 { group.addTask { await BlockingThread.run { _ = usleep(200_000) } } }
    }
    #expect(start.duration(to: .now) < .seconds(2))
    #expect(await BlockingThread.run(within: .milliseconds(50)) { usleep(400_000) } == nil)
    #expect(await BlockingThread.run(within: .seconds(5)) { 7 } == 7)
  }

  @Test(
    arguments: [
      (.milliseconds(40), "40 ms"), (.seconds(15), "15 s"), (.milliseconds(2500), "2.5 s"), (.seconds(300), "5 min"),
      (.seconds(7200), "2 h"), (.zero, "0 ms"),
    ] as [(Duration, String)])
  func durationsAreSaidAsPeopleSayThem(duration: Duration, text: String) {
    #expect(duration.text == text)
  }

  @Test func aServerThatListensLateIsWaitedFor() async throws {
    let port = try Listener.closedPort()
    let server =
      "import http.server as h, time; time.sleep(0.7)\n"
      + "h.HTTPServer(('127.0.0.1', \(port)), h.SimpleHTTPRequestHandler).handle_request()"
    async let serving = CommandRun.run("/usr/bin/python3", ["-c", server], within: .seconds(20))
    let result = try await Self.http("http://127.0.0.1:\(port)/", within: .seconds(15))
    #expect(result.status == .pass, "\(result)")
    _ = await serving
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"ok\":true}", CheckResult.Status.pass, "its body contains"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"ok\":false}", .fail, "does not contain '\"ok\":true'; it begins"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\na\nb\u{1b}\n\n", .fail, "it begins: a b\\x1b"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .fail, "it is empty"),
    ("HTTP/1.1 500 Oops\r\nContent-Length: 11\r\n\r\n{\"ok\":true}", .fail, "got 500"),
  ])
  func theBodyHoldsTheTextThatTheManifestNames(answer: String, status: CheckResult.Status, words: String) async throws {
    var wanted = Manifest.HTTP(url: "")
    (wanted.body, wanted.within) = ("\"ok\":true", .seconds(5))
    let seen = try await Listener.answering(answer) { [wanted] listener in
      var wanted = wanted
      wanted.url = "http://127.0.0.1:\(listener.port)/"
      return await HTTPAnswer.look(at: wanted, within: .seconds(5))
    }
    let result = HTTPStatus.judge(wanted, seen)
    #expect(result.status == status && result.detail.contains(words), "\(result)")
  }

  @Test func whatACheckLeavesRunningIsKilledWithItsGroup() async throws {
    let result = try await Self.command(["/bin/sh", "-c", "sleep 987 >/dev/null 2>&1 & echo $!"])
    guard result.status == .pass, case .string(let text)? = result.evidence["output"], let pid = pid_t(text) else {
      Issue.record("\(result)")
      return
    }
    for _ in 0..<100 where kill(pid, 0) == 0 { try await Task.sleep(for: .milliseconds(20)) }
    #expect(kill(pid, 0) != 0)
  }

  @Test func aCommandIsRepeatedUntilItPassesUnlessItHasSideEffects() async throws {
    try await Scratch.with { folder in
      let script = "echo x >> \(folder)/runs; test $(wc -l < \(folder)/runs) -ge 3"
      let passed = try await Self.command(["/bin/sh", "-c", script])
      #expect(passed.status == .pass, "\(passed)")
      var once = Manifest.Command(name: "once", run: ["/bin/sh", "-c", "echo x >> \(folder)/once; exit 1"])
      once.repeats = false
      let failed = try await Self.result(CommandExit.self, once)
      #expect(failed.status == .fail)
      let once2 = try await Self.command(["/bin/sh", "-c", "test $(wc -l < \(folder)/once) -eq 1"])
      #expect(once2.status == .pass)
    }
  }

  @Test func whatIsOnlyToWarnDoesNotFail() async throws {
    var subject = VerificationSubject(units: [])
    var wanted = Manifest.TCP(address: "127.0.0.1:\(try Listener.closedPort())")
    (wanted.severity, wanted.within) = (.warn, .milliseconds(100))
    subject.verify.tcp = [wanted]
    let results = await Verifier(subject: subject, options: VerificationOptions(stable: .zero)).run()
    #expect(results.map(\.status) == [.warn])
  }
}
