import Redis
import Testing

@Suite struct BackoffTests {
  @Test func doublesUpToItsBoundAndStaysThere() {
    var backoff = Backoff(first: .milliseconds(100), most: .seconds(1), jitter: 0)
    let waits = (0..<6).map { _ in backoff.next(random: 0.9) }
    #expect(
      waits == [
        .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800), .seconds(1), .seconds(1),
      ])
    for _ in 0..<1000 { #expect(backoff.next() == .seconds(1)) }
  }

  @Test(arguments: [(0.0, 100), (0.5, 75), (1.0, 50)])
  func jitterShortensAWaitByNoMoreThanItsShare(random: Double, milliseconds: Int) {
    var backoff = Backoff(first: .milliseconds(100), most: .seconds(1), jitter: 0.5)
    #expect(backoff.next(random: random) == .milliseconds(milliseconds))
  }

  @Test func beginsAnewAfterASuccess() {
    var backoff = Backoff(first: .milliseconds(100), most: .seconds(1), jitter: 0)
    _ = (backoff.next(), backoff.next())
    backoff.reset()
    #expect(backoff.attempts == 0)
    #expect(backoff.next() == .milliseconds(100))
  }
}
