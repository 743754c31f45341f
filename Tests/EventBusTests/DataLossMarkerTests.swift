import EventBus
import Glibc
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct DataLossMarkerTests {
  private static let before = DataLossMarker(
    runID: "r", replicationID: "h", offset: 100, mark: "m", epoch: 9, lastIDs: ["s": "20-1"])

  @Test(
    arguments: [
      (
        DataLossMarker(runID: "another", replicationID: "i", offset: 0, mark: "m", epoch: 9, lastIDs: ["s": "20-1"]), []
      ),
      (DataLossMarker(replicationID: "h", offset: 101, mark: "m", epoch: 10, lastIDs: ["s": "100-0"]), []),
      (DataLossMarker(epoch: 9, lastIDs: ["s": "20-1"]), ["its mark 'm' is gone"]),
      (
        DataLossMarker(mark: "n", epoch: 9, lastIDs: ["s": "20-1"]),
        ["it carries the mark 'n' and not 'm', so it is another Redis"]
      ),
      (DataLossMarker(mark: "m", epoch: 8, lastIDs: ["s": "20-1"]), ["its epoch is 8, and 9 had been taken"]),
      (DataLossMarker(mark: "m", epoch: 9, lastIDs: ["s": "20-0"]), ["'s' ends at 20-0, and had come to 20-1"]),
      (DataLossMarker(mark: "m", epoch: 9, lastIDs: ["s": "9-9"]), ["'s' ends at 9-9, and had come to 20-1"]),
      (DataLossMarker(mark: "m", epoch: 9, lastIDs: ["s": "0-0"]), ["'s' is gone, and had come to 20-1"]),
      // It may not be looked at: nothing is known.
      (DataLossMarker(mark: "m", epoch: 9), []),
      (
        DataLossMarker(replicationID: "h", offset: 99, mark: "m", epoch: 9),
        ["it has its history up to byte 99, and 100 had been written"]
      ),
    ] as [(DataLossMarker, [String])])
  func aRedisThatShowsLessIsToldFromOneThatWasOnlyRestarted(_ now: DataLossMarker, _ missing: [String]) {
    #expect(now.missing(since: Self.before) == missing)
  }

  @Test func aRestartThatLostNothingLacksNothingAndAWipeLacksEverything() throws {
    // Under `everysec` one that is killed may lose what a slow disk kept it from writing.
    try RedisServer.with(.init(configuration: ["appendfsync always"])) { server in
      let first = try server.connect()
      try Stream("s").publish([Field("a", "b")], on: first)
      #expect(try DataLossMarker.establish("m", key: "mark", on: first) == "m")
      #expect(try DataLossMarker.establish("n", key: "mark", on: first) == "m")
      _ = try Fence.take("epoch", on: first)
      let before = try look(first)
      server.kill()
      try server.start()
      let second = try server.connect()
      let after = try look(second)
      #expect(after.runID != before.runID)
      #expect(after.missing(since: before) == [])
      try second.call(["FLUSHALL"])
      #expect(try look(second).missing(since: before).count == 3)
    }
  }

  @Test func aPromotedReplicaThatLaggedLacksBytes() throws {
    try RedisServer.with(.init(tcp: true)) { master in
      guard case .tcp(let host, let port)? = master.tcpEndpoint?.address else { return }
      try RedisServer.with { replica in
        let (old, new) = (try master.connect(), try replica.connect())
        try new.call(["REPLICAOF", host, String(port)])
        while try old.call(["WAIT", "1", "100"]).integer != 1 { try old.call(["SET", "x", "1"]) }
        let synced = try look(old)
        try new.call(["REPLICAOF", "NO", "ONE"])
        #expect(try look(new).missing(since: synced) == [])
        for number in 1...3 { try old.call(["SET", "x", String(number)]) }
        #expect(try look(new).missing(since: try look(old)).count == 1)
      }
    }
  }

  @Test func anEpochNeverRepeatsAlsoAfterRedisWentBack() throws {
    try TestBus.with { bus in
      let first = try Fence.take("epoch", on: bus.connection)
      let second = try Fence.take("epoch", on: bus.connection)
      #expect(second.epoch > first.epoch)
      #expect(second.previous == first.epoch)
      // Two within a millisecond are told apart by their order alone.
      usleep(5000)
      try bus.connection.call(["FLUSHALL"])
      #expect(try Fence.current("epoch", on: bus.connection) == 0)
      let third = try Fence.take("epoch", on: bus.connection)
      #expect(third.epoch > second.epoch)
      #expect(third.previous == 0)
      // The clock of another server may be behind.
      #expect(try Fence.take("epoch", after: 1 << 52, on: bus.connection).epoch == 1 << 52 + 1)
    }
  }

  @Test func aLossIsOpenUntilItOrALaterOneIsAccepted() throws {
    try TestBus.with { bus in
      let notice = DataLossNotice(key: "loss", acceptedKey: "accepted")
      #expect(try notice.open(on: bus.connection) == [])
      let losses = [DataLossNotice.Loss(id: 9, text: "one"), .init(id: 10, text: "two"), .init(id: 11, text: "three")]
      for loss in losses { try notice.add(loss, on: bus.connection) }
      #expect(try notice.open(on: bus.connection) == losses)
      #expect(notice.acceptance(of: losses[1]) == "redis-cli SET accepted 10")
      try bus.connection.call(["SET", "accepted", "10"])
      #expect(try notice.open(on: bus.connection) == [losses[2]])
      #expect(try notice.isAccepted(losses[0], on: bus.connection))
      #expect(try !notice.isAccepted(losses[2], on: bus.connection))
    }
  }

  @Test func aProcessThatKeepsNothingSaysOnceWhatItMissesAndWhatOthersFound() throws {
    try TestBus.with { bus in
      let notice = DataLossNotice(key: "loss", acceptedKey: "accepted")
      let watch = DataLossWatch(notice, markKey: "mark", epochKey: "epoch", streams: ["source"])
      #expect(try watch.connected(on: bus.connection) == nil)
      try bus.publish("1")
      try watch.refresh(on: bus.connection)
      #expect(try watch.connected(on: bus.connection) == nil)
      try bus.connection.call(["FLUSHALL"])
      #expect(try watch.connected(on: bus.connection)?.hasPrefix("'source' is gone, and had come to ") == true)
      #expect(watch.alarm != nil)
      try notice.add(.init(id: 7, text: "another"), on: bus.connection)
      #expect(try watch.connected(on: bus.connection) == "another")
      #expect(try watch.connected(on: bus.connection) == nil)
      #expect(watch.alarm == "another")
      try bus.connection.call(["SET", "accepted", "7"])
      #expect(try watch.connected(on: bus.connection) == nil)
      #expect(watch.alarm == nil)
    }
  }

  private func look(_ connection: Connection) throws -> DataLossMarker {
    try DataLossMarker.look(key: "mark", epochKey: "epoch", streams: ["s"], on: connection)
  }
}
