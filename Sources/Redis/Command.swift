/// One command with its arguments, binary safe: lengths are explicit and nothing is quoted or formatted.
///
/// The arguments lie one behind the other in a single buffer, in the form in which they are sent, so that a command of
/// hundreds of arguments costs one allocation and is copied as one piece.
public struct Command: Sendable, Hashable {
  /// For each argument `$`, its length, its bytes, with line ends between them.
  private(set) var bytes: [UInt8] = []
  /// The number of arguments, the command's name included.
  public private(set) var count = 0

  /// A command of these arguments, the first of which is its name.
  public init(_ arguments: String...) {
    self.init(arguments)
  }

  public init(_ arguments: [String]) {
    for argument in arguments { append(argument) }
  }

  /// The command's name, for error messages. Arguments are not part of it, since one may be a password.
  public var name: String {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
      let length = Int(String(decoding: bytes[1..<end - 1], as: UTF8.self))
    else { return "" }
    return String(decoding: bytes[(end + 1)...].prefix(length), as: UTF8.self)
  }

  /// Makes room ahead of many appends.
  public mutating func reserve(bytes count: Int) {
    bytes.reserveCapacity(bytes.count + count)
  }

  public mutating func append(_ argument: String) {
    append(bytes: argument.utf8)
  }

  public mutating func append(_ argument: some BinaryInteger) {
    append(String(argument))
  }

  public mutating func append(bytes argument: some Collection<UInt8>) {
    bytes.append(UInt8(ascii: "$"))
    Self.append(argument.count, to: &bytes)
    bytes.append(contentsOf: argument)
    bytes.append(UInt8(ascii: "\r"))
    bytes.append(UInt8(ascii: "\n"))
    count += 1
  }

  public mutating func append(contentsOf arguments: some Sequence<String>) {
    for argument in arguments { append(argument) }
  }

  /// Appends the arguments of another command, its name taken for the first of them.
  public mutating func append(argumentsOf other: Command) {
    bytes.append(contentsOf: other.bytes)
    count += other.count
  }

  /// What is sent before the arguments.
  var header: [UInt8] {
    var header = [UInt8(ascii: "*")]
    Self.append(count, to: &header)
    return header
  }

  /// A number and a line end.
  private static func append(_ number: Int, to bytes: inout [UInt8]) {
    if number < 10 {
      bytes.append(UInt8(ascii: "0") + UInt8(number))
    } else {
      bytes.append(contentsOf: String(number).utf8)
    }
    bytes.append(UInt8(ascii: "\r"))
    bytes.append(UInt8(ascii: "\n"))
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
