/// One command with its arguments, binary safe: lengths are explicit and nothing is quoted or formatted.
///
/// The arguments lie one behind the other in a single buffer, so that a command of hundreds of arguments costs two
/// allocations and not hundreds.
public struct Command: Sendable, Hashable {
  private(set) var bytes: [UInt8] = []
  private(set) var lengths: [Int] = []

  /// A command of these arguments, the first of which is its name.
  public init(_ arguments: String...) {
    self.init(arguments)
  }

  public init(_ arguments: [String]) {
    for argument in arguments { append(argument) }
  }

  /// The number of arguments, the command's name included.
  public var count: Int { lengths.count }

  /// The command's name, for error messages. Arguments are not part of it, since one may be a password.
  public var name: String { String(decoding: bytes.prefix(lengths.first ?? 0), as: UTF8.self) }

  /// Makes room ahead of many appends.
  public mutating func reserve(arguments: Int, bytes count: Int) {
    lengths.reserveCapacity(lengths.count + arguments)
    bytes.reserveCapacity(bytes.count + count)
  }

  public mutating func append(_ argument: String) {
    let before = bytes.count
    bytes.append(contentsOf: argument.utf8)
    lengths.append(bytes.count - before)
  }

  public mutating func append(_ argument: some BinaryInteger) {
    append(String(argument))
  }

  public mutating func append(bytes argument: some Collection<UInt8>) {
    bytes.append(contentsOf: argument)
    lengths.append(argument.count)
  }

  public mutating func append(contentsOf arguments: some Sequence<String>) {
    for argument in arguments { append(argument) }
  }

  /// Appends the arguments of another command, its name taken for the first of them.
  public mutating func append(argumentsOf other: Command) {
    bytes.append(contentsOf: other.bytes)
    lengths.append(contentsOf: other.lengths)
  }

  /// Lends the arguments in the form that hiredis takes; the pointers hold during `body` only.
  func withArguments<Result>(
    _ body: (Int32, UnsafeMutablePointer<UnsafePointer<CChar>?>, UnsafePointer<Int>) -> Result?
  ) -> Result? {
    withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: lengths.count) { pointers in
      bytes.withUnsafeBufferPointer { bytes in
        lengths.withUnsafeBufferPointer { lengths -> Result? in
          guard let list = pointers.baseAddress, let sizes = lengths.baseAddress else { return nil }
          // An empty argument needs some valid address, although nothing is read from it.
          let start = UnsafeRawPointer(bytes.baseAddress ?? UnsafePointer(bitPattern: 1))
          var offset = 0
          for (index, length) in lengths.enumerated() {
            pointers.initializeElement(at: index, to: start?.advanced(by: offset).assumingMemoryBound(to: CChar.self))
            offset += length
          }
          return body(Int32(lengths.count), list, sizes)
        }
      }
    }
  }
}

extension Command: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: String...) {
    self.init(elements)
  }
}

/// A command and how its reply is read, so that several questions fit into one pipeline.
///
/// `connection.ask(query)` asks one; for many, `connection.pipeline(queries.map(\.command))`, then `read` each reply.
public struct Query<Answer>: Sendable {
  public let command: Command
  private let reader: @Sendable (Reply) throws(RedisError) -> Answer

  public init(_ command: Command, read: @escaping @Sendable (Reply) throws(RedisError) -> Answer) {
    self.command = command
    reader = read
  }

  /// The answer that a reply to `command` means. A server's error is thrown.
  public func read(_ reply: Reply) throws(RedisError) -> Answer {
    if case .error(let error) = reply { throw .server(error) }
    return try reader(reply)
  }
}
