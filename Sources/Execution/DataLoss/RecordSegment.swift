internal import Glibc

/// One file of the write-ahead record. Only the process of its epoch writes to it, at its end:
///
///     qtctl-orders 1 <since> <partial until> <window>
///     batch <moment> <id of the last result, or -> <key of its state, or ->
///     qt-<32 hexadecimal digits> <16 hexadecimal digits, its effect: the same for twins> <a letter, its action>
///     …
///
/// Moments are milliseconds since 1970 by Redis' clock. A file may end in the middle of a line: of that batch nothing was
/// sent, since its fsync had not returned.
struct RecordSegment {
  let epoch: Int64
  let number: Int
  var since: Int64 = 0
  var partialUntil: Int64 = 0
  /// How long an order could be under way when the file was written, in milliseconds.
  var window: Int64 = 0
  /// Of the first and the last batch; nil when there is none.
  var moments: (first: Int64, last: Int64)?
  var lastResult: (id: String, stateKey: String)?
  /// Of each order the letter of its action, 0 where it is not known.
  private(set) var actions: [UInt128: UInt8] = [:]
  private(set) var effects = EffectIndex()
  /// False when the process ended before the first line was whole; nothing was sent under such a segment.
  var hasHeader = false
  /// Whether something in it cannot be read, other than a torn end.
  var isDamaged = false

  static let prefix = "orders-"

  var name: String { "\(Self.prefix)\(epoch)-\(number)" }

  init(epoch: Int64, number: Int) {
    self.epoch = epoch
    self.number = number
  }

  /// nil when the name is not one of a segment.
  init?(name: String) {
    guard name.hasPrefix(Self.prefix) else { return nil }
    let parts = name.dropFirst(Self.prefix.count).split(separator: "-")
    guard parts.count == 2, let epoch = Int64(parts[0]), let number = Int(parts[1]) else { return nil }
    self.init(epoch: epoch, number: number)
  }

  /// Reads the file of that name in a folder.
  mutating func load(from folder: String) throws(StateFileError) {
    let path = "\(folder)/\(name)"
    guard let file = fopen(path, "re") else { throw StateFileError(path: path, action: "read", code: errno) }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    var isFirst = true
    while true {
      let count = getline(&line, &capacity, file)
      guard count > 0, let line else { break }
      let bytes = UnsafeRawBufferPointer(start: line, count: count)
      guard bytes.last == UInt8(ascii: "\n") else { break }
      read(bytes.dropLast(), isFirst: isFirst)
      isFirst = false
    }
    guard ferror(file) == 0 else { throw StateFileError(path: path, action: "read", code: errno) }
  }

  private mutating func read(_ line: Slice<UnsafeRawBufferPointer>, isFirst: Bool) {
    if let (key, effect, action) = Self.order(line) { return insert(key, effect: effect, action: action) }
    let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
    if isFirst, words.count == 5, words[0] == "qtctl-orders", words[1] == "1", let since = Int64(words[2]),
      let partial = Int64(words[3]), let window = Int64(words[4])
    {
      (self.since, partialUntil, self.window, hasHeader) = (since, partial, window, true)
    } else if words.count == 4, words[0] == "batch", let moment = Int64(words[1]) {
      moments = (moments?.first ?? moment, moment)
      if words[2] != "-" { lastResult = (words[2], words[3]) }
    } else {
      isDamaged = true
    }
  }

  var count: Int { actions.count }

  /// The first action of an order stays.
  mutating func insert(_ key: UInt128, effect: UInt64?, action: RecordedAction?) {
    if actions[key] == nil { actions[key] = action?.letter ?? 0 }
    if let effect { effects.insert(key, effect: effect) }
  }

  /// What a line says of an order; nil when it is not such a line. Earlier versions wrote neither effect nor action, or
  /// no action.
  private static func order(
    _ line: Slice<UnsafeRawBufferPointer>
  ) -> (key: UInt128, effect: UInt64?, action: RecordedAction?)? {
    guard let key = key(line.prefix(35)) else { return nil }
    let rest = line.dropFirst(35)
    if rest.isEmpty { return (key, nil, nil) }
    let space = UInt8(ascii: " ")
    guard rest.first == space, let effect = number(rest.dropFirst().prefix(16)).map({ UInt64($0) }) else { return nil }
    if rest.count == 17 { return (key, effect, nil) }
    guard rest.count == 19, rest.dropLast().last == space,
      let action = rest.last.flatMap({ RecordedAction(letter: $0) })
    else { return nil }
    return (key, effect, action)
  }

  /// The number that a client order id stands for; nil when it is not one of ours.
  static func key(_ id: some Collection<UInt8>) -> UInt128? {
    guard id.count == 35, id.starts(with: "qt-".utf8) else { return nil }
    return number(id.dropFirst(3))
  }

  /// Of up to 32 lowercase hexadecimal digits.
  private static func number(_ digits: some Collection<UInt8>) -> UInt128? {
    var number: UInt128 = 0
    for byte in digits {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt128(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt128(byte - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return number
  }

  /// The client order id that a number stands for.
  static func id(_ key: UInt128) -> String {
    "qt-" + digits(key, 32)
  }

  private static func digits(_ number: some BinaryInteger, _ count: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: count - digits.count) + digits
  }

  var header: String { "qtctl-orders 1 \(since) \(partialUntil) \(window)\n" }

  static func batch(
    _ orders: some Collection<RecordedOrder>, at moment: Int64,
    _ result: (id: String, stateKey: String)?
  ) -> String {
    var text = "batch \(moment) \(result?.id ?? "-") \(result?.stateKey ?? "-")\n"
    for order in orders {
      text += order.id
      if let effect = order.effect {
        text += " " + digits(effect, 16)
        if let action = order.action { text += " " + String(Unicode.Scalar(action.letter)) }
      }
      text += "\n"
    }
    return text
  }
}

/// The end of a segment's file, to which batches are appended.
final class RecordWriter {
  private let path: String
  private let descriptor: Int32

  /// Creates the file, which must not be there, with its first lines, and makes sure that a power cut leaves it there.
  init(creating name: String, in folder: String, _ text: String) throws(StateFileError) {
    path = "\(folder)/\(name)"
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw StateFileError(path: path, action: "create", code: errno) }
    do {
      try append(text)
      try Self.sync(folder)
    } catch {
      // A header that is not whole would make the next start distrust the record.
      unlink(path)
      throw error
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Returns when the text is on the disk. After an error this writer must not be used again: its file may end in the
  /// middle of a line.
  func append(_ text: String) throws(StateFileError) {
    var text = text
    let isWritten = text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = write(descriptor, start, rest.count)
        if count > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        } else if errno != EINTR {
          return false
        }
      }
      return true
    }
    guard isWritten else { throw StateFileError(path: path, action: "write", code: errno) }
    guard fdatasync(descriptor) == 0 else { throw StateFileError(path: path, action: "sync", code: errno) }
  }

  static func sync(_ folder: String) throws(StateFileError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StateFileError(path: folder, action: "open", code: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StateFileError(path: folder, action: "sync", code: errno) }
  }
}
