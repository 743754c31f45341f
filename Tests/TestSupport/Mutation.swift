/// Makes a bad input of a good one: a few random changes.
package enum Mutation {
  /// - Parameter words: what is put in now and then, besides random bytes.
  package static func mutate(
    _ sample: [UInt8], with words: [[UInt8]], using random: inout SeededGenerator
  ) -> [UInt8] {
    var bytes = sample
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      guard !bytes.isEmpty else { return bytes }
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let range = place..<min(bytes.count, place + Int.random(in: 1...64, using: &random))
      switch Int.random(in: 0..<7, using: &random) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes.removeSubrange(range)
      case 3: bytes.insert(contentsOf: bytes[range], at: Int.random(in: 0...bytes.count, using: &random))
      case 4: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: place)
      case 5:
        let word = words.randomElement(using: &random) ?? []
        bytes.replaceSubrange(place..<min(bytes.count, place + word.count), with: word)
      default: bytes.removeLast(min(bytes.count - 1, Int.random(in: 1...bytes.count, using: &random)))
      }
    }
    return bytes
  }
}
