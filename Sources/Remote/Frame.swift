internal import Basics
internal import FileOperations
internal import Glibc
internal import Synchronization

/// One message between the two sides of a call: a kind, a length of four bytes, and so many bytes.
struct Frame {
  enum Kind: UInt8 {
    /// From the host: `Hello`.
    case hello = 1
    /// To the host: `Call`.
    case call
    /// From the host: `Lacks`.
    case lacks
    /// To the host: bytes of what it lacks, file after file.
    case data
    /// To the host: all was sent; the command may begin.
    case sent
    /// From the host: the command has begun.
    case began
    /// From the host: what the command printed to standard output, and to standard error.
    case output, errors
    /// From the host: bytes of the file that the command wrote.
    case file
    /// From the host: `Ending`. Nothing follows.
    case ended
    /// From the host: why it will not do it, as text. Nothing follows.
    case refused
    /// To the host: SIGINT for the command.
    case interrupt
    /// From the host: nothing but that it is there; see `FrameOutput`.
    case alive
  }

  /// A listing of 100,000 files fits.
  static let mostBytes = 48 << 20
  static let header = 5

  var kind: Kind
  var payload: [UInt8] = []

  /// As it travels.
  var bytes: [UInt8] {
    [kind.rawValue] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: payload.count >> $0) } + payload
  }

  /// As a frame of one value.
  init(_ kind: Kind, encoding value: some Encodable) throws {
    self.kind = kind
    payload = try JSON.line(value)
  }

  init(_ kind: Kind, _ payload: [UInt8] = []) {
    self.kind = kind
    self.payload = payload
  }

  func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSON.decode(type, from: payload, path: "connection")
  }
}

/// The frames from the host to the other side. From `beat` on something comes at least every few seconds, whatever the
/// host is busy with, so that a connection that has gone silent can be told from a command that says nothing.
final class FrameOutput: Sendable {
  static let interval = Duration.seconds(5)

  private let file: Int32
  private let isWriting = Mutex(())

  init(_ file: Int32) { self.file = file }

  /// - Throws: `FileError` where nobody reads any more.
  func send(_ frame: Frame) throws {
    try isWriting.withLock { _ in
      try frame.bytes.withUnsafeBytes { try Files.writeAll($0, to: file, path: "connection") }
    }
  }

  /// Says from now on that the host is there, until nobody reads any more.
  func beat() {
    _ = BlockingThread.start { [self] in
      repeat {
        poll(nil, 0, Int32(Self.interval / .milliseconds(1)))  // trap: a constant
      } while (try? send(Frame(.alive))) != nil
    }
  }
}

/// Frames out of a stream of bytes.
struct FrameReader {
  /// What has come and was not yet taken.
  private(set) var buffer: [UInt8] = []
  /// Where in it the next frame begins.
  private var place = 0
  /// Whether nothing more comes.
  private(set) var isAtEnd = false

  /// Reads what is there, waiting for the first byte of it.
  mutating func fill(from file: Int32) {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(file, &chunk, chunk.count)
    if count > 0 {
      buffer += chunk.prefix(count)
    } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
      isAtEnd = true
    }
  }

  /// The next frame; `nil` where more bytes are needed.
  ///
  /// - Throws: `ProtocolFault`.
  mutating func next() throws(ProtocolFault) -> Frame? {
    let rest = buffer.dropFirst(place)
    guard rest.count >= Frame.header else { return nil }
    let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
    guard let kind = rest.first.flatMap(Frame.Kind.init) else {
      throw ProtocolFault(description: "it sent something that is not of qtctl")
    }
    guard length <= Frame.mostBytes else { throw ProtocolFault(description: "it sent a message of \(length) bytes") }
    guard rest.count >= Frame.header + length else { return nil }
    let payload = Array(rest.dropFirst(Frame.header).prefix(length))
    place += Frame.header + length
    // Taken away in large pieces, so that many small frames are not moved again and again.
    if place == buffer.count || place > 1 << 20 {
      buffer.removeFirst(place)
      place = 0
    }
    return Frame(kind, payload)
  }

  /// The text up to the next newline, without it; `nil` where there is no whole line yet. Before the first frame only.
  mutating func line() -> [UInt8]? {
    guard let end = buffer.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = Array(buffer[..<end])
    buffer.removeFirst(line.count + 1)
    return line
  }
}
