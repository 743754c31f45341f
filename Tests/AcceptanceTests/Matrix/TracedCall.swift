/// One call that succeeded, as `strace -f -y` saw it.
struct TracedCall: CustomStringConvertible {
  var thread: Substring
  var name: String
  /// The files that it names or whose descriptors it was given, in order; absolute where the program's were.
  var paths: [String]
  var arguments: String

  var description: String { "\(name)(\(arguments.prefix(120)))" }

  /// Those of a trace, in the order in which they ended.
  static func parse(_ text: String) -> [TracedCall] {
    var unfinished: [Substring: Substring] = [:]
    return text.split(separator: "\n").compactMap { line in
      guard let space = line.firstIndex(of: " ") else { return nil }
      let thread = line[..<space]
      var rest = line[space...].drop { $0 == " " }
      if let mark = rest.firstRange(of: " <unfinished ...>") {
        unfinished[thread] = rest[..<mark.lowerBound]
        return nil
      }
      if rest.hasPrefix("<... "), let mark = rest.firstRange(of: " resumed>") {
        rest = (unfinished.removeValue(forKey: thread) ?? "") + rest[mark.upperBound...]
      }
      return TracedCall(thread, rest)
    }
  }

  private init?(_ thread: Substring, _ text: Substring) {
    guard let bracket = text.firstIndex(of: "("), let end = text.ranges(of: ") ").last?.lowerBound,
      let result = text[end...].split(separator: "= ", maxSplits: 1).last, !result.hasPrefix("-1"), bracket < end
    else { return nil }
    self.thread = thread
    name = String(text[..<bracket])
    arguments = String(text[text.index(after: bracket)..<end])
    paths = Self.paths(in: arguments, of: name)
  }

  /// Names stand in quotes, descriptors' files in angle brackets behind their number.
  private static func paths(in arguments: String, of name: String) -> [String] {
    // What is written or sent may hold anything.
    let isContent = ["write", "pwrite64", "sendmsg", "fsetxattr"].contains(name)
    var paths: [String] = []
    var rest = arguments[...]
    var folder: String?
    while let start = rest.firstIndex(where: { $0 == "\"" || $0 == "<" }) {
      let close: Character = rest[start] == "<" ? ">" : "\""
      let inside = rest[rest.index(after: start)...]
      guard let end = inside.firstIndex(of: close) else { break }
      let text = String(inside[..<end])
      if close == ">" {
        folder = rest[..<start].hasSuffix("AT_FDCWD") ? nil : text
        if let folder { paths.append(folder) }
      } else {
        // A relative name behind a descriptor is a name in the descriptor's folder.
        if let base = folder, !text.hasPrefix("/") {
          paths[paths.endIndex - 1] = base + "/" + text
        } else {
          paths.append(text)
        }
        folder = nil
      }
      if isContent { break }
      rest = inside[inside.index(after: end)...]
    }
    return paths
  }
}
