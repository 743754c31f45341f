/// Random numbers that a seed brings back (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

/// Makes a bad input of a good one: a few random changes.
enum Mutation {
  /// - Parameter words: what is put in now and then, besides random bytes.
  static func mutate(
    _ sample: [UInt8], with words: [[UInt8]], using random: inout SeededRandom
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
