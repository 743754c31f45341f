internal import EventBus
internal import Glibc

/// A short text in a file that is whole or not there, whatever dies when.
struct StateFile: Sendable {
  let path: String

  /// The text without the white space around it; nil when there is no file, or an empty one.
  func read() throws(StateFileError) -> String? {
    guard let file = fopen(path, "re") else {
      let code = errno
      if code == ENOENT { return nil }
      throw StateFileError(path: path, action: "read", code: code)
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0 else { throw StateFileError(path: path, action: "read", code: errno) }
    let text = String(decoding: bytes.prefix(count), as: UTF8.self)
    let words = text.drop { $0.isWhitespace }
    guard let last = words.lastIndex(where: { !$0.isWhitespace }) else { return nil }
    return String(words[...last])
  }

  /// Written beside its place, fsynced, then renamed.
  func write(_ text: String) throws(StateFileError) {
    let staged = path + ".new"
    guard let file = fopen(staged, "we") else { throw StateFileError(path: staged, action: "write", code: errno) }
    let isWritten = fputs(text + "\n", file) >= 0 && fflush(file) == 0 && fsync(fileno(file)) == 0
    let code = errno
    fclose(file)
    guard isWritten else { throw StateFileError(path: staged, action: "write", code: code) }
    guard rename(staged, path) == 0 else { throw StateFileError(path: path, action: "replace", code: errno) }
  }
}

/// A file of the service's own state could not be used.
package struct StateFileError: Error, Sendable, Hashable, CustomStringConvertible {
  let path: String
  let action: String
  let code: Int32

  package var description: String {
    "cannot \(action) '\(path)': \(String(cString: strerror(code))); check the state directory's owner and free space"
  }
}

/// What execution keeps of the Redis that it talked to, as lines of a name and a value.
struct RedisMemory: Sendable, Hashable {
  var marker = DataLossMarker()
  /// A loss that no operator has accepted yet. Redis may lose the notice too, so that it is kept here as well.
  var loss: DataLossNotice.Loss?

  init(marker: DataLossMarker = DataLossMarker(), loss: DataLossNotice.Loss? = nil) {
    self.marker = marker
    self.loss = loss
  }

  /// Lines that it does not know are passed over: a later version may have written them.
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 2).map(String.init)
      switch (words.first, words.count) {
      case ("epoch", 2): marker.epoch = Int64(words[1]) ?? 0
      case ("run_id", 2): marker.runID = words[1]
      case ("history", 3): (marker.replicationID, marker.offset) = (words[1], Int64(words[2]))
      case ("last", 3): marker.lastIDs[words[1]] = words[2]
      case ("loss", 3): loss = Int64(words[1]).map { DataLossNotice.Loss(id: $0, text: words[2]) }
      default: break
      }
    }
  }

  /// The mark is not among them: it has a file of its own, which earlier versions read.
  var text: String {
    var lines = ["epoch \(marker.epoch)"]
    if let id = marker.runID { lines.append("run_id \(id)") }
    if let id = marker.replicationID, let offset = marker.offset { lines.append("history \(id) \(offset)") }
    lines += marker.lastIDs.sorted { $0.key < $1.key }.map { "last \($0.key) \($0.value)" }
    if let loss { lines.append("loss \(loss.id) \(loss.text)") }
    return lines.joined(separator: "\n")
  }
}
