internal import Deployment

/// Files whose content can be shown to a person.
enum SmallText {
  /// Bytes; larger files are told by digest and size.
  static let limit = 256 << 10

  /// The content of a file that is text, small, and what `state` says of it; else `nil`.
  static func read(_ path: String, as state: FileState) -> [UInt8]? {
    guard state.type == .file, state.size.map({ $0 <= limit }) ?? false, let found = try? FileState.peek(path),
      found.type == .file, found.size == state.size, let bytes = try? Files.read(path),
      Digest.bytes(bytes) == state.sha256, isText(bytes)
    else { return nil }
    return bytes
  }

  private static func isText(_ bytes: [UInt8]) -> Bool {
    !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
  }
}
