internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc

/// What goes over a connection once both sides know each other: the call, what travels, and what the command prints.
struct Exchange {
  /// Of a document, so many bytes are held back until it is whole.
  private static let mostHeld = 64 << 20

  private let call: HostCall
  private let connection: HostConnection
  private let message: Call
  private var held: [UInt8] = []
  private var interrupts = 0

  init(_ call: HostCall, _ connection: HostConnection, _ message: Call) {
    self.call = call
    self.connection = connection
    self.message = message
  }

  private var host: RemoteHost { call.host }
  private var verb: String {
    let words = call.words.prefix { !$0.hasPrefix("-") }
    return words.prefix(words.first == "backups" ? 2 : 1).joined(separator: " ")
  }

  /// Sends the call and what the host lacks.
  ///
  /// - Throws: `RemoteError`: before the last word was sent, nothing has begun.
  func begin(_ parcel: OutgoingParcel?) throws {
    do {
      try connection.send(Frame(.call, encoding: message), isInterruptible: true)
      if let parcel { try send(parcel) }
      guard Interrupts.count == 0 else {
        throw connection.interrupted
      }
      try connection.send(Frame(.sent))
    } catch let silence as HostSilence {
      throw lostBefore(": \(silence)")
    } catch let error as FileError where error.path == "connection" {
      // The host may have said why before it closed the connection.
      while let (frame, isAtEnd) = try? connection.soon(), !isAtEnd {
        if let frame, frame.kind == .refused { throw try refusal(frame) }
      }
      throw lostBefore()
    } catch let fault as ProtocolFault {
      throw RemoteError.unreachable(
        "'\(host)' was not told what to do: \(fault); install the same version of qtctl there")
    }
  }

  private func send(_ parcel: OutgoingParcel) throws {
    guard let frame = try connection.next() else { throw lostBefore() }
    if frame.kind == .refused { throw try refusal(frame) }
    guard frame.kind == .lacks else { throw ProtocolFault(description: "it answers something else") }
    guard let lacking = try? frame.decoded(Lacks.self).files else {
      throw ProtocolFault(description: "it asks for nothing that is understood")
    }
    let all = parcel.parcel.entries
    let sizes = lacking.map { all.indices.contains($0) ? all[$0].size : 0 }
    let files = all.count { $0.kind == .file }
    call.tell(
      "'\(host)' lacks \(lacking.count) of \(files) files; sending \(ByteCount.text(sizes.saturatedSum)) of "
        + ByteCount.text(parcel.parcel.bytes))
    try parcel.send(lacking) { bytes in
      try connection.send(Frame(.data, Array(bytes)), isInterruptible: true)
    }
  }

  /// Passes on what the command prints, until it has ended.
  ///
  /// - Returns: its exit status.
  /// - Throws: `RemoteError` where the connection is lost.
  mutating func follow(_ output: ReturnedFile?) throws -> Int32 {
    var shown = (TerminalText(isColoured: call.terminal.isColoured), TerminalText(isColoured: call.terminal.isColoured))
    while true {
      try interruptIfAsked()
      let (frame, isAtEnd): (Frame?, Bool)
      do {
        (frame, isAtEnd) = try connection.soon()
      } catch let fault as ProtocolFault {
        throw lost(": \(fault)")
      } catch let silence as HostSilence {
        throw lost(": \(silence)")
      }
      guard let frame else {
        guard !isAtEnd else { throw lost(connection.ssh.lastLines.last.map { ": \($0)" } ?? "") }
        continue
      }
      switch frame.kind {
      case .began: tellOfBeginning()
      case .output: try take(frame.payload, &shown.0)
      case .errors: Self.write(shown.1.shown(frame.payload), to: STDERR_FILENO)
      case .file:
        guard let output else { throw lost(": it sent a file that nobody asked for") }
        try output.add(frame.payload)
      case .refused: throw (try? refusal(frame)) ?? lost(": it refuses for no reason that is understood")
      case .ended:
        let end = try? frame.decoded(Ending.self)
        guard let status = end?.status, (0...255).contains(status) else { throw lost(": it tells no exit status") }
        Self.write(shown.1.finish(), to: STDERR_FILENO)
        Self.write(call.isDocument ? text(of: held) : shown.0.finish(), to: STDOUT_FILENO)
        return status
      case .hello, .call, .lacks, .data, .sent, .interrupt, .alive:
        throw lost(": it sent something that is not of qtctl")
      }
    }
  }

  private func tellOfBeginning() {
    guard message.isDetached else { return }
    call.tell(
      "'\(verb)' runs on '\(host)' as qtctl-run-\(message.id).service, also without this connection; to follow it then: "
        + "qtctl attach \(message.id) --host \(host)")
  }

  private mutating func take(_ bytes: [UInt8], _ shown: inout TerminalText) throws {
    guard call.isDocument else { return Self.write(shown.shown(bytes), to: STDOUT_FILENO) }
    held += bytes
    guard held.count <= Self.mostHeld else { throw lost(": it prints more than \(Self.mostHeld) bytes") }
  }

  private func text(of document: [UInt8]) -> String {
    var text = TerminalText(isColoured: false)
    return text.shown(document) + text.finish()
  }

  /// Does there what Ctrl-C does here; a second one leaves it.
  private mutating func interruptIfAsked() throws {
    let count = Interrupts.count
    guard count > interrupts else { return }
    guard count == 1 else { throw lost(", as it was interrupted twice") }
    interrupts = count
    if message.isDetached { call.tell("'\(verb)' is interrupted on '\(host)', as Ctrl-C does it there") }
    try? connection.send(Frame(.interrupt))
  }

  private func refusal(_ frame: Frame) throws -> RemoteError {
    guard let refused = try? frame.decoded(Refused.self) else {
      throw ProtocolFault(description: "it refuses for no reason that is understood")
    }
    let text = Printable.text(String(refused.text.prefix(8000)))
    return RemoteError(
      exitStatus: ExitStatus(rawValue: refused.exit) ?? .refused, description: "'\(host)': \(text)")
  }

  /// - Parameter why: `nil`: what ssh says.
  private func lostBefore(_ why: String? = nil) -> RemoteError {
    let why = why ?? connection.ssh.lastLines.last.map { ": \($0)" } ?? ""
    return .unreachable(
      "the connection to '\(host)' was lost\(why); '\(verb)' had not begun, and nothing was done there: run it again")
  }

  private func lost(_ why: String) -> RemoteError {
    guard message.isDetached else {
      return .lost(
        "the connection to '\(host)' was lost before '\(verb)' had ended\(why); it ends there with it: run it again")
    }
    return .lost(
      "the connection to '\(host)' was lost\(why); '\(verb)' goes on there without it; to see how it ends, run: qtctl "
        + "attach \(message.id) --host \(host)")
  }

  private static func write(_ text: String, to file: Int32) {
    guard !text.isEmpty else { return }
    try? Array(text.utf8).withUnsafeBytes { try Files.writeAll($0, to: file, path: "output") }
  }
}
