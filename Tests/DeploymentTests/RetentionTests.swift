import Deployment
import Testing

@Suite("Retention")
struct RetentionTests {
  /// A store in one line: `p` pinned, `v` verified, `c` verified and of the release that is on the host, `n` needed by a
  /// transaction, `d` damaged, `D` damaged and verified, `P` damaged and pinned, `.` none of it; oldest first.
  @Test(
    "keeps what must not go, and the newest",
    arguments: [
      ("....", 2, "--kk"), ("v...", 2, "k-kk"), ("vv..", 2, "-kkk"), ("p...", 1, "k--k"), ("n...", 1, "k--k"),
      (".", 1, "k"), ("", 3, ""), ("vpn....", 2, "kkk--kk"), ("v.v.v", 1, "----k"), ("..", 9, "kk"), ("..", 0, "-k"),
      // A damaged one is not the last good one, nor does it count among the newest.
      ("v.D.", 1, "k-kk"), ("vD", 1, "kk"), ("..dd", 2, "kkkk"), ("...dd", 1, "--kkk"), ("DDD", 1, "kkk"),
      ("P..", 1, "k-k"),
      // Any number of backups of what runs does not crowd out the way back.
      ("v.cccc", 2, "k---kk"), ("vv.ccc", 1, "-k---k"), ("vDcc", 1, "kk-k"), ("cccc", 1, "---k"),
    ])
  func decides(_ store: String, _ keep: Int, _ expected: String) {
    let (decisions, stamps) = decide(store, keep)
    #expect(decisions.map(\.stamp) == stamps.reversed())
    #expect(String(decisions.reversed().map { $0.keep ? "k" : "-" }) == expected)
    #expect(decisions.allSatisfy { !$0.reason.isEmpty })
  }

  @Test(
    "says why",
    arguments: [
      ("p", "pinned"), ("n", "transaction"), ("v", "last verified"), (".", "newest intact"),
    ])
  func reasons(_ store: String, _ word: String) {
    #expect(decide(store, 1).0[0].reason.contains(word))
  }

  @Test("says of a damaged one what is wrong with it")
  func damage() {
    #expect(
      decide("d", 1).0[0].reason == "it is damaged (a bit); inspect it, then remove it by hand")
  }

  @Test(
    "counts what is about to come among the newest",
    arguments: [("....", 3, "--kk"), ("v...", 1, "k--k"), (".", 1, "k"), ("..d", 1, "-kk")])
  func incoming(_ store: String, _ keep: Int, _ expected: String) {
    let decisions = decide(store, keep, incoming: 1).0
    #expect(String(decisions.reversed().map { $0.keep ? "k" : "-" }) == expected)
  }

  private func decide(_ store: String, _ keep: Int, incoming: Int = 0) -> ([Retention.Decision], [Stamp]) {
    let stamps = store.indices.map { Stamp(seconds: store.distance(from: store.startIndex, to: $0)) }
    let candidates = zip(store, stamps).map { letter, stamp in
      Retention.Candidate(
        stamp: stamp, pinned: "pP".contains(letter), verified: "vcD".contains(letter),
        release: letter == "c" ? "now" : letter == "v" ? "then" : nil, damage: "dDP".contains(letter) ? "a bit" : nil)
    }
    let needed = Set(zip(store, stamps).filter { $0.0 == "n" }.map(\.1))
    return (
      Retention(keep: keep, current: "now").decide(candidates.shuffled(), needed: needed, incoming: incoming), stamps
    )
  }
}

@Suite("Retention of evidence")
struct EvidenceRetentionTests {
  /// Sizes, oldest first; `-` goes, `k` stays.
  @Test(
    "keeps the newest by count and by size, and the newest of all whatever its size",
    arguments: [
      ([], 3, 100, ""), ([1], 3, 100, "k"), ([1, 1, 1, 1], 3, 100, "-kkk"), ([50, 50, 50], 3, 100, "-kk"),
      ([1, 200, 1], 3, 100, "--k"), ([1, 200], 3, 100, "-k"), ([100], 3, 1, "k"), ([40, 60, 40], 3, 100, "-kk"),
      ([0, 0], 0, 0, "-k"),
    ])
  func decides(_ sizes: [Int], _ count: Int, _ bytes: Int, _ expected: String) {
    let held = sizes.enumerated().map { EvidenceRetention.Candidate(stamp: Stamp(seconds: $0), bytes: $1) }
    let gone = EvidenceRetention(count: count, bytes: bytes).removals(held.shuffled())
    #expect(held.map { gone.contains($0.stamp) ? "-" : "k" }.joined() == expected)
    #expect(gone == gone.sorted())
  }
}
