internal import Glibc
internal import Systemd
internal import Trading

/// Where the routers' DUPLICATE_SKIP lines are: the journal of this machine, or files.
struct SkipLog {
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// With the sizes that they had at the beginning: what was there before proves nothing.
  private let files: [(path: String, start: Int)]
  /// The journal's end at the beginning.
  private let cursor: String?

  init(files paths: [String]) throws {
    files = try paths.map { ($0, try Self.text(of: $0, from: 0).utf8.count) }
    cursor = paths.isEmpty ? try JournalReader().tail() : nil
  }

  /// How many lines there are of each trace.
  func skips(of traces: [String]) throws -> [String: Int] {
    var skips: [String: Int] = [:]
    guard files.isEmpty else {
      for file in files {
        let lines = try Self.text(of: file.path, from: file.start).split(separator: "\n")
        for trace in traces {
          let line = "DUPLICATE_SKIP trace_id=\(trace)"
          skips[trace, default: 0] += lines.count { text in
            text.hasSuffix(line) || text.contains(line + " ")
          }
        }
      }
      return skips
    }
    let query = JournalQuery(
      fields: [LogLine.Field.event: [LogLine.Event.duplicateSkip.rawValue], LogLine.Field.trace: traces], after: cursor)
    for entry in try JournalReader().entries(query) {
      if let trace = entry[LogLine.Field.trace] { skips[trace, default: 0] += 1 }
    }
    return skips
  }

  private static func text(of path: String, from start: Int) throws -> String {
    guard let file = fopen(path, "re"), fseek(file, start, SEEK_SET) == 0 else {
      throw Fault(description: "cannot read '\(path)': \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk.prefix(count)
    }
  }
}
