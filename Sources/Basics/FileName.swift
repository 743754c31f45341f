/// Names of files as texts, and back.
///
/// To Linux a name is bytes, any but `/` and NUL, and two names are the same where their bytes are. To Swift two texts are
/// the same where they are canonically equivalent, and an accent that follows a slash becomes part of it. So a name of which
/// that could matter, and one that is no UTF-8, is spelled with its bytes from 0x80 on as private characters, U+10FF80 for
/// 0x80 to U+10FFFF for 0xFF. All other names are spelled as they are. Two spelled names are equal exactly where their bytes
/// are, and `bytes` gives those back.
///
/// Source: path_resolution(7); Unicode Standard Annex #15, section 9.
package enum FileName {
  private static let spelled: ClosedRange<UInt32> = 0x10FF80...0x10FFFF
  /// With which the UTF-8 of every private character of that kind begins.
  private static let lead: UInt8 = 0xF4
  private static let slash = UInt8(ascii: "/")

  /// A name or path as the kernel says it.
  package static func text(_ bytes: some Collection<UInt8>) -> String {
    guard !bytes.allSatisfy({ $0 < 0x80 }) else { return String(decoding: bytes, as: UTF8.self) }
    return bytes.split(separator: slash, omittingEmptySubsequences: false).map { component($0) }.joined(separator: "/")
  }

  /// A path as somebody wrote it, spelled as one that was read.
  package static func text(_ path: String) -> String {
    path.utf8.allSatisfy { $0 < 0x80 } ? path : text(bytes(path))
  }

  /// A name or path that a call of C gave.
  package static func text(cString: UnsafePointer<CChar>) -> String {
    text(UnsafeRawBufferPointer(start: cString, count: length(cString)))
  }

  /// The bytes of a spelled name or path.
  package static func bytes(_ text: String) -> [UInt8] {
    let plain = Array(text.utf8)
    guard plain.contains(lead) else { return plain }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      if let byte = byte(of: scalar) { bytes.append(byte) } else { bytes += UTF8.encode(scalar) ?? .init() }
    }
    return bytes
  }

  /// The bytes of a spelled name or path, as calls of C take it.
  package static func cString(_ text: String) -> [CChar] {
    // For each of tens of thousands of files.
    let bytes = text.utf8.contains(lead) ? bytes(text)[...] : Array(text.utf8)[...]
    return [CChar](unsafeUninitializedCapacity: bytes.count + 1) { buffer, count in
      _ = UnsafeMutableRawBufferPointer(buffer).initializeMemory(as: UInt8.self, fromContentsOf: bytes)
      buffer[bytes.count] = 0
      count = bytes.count + 1
    }
  }

  /// Whether a spelled name is spelled as it is: with it, whoever composes accents changes nothing.
  package static func isAsItIs(_ text: String) -> Bool {
    !text.utf8.contains(lead) || bytes(text).elementsEqual(text.utf8)
  }

  /// The byte that a character stands for, in a name that is spelled so.
  static func byte(of scalar: Unicode.Scalar) -> UInt8? {
    spelled.contains(scalar.value) ? UInt8(truncatingIfNeeded: scalar.value) : nil
  }

  private static func component(_ bytes: some Collection<UInt8>) -> String {
    if let name = String(validating: bytes, as: UTF8.self), name.utf8.allSatisfy({ $0 < 0x80 }) || isPlain(name) {
      return name
    }
    var text = String.UnicodeScalarView()
    for byte in bytes {
      let value = byte < 0x80 ? UInt32(byte) : 0x10FF00 | UInt32(byte)
      text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
    }
    return String(text)
  }

  /// Whether it is equal to no other name, and leaves a slash beside it alone.
  private static func isPlain(_ name: String) -> Bool {
    guard name.unicodeScalars.allSatisfy(isPlain) else { return false }
    let between = "/" + name + "/"
    return between.first == "/" && between.last == "/"
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x300 { return true }
    switch scalar.value {
    // Parts of a syllable, which compose: of Hangul, and of Kirat Rai.
    case 0x1100...0x11FF, 0xA960...0xA97F, 0xD7B0...0xD7FF, 0x16D63...0x16D6A, spelled: return false
    default: break
    }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .unassigned: return false
    default: return !scalar.properties.isFullCompositionExclusion
    }
  }

  private static func length(_ text: UnsafePointer<CChar>) -> Int {
    var end = text
    while end.pointee != 0 { end += 1 }
    return end - text
  }
}
