internal import Crypto
internal import Glibc

/// SHA-256, in lower-case hex.
package enum Digest {
  package static func file(_ path: String) throws -> String { try file(FileLocation(own: path)) }

  package static func file(_ location: FileLocation) throws -> String {
    let (file, size) = try location.openForReading()
    defer { close(file) }
    return try open(file, size: size, of: location)
  }

  /// Of an open file, whose place is for errors.
  static func open(_ file: Int32, size: Int, of location: FileLocation) throws -> String {
    var hash = SHA256()
    try location.forEachPart(of: file, size: size) { part in
      switch part {
      case .data(let bytes): hash.update(bufferPointer: bytes)
      case .hole(let length): hash.update(zeros: length)
      }
    }
    return hex(hash.finalize())
  }

  package static func bytes(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

  package static func hex(_ bytes: some Sequence<UInt8>) -> String {
    func digit(_ value: UInt8) -> UInt8 { value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) }
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in bytes {
      text.append(digit(byte >> 4))
      text.append(digit(byte & 15))
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a hex text; what is no hex digit ends it.
  package static func bytes(hex: String) -> [UInt8] {
    let digits = hex.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { place in
      // The stride ends before the last one.
      guard let high = digits[place], let low = digits[place + 1] else { return nil }  // trap: both are there
      return UInt8(high << 4 | low)
    }
  }
}

extension SHA256 {
  private static let zeros = [UInt8](repeating: 0, count: 1 << 16)

  /// Takes in a hole of a file.
  mutating func update(zeros length: Int) {
    var left = length
    while left > 0 {
      update(data: Self.zeros.prefix(left))
      left -= min(left, Self.zeros.count)
    }
  }
}
