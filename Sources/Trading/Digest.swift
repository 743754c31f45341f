internal import Crypto

/// SHA-256 in hexadecimal digits.
enum Digest {
  static func hex(_ text: String) -> String {
    var hash = SHA256()
    var text = text
    text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: 2 * SHA256.byteCount) { buffer in
      var index = 0
      for byte in hash.finalize() {
        buffer[index] = digits[Int(byte >> 4)]
        buffer[index + 1] = digits[Int(byte & 15)]
        index += 2
      }
      return index
    }
  }
}
