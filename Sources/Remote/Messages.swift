internal import FileOperations

/// What the host says of itself, first of all.
struct Hello: Codable {
  /// Rises with every change of the messages.
  static let current = 2

  var protocolVersion = Hello.current
  var version: String
  var build: String?
}

/// What is asked of the host.
struct Call: Codable {
  /// Chosen by the caller, so that it can ask what became of it without having heard of it again.
  var id: String
  /// The command line behind the program's name.
  var words: [String]
  /// Whether it goes on without the connection.
  var isDetached: Bool
  /// What travels; its main part is the release or the archive.
  var parcel: Parcel?
  /// Under which name the release is deployed, where its backups lie beside it on the machine that it comes from.
  var storeOf: String?
  /// Whether the command writes a file, which travels back.
  var hasOutput: Bool
  var terminal: Terminal

  /// How the caller's terminal shows things.
  struct Terminal: Codable {
    var columns: Int?
    var isColoured: Bool
    var isASCII: Bool
  }

  static let idDigits = 12
  private static let mostWords = (count: 4096, bytes: 256 << 10)

  /// - Throws: `ProtocolFault` for what no qtctl asks.
  func validate() throws(ProtocolFault) {
    let hex = Set("0123456789abcdef".utf8)
    guard id.utf8.count == Self.idDigits, id.utf8.allSatisfy(hex.contains) else {
      throw ProtocolFault(description: "the call has no number")
    }
    let bytes = words.reduce(0) { $0 + $1.utf8.count }
    guard (1...Self.mostWords.count).contains(words.count), bytes <= Self.mostWords.bytes,
      words.allSatisfy({ !$0.utf8.contains(0) })
    else { throw ProtocolFault(description: "the call's command line is too long") }
    if let name = storeOf, name.contains("/") || name.hasPrefix(".") {
      throw ProtocolFault(description: "the release's name is no name of a file")
    }
    try parcel?.validate()
  }
}

/// Of a parcel, by their places in its list, the files that the host has not.
struct Lacks: Codable {
  var files: [Int]
}

/// How a command ended.
package struct Ending: Codable, Hashable, Sendable {
  /// Its exit status; `nil` where a signal ended it.
  package var exit: Int32?
  package var signal: Int32?

  package init(exit: Int32?, signal: Int32? = nil) {
    self.exit = exit
    self.signal = signal
  }

  /// As a shell has it.
  package var status: Int32 { exit ?? 128 &+ (signal ?? 0) }
}

/// What a command is told that runs for a caller on another machine.
package struct Served: Codable, Sendable {
  /// In the process's environment, as JSON.
  package static let variable = "QTCTL_SERVED"

  /// Where the release or the file that the command line names was received.
  package var received: String?
  /// Where the command writes the file that its caller asked for.
  package var output: String?
  package var isColoured = false
  /// Each of its outputs goes to a file that may grow so far; `nil`: without an end.
  package var mostOutput: Int?

  /// - Parameter text: the variable's; what cannot be read counts as absent.
  package init?(_ text: String?) {
    guard let text, let found = try? JSON.decode(Served.self, from: text.utf8, path: Self.variable) else { return nil }
    self = found
  }

  init(received: String?, output: String?, isColoured: Bool, mostOutput: Int?) {
    self.received = received
    self.output = output
    self.isColoured = isColoured
    self.mostOutput = mostOutput
  }
}
