import Deployment
import Testing

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
