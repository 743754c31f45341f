@testable import Commit
import Backups
import Deployment
import FileOperations
import Glibc
import HostState
import Preflight
import TestSupport
import Testing
import Transactions
import Units

/// What qtctl reads back from its own folders, and the files of units and programs.
@Suite("Fuzzing of records, units and programs", .serialized)
struct RecordFuzzTests {
  let sandbox: Sandbox
  init() throws { sandbox = try Sandbox() }

  /// What JSON may hold in place of what is wanted.
  private static let words = [
    "null", "-1", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "1e400", "-0.0", "1e18",
    "\"\"",
    "[[[[[[[[", "{}", "[]", "true", "\\u0000", "\\ud800", "/../", "..", "\"mode\":4294967295", "\"type\":\"directory\"",
    "\n",
  ]

  private func bytes(_ path: String) throws -> [UInt8] { try TarSample.bytes(of: path) }

  @Test("a backup's record with right checksums is restored or refused, and writes only where it may")
  func record() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"], secret: ["app"]))
    let stamp = try #require(try await sandbox.deploy(sandbox.release("2", ["app": "two", "new": "n"])).stamp)
    let folder = sandbox.store.folder(stamp)
    let sums = try Checksums.parse(bytes(folder + "/SHA256SUMS"))
    var fuzzer = Fuzzer("record", [try bytes(folder + "/backup.json")], words: Self.words + ["\"\(sandbox.root)/\""])
    fuzzer.finish = { bytes, _ in
      // Outside of its sandbox the test itself has nothing to lose.
      if !String(decoding: bytes, as: UTF8.self).contains(sandbox.root + "/live/app") { bytes = Array("{}".utf8) }
    }
    try await fuzzer.run { bytes in
      try TestFiles.write(bytes: bytes, to: folder + "/backup.json")
      var sums = sums
      sums["backup.json"] = try FileState.read(folder + "/backup.json").sha256
      try TestFiles.write(bytes: Checksums.text(sums), to: folder + "/SHA256SUMS")
      guard let record = try sandbox.store.look(at: stamp, .everyByte).record else { return }
      _ = RestoreScript(record: record).text
      _ = try? sandbox.store.list()
      _ = try? sandbox.store.check(stamp)
      _ = try? await Rollback(sandbox.context, recorder: StepRecorder()).preview(
        stamp.description, in: sandbox.store, name: "sandbox")
    }
  }

  @Test("a journal is followed as far as it can be read")
  func journal() async throws {
    let journal = TransactionJournal(StateFolder(path: sandbox.root + "/state"))
    let release = ReleaseIdentity(version: "1", digest: "aa")
    let stamp = try #require(Stamp("20260101_000000"))
    try TestFiles.write("", to: sandbox.root + "/state/transaction.jsonl")
    try journal.begin(
      .init(
        name: "a", command: "deploy", user: "root", pid: 1, started: 2, store: sandbox.root, from: release, to: release)
    )
    for record: TransactionJournal.Record in [
      .backup(stamp), .stage(folders: ["/srv/x"], files: ["/srv/x/.a.qtctl-staged"]),
      .commit(units: ["a.service"], files: ["/srv/x/a"], steps: ["stop a.service"], others: ["b.service"]),
      .step("stop a.service"), .undo("why"),
      .outcome(HistoryTests.entry(.failed, .unhealthy, reason: "why"), installed: nil),
    ] { try journal.append(record) }
    try await Fuzzer("journal", [bytes(journal.path)], words: Self.words).run { bytes in
      try TestFiles.write(bytes: bytes, to: journal.path)
      if let records = try? journal.read() { _ = InterruptedTransaction(records)?.begin }
      _ = Recovery.waiting(StateFolder(path: sandbox.root + "/state"))
    }
  }

  @Test("a history is listed with the lines that can be read")
  func history() async throws {
    let path = sandbox.root + "/state/history.jsonl"
    try TestFiles.write("", to: path)
    let history = History(StateFolder(path: sandbox.root + "/state"))
    for outcome in [Outcome.deployed, .rolledBack, .failed] { try history.append(HistoryTests.entry(outcome, .done)) }
    try await Fuzzer("history", [bytes(path)], words: Self.words).run { bytes in
      try TestFiles.write(bytes: bytes, to: path)
      let (entries, unreadable) = try history.last(20)
      try #require(entries.count + unreadable <= 20)
      _ = try history.left(of: "app")
      _ = try history.newest(holding: "aa") { $0.exit == 0 }
    }
  }

  @Test("unit files and environment files are read")
  func texts() async throws {
    let units = ["quantum-execution.service", "qtctl-recover.service"].map { Checkout.root + "/units/" + $0 }
    let words = [
      "\\\n", "\r\n", "\u{FEFF}", "[", "]", "=", "#", ";", "%i", "$$", "\"", "'", "\\", "\\x", "\u{0}", "-@!+",
      "\u{2028}",
    ]
    try await Fuzzer("unit", units.map(bytes), words: words + ["[Service]", "ExecStart=", "EnvironmentFile=-"]).run {
      bytes in
      let text = UnitText(String(decoding: bytes, as: UTF8.self))
      for setting in text.settings {
        _ = PathWords.paths(in: setting.value)
      }
    }
    let files = ["execution.env", "router.env"].map { Checkout.root + "/units/" + $0 }
    try await Fuzzer("environment", files.map(bytes), words: words + ["A=b", "export "]).run { bytes in
      let text = EnvironmentText(bytes)
      _ = text.variables.count + text.dropped.count + text.doubts.count
    }
  }

  @Test("a program and the cache of the loader are read, and nothing behind their ends")
  func programs() async throws {
    let path = sandbox.root + "/program"
    let sample = Array(try bytes("/bin/true").prefix(1 << 20))
    let words = ["\u{0}\u{0}\u{0}\u{0}", "\u{7f}ELF", "$ORIGIN", "#!/bin/sh\n", "\u{1}", "\u{2}"]
    var fuzzer = Fuzzer("elf", [sample], words: words)
    fuzzer.words += [[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0x80]]
    fuzzer.finish = { bytes, random in
      // Most of a program is its code: change the parts that are read too.
      for _ in 0..<Int.random(in: 0...4, using: &random) where bytes.count > 0x400 {
        bytes[Int.random(in: 0..<0x400, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
    }
    try await fuzzer.run { bytes in
      try TestFiles.write(bytes: bytes, to: path)
      guard case .elf(let image) = ProgramFormat(try FileWindow(path)) else { return }
      _ = image.links.needed.count + image.links.required.count
    }
    let cache = Array(try bytes("/etc/ld.so.cache").prefix(4096))
    try await Fuzzer("loader-cache", [cache], words: words).run { bytes in _ = LoaderCache(bytes)?.paths("libc.so.6") }
  }
}
