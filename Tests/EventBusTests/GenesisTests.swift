import EventBus
import Redis
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct GenesisTests {
  @Test(
    arguments: [
      (nil, nil, Genesis.Verdict.new),
      (nil, "a", .lost(remembered: "a")),
      ("a", nil, .unfamiliar(mark: "a")),
      ("a", "a", .same),
      ("b", "a", .other(mark: "b", remembered: "a")),
    ] as [(String?, String?, Genesis.Verdict)])
  func tellsALossFromABeginning(found: String?, remembered: String?, verdict: Genesis.Verdict) {
    #expect(Genesis.verdict(found: found, remembered: remembered) == verdict)
  }

  @Test func theFirstMarkStaysUntilTheDataAreLost() throws {
    try TestBus.with { bus in
      let genesis = Genesis(key: "genesis")
      #expect(try genesis.verdict(remembered: nil, on: bus.connection) == .new)
      #expect(try genesis.establish("a", on: bus.connection) == "a")
      #expect(try genesis.establish("b", on: bus.connection) == "a")
      #expect(try genesis.verdict(remembered: "a", on: bus.connection) == .same)
      try bus.connection.call(["FLUSHALL"])
      #expect(try genesis.verdict(remembered: "a", on: bus.connection) == .lost(remembered: "a"))
    }
  }
}
