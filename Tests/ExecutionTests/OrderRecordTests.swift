import Glibc
import TestSupport
import Testing

@testable import Execution

@Suite struct OrderRecordTests {
  @Test func whatWasCoveredIsKnownToTheNextProcess() async throws {
    try await TemporaryFolder.with { folder in
      let first = try begin(folder, epoch: 5, since: 1000)
      #expect(try first.cover([id(1), id(2)], at: 2000) == [false, false])
      first.note(result: "2000-1", stateKey: "quantum:order:a")
      #expect(try first.cover([id(2), id(3)], at: 3000) == [true, false])
      let second = OrderRecord(in: folder.path, retention: .seconds(100))
      try second.load()
      #expect(second.lastEpoch == 5)
      #expect(second.since == 1000)
      #expect(second.window == 500)
      #expect(!second.isDamaged)
      #expect(second.lastResult?.id == "2000-1")
      #expect(second.lastResult?.stateKey == "quantum:order:a")
      try second.begin(epoch: 6, window: 100, at: 4000, isPartial: false)
      #expect(try second.cover([id(1), id(3), id(4)], at: 4000) == [true, true, false])
    }
  }

  @Test func twinsAreFoundInEverySegmentAndAfterManyStarts() async throws {
    try await TemporaryFolder.with { folder in
      for epoch in 1...20 {
        let record = OrderRecord(in: folder.path, retention: .seconds(100))
        try record.load()
        try record.begin(epoch: Int64(epoch), window: 1, at: 1, isPartial: false)
        _ = try record.cover(
          [
            RecordedOrder(id: id(epoch).id, effect: epoch % 2 == 0 ? 7 : nil),
            RecordedOrder(id: id(50).id, effect: .max),
          ],
          at: 2)
        #expect(record.twins(of: id(2).id, effect: 7).count == max(0, epoch / 2 - 1))
        #expect(record.twins(of: id(51).id, effect: .max) == [id(50).id])
        #expect(record.twins(of: id(50).id, effect: .max).isEmpty)
        #expect(record.twins(of: id(1).id, effect: 8).isEmpty)
      }
    }
  }

  @Test func theFirstActionOfAnOrderIsKnownAlsoAfterManyStarts() async throws {
    try await TemporaryFolder.with { folder in
      let actions: [Substring] = [
        "BUY", "SELL", "CLOSE", "BUY(reduce_only)", "SELL(reduce_only)", "CLOSE(reduce_only)",
      ]
      func order(_ number: Int, _ action: Substring) -> RecordedOrder {
        RecordedOrder(id: id(number).id, effect: 1, action: RecordedAction(action))
      }
      let first = try begin(folder, epoch: 1, since: 0)
      _ = try first.cover(actions.enumerated().map { order($0, $1) }, at: 1)
      // Of one batch, and of a later one.
      _ = try first.cover([order(50, "BUY"), order(50, "CLOSE"), order(0, "CLOSE"), id(51)], at: 1)
      for epoch in 2...40 {
        let record = OrderRecord(in: folder.path, retention: .seconds(100))
        try record.load()
        #expect(!record.isDamaged)
        for (number, action) in actions.enumerated() {
          #expect(record.action(of: id(number).id)?.action == String(action))
        }
        #expect(record.action(of: id(50).id)?.action == "BUY")
        #expect(record.action(of: id(51).id) == nil)
        try record.begin(epoch: Int64(epoch), window: 1, at: 1, isPartial: false)
      }
      for wrong in ["", "BUYING", "HOLD", "buy", "BUY(reduce)"] as [Substring] { #expect(RecordedAction(wrong) == nil) }
    }
  }

  @Test func aTornEndLosesOnlyWhatWasNeverSent() async throws {
    try await TemporaryFolder.with { folder in
      let first = try begin(folder, epoch: 5, since: 0)
      _ = try first.cover([id(1)], at: 1)
      let text = try folder.read("orders-5-1")
      try folder.write(text + "batch 2 - -\nqt-0000", to: "orders-5-1")
      let second = OrderRecord(in: folder.path, retention: .seconds(100))
      try second.load()
      #expect(!second.isDamaged)
      #expect(second.count == 1)
      // A header that is not whole: nothing was sent under it.
      try folder.write("qtctl-ord", to: "orders-6-1")
      try second.load()
      #expect(!second.isDamaged)
      #expect(second.lastEpoch == 5)
    }
  }

  @Test(arguments: [
    "garbage\n", "qt-00000000000000000000000000000001 00000000000000ff X\n",
    "qt-00000000000000000000000000000001 00000000000000ff  B\n", "qt-0000000000000000000000000000000x\n",
    "qt-00000000000000000000000000000001 12\n", "\0\0\0\0\n",
    "batch x - -\n",
  ])
  func aRecordThatCannotBeReadIsNotTrusted(_ line: String) async throws {
    try await TemporaryFolder.with { folder in
      let first = try begin(folder, epoch: 5, since: 0)
      _ = try first.cover([id(1)], at: 1)
      try folder.write(try folder.read("orders-5-1") + line, to: "orders-5-1")
      let second = OrderRecord(in: folder.path, retention: .seconds(100))
      try second.load()
      #expect(second.isDamaged)
    }
  }

  @Test func whatIsTooOldOrTooMuchGoesAndIsSaidToBeUncovered() async throws {
    try await TemporaryFolder.with { folder in
      let record = OrderRecord(in: folder.path, retention: .seconds(100), limit: 160)
      try record.load()
      try record.begin(epoch: 1, window: 1, at: 0, isPartial: false)
      for number in 0..<400 { _ = try record.cover([id(number)], at: Int64(number)) }
      #expect(record.count <= 160)
      #expect(record.since > 200)
      #expect(try record.cover([id(399)], at: 400) == [true])
      #expect(try record.cover([id(0)], at: 400) == [false])
      // Time alone does it too.
      _ = try record.cover([id(500)], at: 500_000)
      _ = try record.cover([id(501)], at: 500_001)
      #expect(record.count <= 12)
      #expect(record.since > 399)
      #expect(try names(folder).count <= 2)
    }
  }

  @Test func manyStartsLeaveFewFilesAndForgetNothing() async throws {
    try await TemporaryFolder.with { folder in
      for epoch in 1...40 {
        let record = OrderRecord(in: folder.path, retention: .seconds(100))
        try record.load()
        try record.begin(epoch: Int64(epoch), window: 1, at: 1, isPartial: false)
        _ = try record.cover([id(epoch)], at: 2)
      }
      #expect(try names(folder).count < 20)
      let record = OrderRecord(in: folder.path, retention: .seconds(100))
      try record.load()
      try record.begin(epoch: 41, window: 1, at: 1, isPartial: false)
      #expect(try record.cover((1...40).map(id), at: 3) == Array(repeating: true, count: 40))
    }
  }

  @Test func whenTheDiskRefusesNothingIsCoveredAndTheNextBatchGoesToAnotherFile() async throws {
    try await TemporaryFolder.with { folder in
      let record = try begin(folder, epoch: 5, since: 0)
      var limit = rlimit()
      // A file of the record cannot grow over that; SIGXFSZ would end the process.
      signal(SIGXFSZ, SIG_IGN)
      getrlimit(__rlimit_resource_t(1), &limit)
      var small = rlimit(rlim_cur: 200, rlim_max: limit.rlim_max)
      setrlimit(__rlimit_resource_t(1), &small)
      let result = Result { try record.cover((0..<100).map(id), at: 1) }
      setrlimit(__rlimit_resource_t(1), &limit)
      #expect(throws: StateFileError.self) { try result.get() }
      #expect(try record.cover([id(1)], at: 2) == [false])
      #expect(try names(folder).contains("orders-5-2"))
    }
  }

  @Test func theIdOfAnOrderIsReadAndWrittenAlike() throws {
    let id = "qt-00ff0123456789abcdef0123456789ab"
    #expect(RecordSegment.key(id.utf8).map(RecordSegment.id) == id)
    for wrong in ["", "qt-", "qt-00FF0123456789abcdef0123456789ab", id + "0", "xx" + id.dropFirst(2)] {
      #expect(RecordSegment.key(wrong.utf8) == nil)
    }
  }

  private func begin(_ folder: TemporaryFolder, epoch: Int64, since: Int64) throws -> OrderRecord {
    let record = OrderRecord(in: folder.path, retention: .seconds(100))
    try record.load()
    try record.begin(epoch: epoch, window: 500, at: since, since: since, isPartial: false)
    return record
  }

  private func id(_ number: Int) -> RecordedOrder {
    RecordedOrder(id: RecordSegment.id(UInt128(number)), effect: UInt64(number) % 1000)
  }

  private func names(_ folder: TemporaryFolder) throws -> [String] {
    guard let stream = opendir(folder.path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasPrefix(RecordSegment.prefix) { names.append(name) }
    }
    return names
  }
}
