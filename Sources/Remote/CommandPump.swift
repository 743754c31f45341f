internal import FileOperations
internal import Glibc

/// Passes on what a command prints to the other side of a call, until it ends or the other side is gone.
struct CommandPump {
  /// A command that belongs to its connection has so long to end after it.
  private static let grace = Duration.seconds(10)
  private static let interval: Int32 = 100

  private let call: Call
  private let child: PipedProcess
  private let input: FrameInput
  private let replies: FrameOutput
  private let output: String?

  /// - Parameter output: the file that the command writes.
  init(_ call: Call, _ child: PipedProcess, _ input: FrameInput, _ replies: FrameOutput, output: String?) {
    self.call = call
    self.child = child
    self.input = input
    self.replies = replies
    self.output = output
  }

  func run() {
    child.closeInput()
    do {
      let end = try pass()
      if let output, Files.exists(output) { try sendFile(output) }
      try replies.send(Frame(.ended, encoding: end))
    } catch {
      // Nobody listens any more. What is detached goes on; what follows it need not.
      child.signal(call.isDetached ? SIGKILL : SIGTERM)
      if child.ended(within: Self.grace) == nil { child.signal(SIGKILL) }
    }
  }

  /// - Returns: how the command ended.
  /// - Throws: where the other side is gone.
  private func pass() throws -> Ending {
    // What goes on comes before what came of it.
    var open: [(file: Int32, kind: Frame.Kind)] = [(child.errors, .errors), (child.output, .output)]
    var deadline: ContinuousClock.Instant?
    while true {
      let ready = PipedProcess.readable([input.file] + open.map(\.file), within: Self.interval)
      if ready.contains(input.file) { try listen() }
      for (file, kind) in open where ready.contains(file) {
        if let bytes = PipedProcess.bytes(of: file) {
          try replies.send(Frame(kind, bytes))
        } else {
          open.removeAll { $0.file == file }
        }
      }
      guard let end = child.ended() else { continue }
      // Something that it has left behind may hold the outputs.
      if deadline == nil { deadline = .now + .seconds(1) }
      if open.isEmpty || deadline.map({ $0 < .now }) == true { return end }
    }
  }

  private func listen() throws {
    for frame in try input.arrived() where frame.kind == .interrupt {
      if call.isDetached { RunUnit.interrupt(call.id) } else { child.signal(SIGINT) }
    }
    if input.isAtEnd { throw ProtocolFault(description: "the connection ended") }
  }

  private func sendFile(_ path: String) throws {
    try Files.forEachChunk(of: path) { bytes in try replies.send(Frame(.file, Array(bytes))) }
  }
}
