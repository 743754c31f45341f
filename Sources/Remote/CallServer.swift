internal import Deployment
package import HostState
internal import FileOperations
internal import Glibc
internal import Systemd

/// The side of a call that is on the host: takes what travels, begins the command, and passes on what it prints. Speaks on
/// its standard input and output with `HostCall`.
package struct CallServer {
  /// Ends what a login shell may have printed.
  static let ready = "qtctl-host ready"
  /// Where a backup of a release lies whose manifest has it beside itself.
  private static let store = "/var/backups/qtctl"

  private let state: StateFolder
  /// qtctl, absolute.
  private let program: String
  private let input = FrameInput()
  private let replies = FrameOutput(STDOUT_FILENO)

  /// - Parameter environment: `NAME=value` for the commands.
  package init(state: StateFolder, program: String, environment: [String]) {
    self.state = state
    self.program = program
    self.environment = environment
  }

  private let environment: [String]

  /// Answers one call.
  ///
  /// - Throws: where the other side is gone or speaks something else. Nothing has begun then.
  package func answer() throws {
    let hello = "\n\(Self.ready)\n"
    try Array(hello.utf8).withUnsafeBytes { try Files.writeAll($0, to: STDOUT_FILENO, path: "connection") }
    try replies.send(Frame(.hello, encoding: Hello(version: Program.version, build: Program.buildID)))
    replies.beat()
    guard let frame = try input.next(), frame.kind == .call else { return }
    let scratch = state.received + "/.incoming-\(getpid())-call"
    defer { try? Files.removeTree(scratch) }
    let (call, child): (Call, PipedProcess)
    do {
      call = try frame.decoded(Call.self)
      try call.validate()
      child = try begin(call, scratch)
    } catch {
      let status = (error as? any CommandError)?.exitStatus ?? .refused
      return try replies.send(Frame(.refused, encoding: Refused(exit: status.rawValue, text: "\(error)")))
    }
    CommandPump(call, child, input, replies, output: call.hasOutput ? Self.output(scratch) : nil).run()
  }

  /// Takes away a file that travelled, once the command has no more use for it.
  package static func forget(_ received: String, _ state: StateFolder) {
    try? ReceivedParcels(state).forget(received)
  }

  private static func output(_ scratch: String) -> String { scratch + "/output" }

  /// Receives what travels, then begins the command, or what follows it.
  private func begin(_ call: Call, _ scratch: String) throws -> PipedProcess {
    var received: String?
    if let parcel = call.parcel {
      received = try ReceivedParcels(state).receive(
        parcel, ask: { try replies.send(Frame(.lacks, encoding: $0)) }, read: input.data)
    }
    guard try input.next()?.kind == .sent else { throw ProtocolFault(description: "the call is not whole") }
    if call.hasOutput {
      try state.prepare()
      try Files.makeFolders(scratch, mode: 0o700)
    }
    let variables = self.variables(call, received, scratch)
    guard call.isDetached else {
      try replies.send(Frame(.began))
      return try PipedProcess([program] + call.words, environment: variables, sharesTerminal: false)
    }
    let run = RunRecord(
      id: call.id, words: call.words, began: time(nil), user: Caller.name, environment: variables,
      folder: Paths.current)
    try RunUnit.start(run, in: RunStore(state), program: program)
    try? replies.send(Frame(.began))
    return try PipedProcess([program, "attach", call.id, "--quiet"], environment: variables, sharesTerminal: false)
  }

  /// The environment of the command.
  private func variables(_ call: Call, _ received: String?, _ scratch: String) -> [String] {
    let replaced = ["COLUMNS=", "LC_ALL=", "TERM=", "QTCTL_MANIFEST=", Served.variable + "="]
    var result = environment.filter { line in !replaced.contains { line.hasPrefix($0) } }
    result.append(call.terminal.isASCII ? "LC_ALL=C" : "LC_ALL=C.UTF-8")
    if let columns = call.terminal.columns { result.append("COLUMNS=\(columns)") }
    let served = Served(
      received: received, output: call.hasOutput ? Self.output(scratch) : nil, isColoured: call.terminal.isColoured,
      mostOutput: call.isDetached ? RunStore.mostOutput : nil)
    if let text = try? JSON.line(served) {
      result.append("\(Served.variable)=\(String(decoding: text.dropLast(), as: UTF8.self))")
    }
    // Beside the manifest, the backups would go with what was received.
    let isFirst = call.storeOf.map { !Files.exists(state.installed($0)) } ?? false
    if isFirst, !environment.contains(where: { $0.hasPrefix("QTCTL_BACKUPS=") }) {
      result.append("QTCTL_BACKUPS=\(Self.store)")
    }
    return result
  }
}

/// Why a host did not take a call.
struct Refused: Codable {
  var exit: Int32
  var text: String
}

/// The frames of the other side.
final class FrameInput {
  private var reader = FrameReader()
  /// Bytes of files that were sent and are not taken yet.
  private var rest: ArraySlice<UInt8> = []

  var isAtEnd: Bool { reader.isAtEnd }
  let file = STDIN_FILENO

  /// The next frame, waiting for it; `nil` at the end.
  func next() throws -> Frame? {
    while true {
      if let frame = try reader.next() { return frame }
      if reader.isAtEnd { return nil }
      reader.fill(from: file)
    }
  }

  /// The frames that have come, once there is something to be read.
  func arrived() throws -> [Frame] {
    reader.fill(from: file)
    var frames: [Frame] = []
    while let frame = try reader.next() { frames.append(frame) }
    return frames
  }

  /// The next bytes of files.
  ///
  /// - Returns: at least one byte, and at most so many.
  func data(_ most: Int) throws -> [UInt8] {
    while rest.isEmpty {
      guard let frame = try next(), frame.kind == .data else {
        throw ProtocolFault(description: "the connection ended before the release was whole")
      }
      rest = frame.payload[...]
    }
    let taken = Array(rest.prefix(most))
    rest = rest.dropFirst(taken.count)
    return taken
  }
}
