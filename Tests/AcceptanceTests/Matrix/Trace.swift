/// The calls by which a run of qtctl changed something, as strace(1) saw them.
struct Trace {
  /// One such call.
  struct Point: Hashable, CustomStringConvertible {
    var call: String
    /// Its place among all the calls of its name in the thread that makes it, from 1, as strace counts them.
    var number: Int
    /// Its arguments, cut short, for messages.
    var arguments: String
    var description: String { "\(call) \(number): \(arguments)" }
  }

  /// The names of the calls that may change something; of `openat` only those for writing do.
  static let calls = [
    "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "open", "openat", "write", "pwrite64",
    "ftruncate", "fsync", "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "mkdir", "mkdirat",
    "rmdir", "symlink", "symlinkat", "utimensat", "fsetxattr", "sendmsg",
  ]

  /// Those of the thread that makes the most, in order: the transaction's. What the checks ask in threads of their own
  /// changes nothing.
  let points: [Point]

  /// - Parameters:
  ///   - text: what `strace -f -o` has written.
  ///   - place: a text in the arguments; where it is given, the points are all calls that have it.
  init(_ text: String, about place: String? = nil) {
    var counts: [String: Int] = [:]
    var points: [Substring: [Point]] = [:]
    for line in text.split(separator: "\n") {
      guard let space = line.firstIndex(of: " ") else { continue }
      let thread = line[..<space]
      let rest = line[space...].drop { $0 == " " }
      guard let bracket = rest.firstIndex(of: "("), case let call = String(rest[..<bracket]),
        place != nil || Self.calls.contains(call)
      else { continue }
      counts["\(thread) \(call)", default: 0] += 1
      let arguments = String(rest[rest.index(after: bracket)...].prefix(100))
      guard place.map(arguments.contains) ?? Self.changes(call, arguments) else { continue }
      points[thread, default: []].append(
        Point(call: call, number: counts["\(thread) \(call)"] ?? 0, arguments: arguments))
    }
    self.points = points.values.max { $0.count < $1.count } ?? []
  }

  private static func changes(_ call: String, _ arguments: String) -> Bool {
    switch call {
    case "open", "openat": arguments.contains("O_WRONLY") || arguments.contains("O_RDWR")
    // Threads that wake each other.
    case "write": !arguments.contains(#""\1\0\0\0\0\0\0\0""#)
    default: true
    }
  }
}
