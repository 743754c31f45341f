import Deployment
import EventBus
import Redis
import TestSupport
import Testing
import Trading

@testable import Verification

@Suite(.timeLimit(.minutes(2))) struct RedisIntactTests {
  private static let losses = [
    DataLossNotice.Loss(id: 1_769_860_800_000, text: "one"), .init(id: 1_769_860_900_000, text: "two"),
  ]

  @Test(
    arguments: [
      (Result<[DataLossNotice.Loss], ProbeError>.success([]), nil, CheckResult.Status.pass, "no loss is open"),
      (.success(losses), nil, .fail, "(2026-01-31T12:00:00Z: one; 2026-01-31T12:01:40Z: two)"),
      (.success(losses), nil, .fail, "with 'redis-cli SET quantum:redis:loss:accepted 1769860900000'"),
      (.success(losses), 1_769_860_900_000, .warn, "so it was before the transaction"),
      // One more is the release's.
      (.success(losses), 1_769_860_800_000, .fail, "two"),
      (.failure(ProbeError("NOPERM")), nil, .warn, "cannot be told: NOPERM"),
    ] as [(Result<[DataLossNotice.Loss], ProbeError>, Int64?, CheckResult.Status, String)])
  func aLossFailsUntilItIsAccepted(
    seen: Result<[DataLossNotice.Loss], ProbeError>, before: Int64?, status: CheckResult.Status, words: String
  ) {
    let result = RedisIntact.judge("redis", RedisIntact.Seen(open: seen, before: before))
    #expect(result.status == status)
    #expect(result.detail.contains(words), "\(result.detail)")
  }

  @Test func itIsReadFromRedisAndPassesOnceItIsAccepted() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      let loss = DataLossNotice.Loss(id: 5, text: "its mark 'x' is gone")
      try RedisIntact.notice.add(loss, on: connection)
      #expect(try Self.look(server).losses.get() == [loss])
      try connection.call(["SET", Names.Key.dataLossAccepted, "5"])
      #expect(try Self.look(server).losses.get() == [])
      try connection.call(["SET", Names.Key.dataLoss, "of another type"])
      #expect(throws: ProbeError.self) { try Self.look(server).losses.get() }
    }
  }

  @Test func sentinelsLeadToTheMaster() async throws {
    try await SentinelTrio.with { trio in
      let view = try RedisView.look(at: trio.endpoint, groups: [], patience: .seconds(5)).get()
      #expect(view.server["role"] == "master")
    }
  }

  private static func look(_ server: RedisServer) throws -> RedisView {
    try RedisView.look(at: server.endpoint, groups: [], patience: .seconds(5)).get()
  }
}
