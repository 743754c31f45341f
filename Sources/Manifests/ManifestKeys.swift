internal import Basics
internal import Deployment

/// The keys of one mapping, read one by one. A key that was not asked for is unknown: the allowed keys are those that
/// are read.
struct ManifestKeys {
  private let mapping: ManifestNode
  private var written: [(key: ManifestNode, name: String, value: ManifestNode)] = []
  private var asked: [String] = []

  /// `nil`, and recorded, where the node is no mapping.
  init?(_ node: ManifestNode) {
    guard let pairs = node.pairs() else { return nil }
    mapping = node
    for (key, value) in pairs {
      guard let scalar = key.scalar(as: "a plain word as key") else { continue }
      written.append((key, scalar.text, node.child(value, key: scalar.text)))
    }
  }

  /// The value under a key that must be there; `nil`, and recorded, where it is missing or wrong.
  mutating func require<Value>(_ key: String, _ reading: @autoclosure () -> ManifestReading<Value>) -> Value? {
    guard let node = find(key) else {
      mapping.complain("key '\(key)' is missing")
      return nil
    }
    return reading().read(node)
  }

  /// The value under a key that may be there; `nil` where it is missing, or wrong and recorded.
  mutating func read<Value>(_ key: String, _ reading: @autoclosure () -> ManifestReading<Value>) -> Value? {
    // How a key is read is only made up where it is there: most of thousands of files have two of a dozen.
    find(key).flatMap { reading().read($0) }
  }

  /// Replaces a default by the value under a key, where it is there and right.
  mutating func read<Value>(
    _ key: String, _ reading: @autoclosure () -> ManifestReading<Value>, into value: inout Value
  ) {
    if let read = read(key, reading()) { value = read }
  }

  /// Records that these keys do not go together.
  func complain(_ message: String) { mapping.complain(message) }

  /// Records every key that nobody asked for. To be called last.
  func finish() {
    mapping.findings.asked(asked, in: mapping.section)
    for (key, name, _) in written where !asked.contains(name) {
      if name == "<<" {
        key.complain("merge keys (<<) are not allowed; write the keys out where they are used")
      } else if let meant = NearestWord.nearest(to: name, in: asked) {
        key.complain("unknown key '\(name)'; did you mean '\(meant)'?")
      } else {
        key.complain("unknown key '\(name.shortened)'; the known keys are \(asked.joined(separator: ", "))")
      }
    }
  }

  private mutating func find(_ key: String) -> ManifestNode? {
    asked.append(key)
    return written.first { $0.name == key }?.value
  }
}
