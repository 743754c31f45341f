import SystemPackage

/// An environment file as systemd reads it, and the keys that it names in comments.
struct EnvironmentText {
  /// What it sets.
  var set: [String: String] = [:]
  /// Every key that it sets, or shows commented out as `#KEY=value`.
  var named: [String] = []

  init(at path: String) async throws {
    let file = try FileDescriptor.open(path, .readOnly)
    let text = try file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
    for line in text.split(separator: "\n") {
      let isComment = line.hasPrefix("#")
      let parts = line.drop { $0 == "#" }.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, parts[0].hasPrefix("QUANTUM_"), !parts[0].contains(" ") else { continue }
      named.append(parts[0])
      if !isComment { set[parts[0]] = parts[1] }
    }
  }
}
