import Deployment
import Testing

@Suite("Retention")
struct RetentionTests {
  /// A store in one line: `p` pinned, `v` verified, `n` needed by a transaction, `.` none of it; oldest first.
  @Test(
    "keeps what must not go, and the newest",
    arguments: [
      ("....", 2, "--kk"), ("v...", 2, "k-kk"), ("vv..", 2, "-kkk"), ("p...", 1, "k--k"), ("n...", 1, "k--k"),
      (".", 1, "k"), ("", 3, ""), ("vpn....", 2, "kkk--kk"), ("v.v.v", 1, "----k"), ("..", 9, "kk"), ("..", 0, "-k"),
    ])
  func decides(_ store: String, _ keep: Int, _ expected: String) {
    let stamps = store.indices.map { Stamp(seconds: store.distance(from: store.startIndex, to: $0)) }
    let candidates = zip(store, stamps).map {
      Retention.Candidate(stamp: $1, pinned: $0 == "p", verified: $0 == "v")
    }
    let needed = Set(zip(store, stamps).filter { $0.0 == "n" }.map(\.1))
    let decisions = Retention(keep: keep).decide(candidates.shuffled(), needed: needed)
    #expect(decisions.map(\.stamp) == stamps.reversed())
    #expect(String(decisions.reversed().map { $0.keep ? "k" : "-" }) == expected)
    #expect(decisions.allSatisfy { !$0.reason.isEmpty })
  }
}
