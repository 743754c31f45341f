internal import Crypto

/// SHA-256, in lower-case hex.
package enum Digest {
  package static func file(_ path: String) throws -> String {
    var hash = SHA256()
    try Files.forEachChunk(of: path) { hash.update(bufferPointer: $0) }
    return hex(hash.finalize())
  }

  package static func bytes(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

  package static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a hex text; what is no hex digit ends it.
  package static func bytes(hex: String) -> [UInt8] {
    let digits = hex.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { place in
      guard let high = digits[place], let low = digits[place + 1] else { return nil }
      return UInt8(high << 4 | low)
    }
  }
}
