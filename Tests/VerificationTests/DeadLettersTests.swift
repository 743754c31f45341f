import Deployment
import Redis
import TestSupport
import Testing

@testable import Verification

@Suite struct DeadLettersTests {
  static func view(new: Count, before: Int, just: Int = 0, seconds: Int = 20, reason: String? = "no JSON")
    -> DeadLetterView
  {
    var view = DeadLetterView(
      mark: DeadLetterMark(last: EntryID(milliseconds: 9, sequence: 0), moment: seconds * 1000))
    view.new = new
    view.before = .exactly(before)
    view.justBefore = .exactly(just)
    view.reason = reason
    return view
  }

  @Test(arguments: [
    (view(new: .exactly(0), before: 0), CheckResult.Status.pass, "none new over it"),
    (view(new: .exactly(0), before: 500), .pass, "none new"),
    (view(new: .exactly(1), before: 0), .fail, "expected none, 1 new over it, the newest: 'no JSON'"),
    // One or two in ten minutes before: as many now are no news, three are.
    (view(new: .exactly(2), before: 1), .warn, "it grew before too, by 1 in 10 min"),
    (view(new: .exactly(3), before: 1), .fail, "3 new"),
    // Once a second before.
    (view(new: .exactly(40), before: 600), .warn, "grew before"),
    (view(new: .exactly(41), before: 600), .fail, "41 new"),
    // They have only just begun.
    (view(new: .exactly(40), before: 20, just: 20), .warn, "grew before"),
    (view(new: .exactly(41), before: 20, just: 20), .fail, "41 new"),
    (view(new: .atLeast(1000), before: 0), .fail, "at least 1000 new"),
  ])
  func growthFailsUnlessItIsOld(view: DeadLetterView, status: CheckResult.Status, words: String) {
    let result = DeadLetters.judge(
      "dead", .init(view: .success(view), mark: .start, when: "over it", excuses: true))
    #expect(result.status == status && result.detail.contains(words), "\(result)")
    let strict = DeadLetters.judge("dead", .init(view: .success(view), mark: .start, when: "over it"))
    #expect(strict.status == (status == .pass ? .pass : .fail))
  }

  @Test func whatIsCountedIsCountedByRedisClock() throws {
    try RedisServer.with { server in
      let connection = try server.connect()
      func look(_ mark: DeadLetterMark?) throws -> DeadLetterView {
        try RedisView.look(
          at: server.endpoint, groups: [], deadLetters: [("dead", mark)], patience: .seconds(5)
        ).get().deadLetters["dead"]?.get() ?? { throw ProbeError("not looked at") }()
      }
      let empty = try look(nil)
      #expect(empty.mark.last == .zero && empty.mark.moment > 1_600_000_000_000)
      try connection.call(["XADD", "dead", "\(empty.mark.moment - 700_000)-0", "reason", "long ago"])
      try connection.call(["XADD", "dead", "\(empty.mark.moment - 300_000)-0", "reason", "a while ago"])
      let mark = try look(nil).mark
      #expect(try look(mark).new == .exactly(0) && look(mark).before == .exactly(1) && look(mark).reason == nil)
      try connection.call(["XADD", "dead", "*", "reason", "it is\n\u{7}no JSON", "source", "quantum:stream:x"])
      let grown = try look(mark)
      #expect(grown.new == .exactly(1) && grown.before == .exactly(1) && grown.justBefore == .exactly(0))
      #expect(grown.reason == "it is  no JSON" && grown.source == "quantum:stream:x")
      // A stream that was dropped and begun anew holds only new ones.
      try connection.call(["DEL", "dead"])
      #expect(try look(mark).new == .exactly(0))
      try connection.call(["XADD", "dead", "*", "a", "b"])
      #expect(try look(mark).new == .exactly(1) && look(mark).reason == nil)
      try connection.call(["SET", "other", "x"])
      try connection.call(["RENAME", "other", "dead"])
      #expect(try look(mark).otherType == "string")
    }
  }
}
