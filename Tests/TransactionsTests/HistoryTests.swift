import Deployment
import FileOperations
import Glibc
import HostState
import Testing
import Transactions
import Units

@Suite("The history")
struct HistoryTests {
  let sandbox: Sandbox
  var history: History { History(StateFolder(path: sandbox.root + "/state")) }
  init() throws {
    sandbox = try Sandbox()
    try TestFiles.write("", to: sandbox.root + "/state/history.jsonl")
  }

  static let release = ReleaseIdentity(version: "1", digest: "aa")

  static func entry(
    _ outcome: Outcome, _ exit: Deployment.ExitStatus, fault: HistoryEntry.Fault? = nil, name: String = "app",
    to: ReleaseIdentity? = release, reason: String? = nil, started: Int = 1
  ) -> HistoryEntry {
    HistoryEntry(
      name: name, command: "deploy", outcome: outcome, to: to, user: "root", reason: reason, started: started,
      seconds: 1, exit: exit.rawValue, fault: fault)
  }

  @Test("takes an entry once, however long it is, and goes on behind a torn line", arguments: [0, 5000, 300_000])
  func append(_ length: Int) throws {
    let long = Self.entry(.failed, .unhealthy, reason: String(repeating: "x", count: length))
    let next = Self.entry(.deployed, .done, started: 2)
    for entry in [next, long, long] { try history.append(entry) }
    #expect(try history.last(9).entries == [next, long])
    let path = sandbox.root + "/state/history.jsonl"
    try TestFiles.write(TestFiles.read(path) + "{\"torn\":", to: path)
    try history.append(long)
    #expect(try history.last(9).entries == [next, long])
    try history.append(next)
    #expect(try history.last(9).entries == [next, long, next])
    #expect(try history.last(1).entries == [next])
  }

  @Test("counts the lines that cannot be read, among those asked for")
  func unreadable() throws {
    let path = sandbox.root + "/state/history.jsonl"
    try history.append(Self.entry(.deployed, .done))
    try TestFiles.write("nonsense\n" + TestFiles.read(path) + "nonsense\n", to: path)
    #expect(try history.last(2) == (history.last(3).entries, 1))
    #expect(try history.last(3).unreadable == 2)
  }

  @Test("finds the transaction that is meant: the last one that is no command, or the one that took a backup")
  func meant() throws {
    #expect(throws: HistoryError.nothingDone(nil)) { try history.transaction(nil) }
    var (first, second) = (Self.entry(.deployed, .done, started: 1), Self.entry(.undone, .rolledBack, started: 2))
    (first.stamp, second.stamp) = (Stamp(seconds: 100), Stamp(seconds: 200))
    var restart = Self.entry(.done, .done, started: 3)
    restart.command = "restart app.service"
    for entry in [first, second, restart] { try history.append(entry) }
    #expect(try history.transaction(nil) == second && history.transaction(nil, of: "app") == second)
    #expect(try history.transaction("19700101_000140") == first)
    #expect(throws: HistoryError.nothingDone("other")) { try history.transaction(nil, of: "other") }
    #expect(throws: HistoryError.noSuchTransaction("19700101_000141")) { try history.transaction("19700101_000141") }
    #expect(throws: HistoryError.notAStamp("../x")) { try history.transaction("../x") }
    var twin = first
    twin.name = "other"
    try history.append(twin)
    #expect(throws: Refusal.self) { try history.transaction("19700101_000140") }
    #expect(try history.transaction("19700101_000140", of: "other") == twin)
  }

  @Test("lists one name alone where it is asked for, and as many entries of it")
  func names() throws {
    for started in 1...6 {
      try history.append(Self.entry(.deployed, .done, name: started % 2 == 0 ? "app" : "other", started: started))
    }
    #expect(try history.last(2, of: "app").entries.map(\.started) == [4, 6])
    #expect(try history.last(9, of: "nobody").entries.isEmpty)
    #expect(try history.last(2).entries.map(\.started) == [5, 6])
  }

  @Test("counts the seconds of planning and preflight")
  func seconds() async throws {
    let release = try sandbox.release("1", ["app": "one"])
    // The inventory is read before there is a journal.
    var asked = 0
    sandbox.services.onState = {
      asked += 1
      if asked == 1 { usleep(200_000) }
    }
    try await sandbox.deploy(release)
    #expect(try #require(history.last(1).entries.first).seconds >= 0.2)
  }

  @Test(
    "says of a release what was proved: failed, works, or nothing",
    arguments: [
      (entry(.undone, .rolledBack, fault: .content), .fails), (entry(.failed, .unhealthy, fault: .content), .fails),
      (entry(.undone, .rolledBack), nil), (entry(.failed, .refused), nil), (entry(.deployed, .done), .works),
      (entry(.unchanged, .done), .works), (entry(.unverified, .done), nil), (entry(.rolledBack, .done), .works),
      (entry(.deployed, .done, name: "other"), nil), (entry(.backedUp, .done), nil),
      (entry(.deployed, .done, to: ReleaseIdentity(version: "1", digest: "bb")), nil),
      (entry(.undone, .rolledBack, fault: .content, to: nil), nil),
    ] as [(HistoryEntry, HistoryEntry.Verdict?)])
  func verdict(_ entry: HistoryEntry, _ expected: HistoryEntry.Verdict?) {
    #expect(entry.verdict(on: Self.release, named: "app") == expected)
  }

  @Test("blames the release for its units and checks alone")
  func fault() {
    let failure = [CheckResult(id: "unit.active", subject: "a.service", status: .fail, detail: "")]
    let cases: [(any Error, HistoryEntry.Fault?)] = [
      (UnitError.notReady(unit: "a.service", why: ""), .content), (TransactionError.unhealthy(failure), .content),
      (TransactionError.unhealthy([]), nil), (UnitError.notReady(unit: "qtctl-dead-man.timer", why: ""), nil),
      (Interrupted(signal: "SIGINT"), nil), (UnitError.stillRunning(["a.service"]), nil),
      (FileChanged(path: "/x"), nil),
    ]
    for (error, expected) in cases { #expect(HistoryEntry.Fault(error, units: ["a.service"]) == expected, "\(error)") }
  }

  @Test("is read by entries that earlier versions wrote")
  func older() throws {
    let line = #"{"command":"deploy","exit":0,"name":"app","outcome":"deployed","seconds":1,"started":1,"user":"root"}"#
    try TestFiles.write(line + "\n", to: sandbox.root + "/state/history.jsonl")
    #expect(try history.last(1).entries.first?.outcome == .deployed)
  }
}
