internal import FileOperations

/// The 32 bytes of a digest, small enough to hold hundreds of thousands.
struct RawDigest: Sendable, Hashable {
  /// Of eight bytes each, the first of them lowest.
  var words: SIMD4<UInt64>

  init(words: SIMD4<UInt64>) { self.words = words }

  /// - Returns: `nil` where the text is no digest.
  init?(hex: String) {
    let bytes = Digest.bytes(hex: hex)
    guard bytes.count == 32 else { return nil }
    words = .zero
    for (place, byte) in bytes.enumerated() {
      words[place / 8] |= UInt64(byte) << UInt64(place % 8 * 8)
    }
  }

  var hex: String {
    Digest.hex(
      words.indices.flatMap { index in withUnsafeBytes(of: words[index].littleEndian) { Array($0) } })
  }
}
