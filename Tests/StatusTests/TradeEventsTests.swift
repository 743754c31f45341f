import Deployment
import Status
import Testing

@Suite("The events of the last hour")
struct TradeEventsTests {
  @Test("are counted from the lines that operators grep for, and from nothing else")
  func counts() {
    var wanted = Manifest.Duplicates(into: "in", out: "out", unit: "router.service")
    wanted.terminal = Manifest.Terminal(unit: "execution.service")
    var events = TradeEvents()
    for line in [
      "DUPLICATE_SKIP trace_id=a", "DUPLICATE_SKIP trace_id=b", "TERMINAL STATE: FILLED | BTCUSDT BUY | trace_id=a",
      "TERMINAL STATE: REJECTED | BTCUSDT BUY | Reason: too large | trace_id=b", "TERMINAL STATE", "Started.", "",
      "CONFLICT trace_id=a: the price differs; the first one counts, this one is a dead letter",
    ] { events.add(line, wanted) }
    #expect(events.skipped == 2 && events.conflicts == 1)
    #expect(events.terminal == ["FILLED": 1, "REJECTED": 1, "OTHER": 1])
  }

  @Test("follow the texts that the manifest names")
  func custom() {
    var wanted = Manifest.Duplicates(into: "in", out: "out", unit: "router.service")
    wanted.log = "seen before"
    var events = TradeEvents()
    events.add("decision a: seen before", wanted)
    events.add("DUPLICATE_SKIP trace_id=a", wanted)
    #expect(events.skipped == 1)
  }
}
