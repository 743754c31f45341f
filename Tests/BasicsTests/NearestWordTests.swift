import Testing

import Basics

@Suite struct NearestWordTests {
  @Test(arguments: [
    ("reddy", "ready"), ("raedy", "ready"), ("READY", "ready"), ("redy", "ready"), ("tagret", "target"),
    ("unti", "unit"), ("servces", "services"), ("sevrice", "services"), ("duplicate", "duplicates"),
  ])
  func aMisspeltKeyIsTheNearestOne(word: String, key: String) {
    #expect(NearestWord.nearest(to: word, in: ["services", "unit", "target", "ready", "duplicates"]) == key)
  }

  @Test(arguments: ["", "x", "colour", "readiness", String(repeating: "ready", count: 1000)])
  func aWordFarFromAllKeysIsNone(word: String) {
    #expect(NearestWord.nearest(to: word, in: ["services", "unit", "target", "ready"]) == nil)
  }

  @Test func ofEquallyNearKeysTheFirstIsMeant() {
    #expect(NearestWord.nearest(to: "abx", in: ["aby", "abz"]) == "aby")
    #expect(NearestWord.nearest(to: "abx", in: []) == nil)
  }

  @Test(arguments: [("", "abc", 3), ("abc", "abc", 0), ("ab", "ba", 1), ("kitten", "sitting", 3)])
  func distancesAreEdits(left: String, right: String, edits: Int) {
    #expect(NearestWord.distance(Array(left), Array(right)) == edits)
    #expect(NearestWord.distance(Array(right), Array(left)) == edits)
  }
}
