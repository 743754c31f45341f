/// The absolute paths inside the words of a command line: the word itself, what follows a `=`, and what a shell would
/// take for a path in `sh -c '…'`.
package enum PathWords {
  private static let ends: Set<UInt8> = Set(" \t\n\r'\"`;|&<>(){}[]$*?,:=#!".utf8)

  package static func paths(in word: String) -> [String] {
    var found: [String] = []
    func add(_ path: some StringProtocol) {
      var path = String(path)
      while path.count > 1, path.hasSuffix("/") { path.removeLast() }
      if path.hasPrefix("/"), path != "/", !path.hasPrefix("//"), !found.contains(path) { found.append(path) }
    }
    // An argument may be a path with blanks in it.
    add(word)
    if let mark = word.firstIndex(of: "=") { add(word[word.index(after: mark)...]) }
    let bytes = Array(word.utf8)
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "/"), index == 0 || begins(bytes, index) else {
        index += 1
        continue
      }
      let end = bytes[index...].firstIndex { ends.contains($0) } ?? bytes.count
      add(String(decoding: bytes[index..<end], as: UTF8.self))
      index = end + 1
    }
    return found
  }

  /// A path follows what ends one, and a short option (`-I/usr/include`).
  private static func begins(_ bytes: [UInt8], _ index: Int) -> Bool {
    guard let before = bytes.prefix(index).last else { return true }
    return ends.contains(before) || before == UInt8(ascii: "@")
      || (index == 2 && bytes.first == UInt8(ascii: "-"))
  }
}
