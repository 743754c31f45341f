internal import Basics

/// A connection as both sides of a call speak over it, seen from here.
final class HostConnection {
  let host: RemoteHost
  let ssh: SSHConnection
  private var reader = FrameReader()
  private static let slice: Int32 = 100
  /// A slice that took longer is one in which this process was stopped.
  private static let longestWait = Duration.milliseconds(200)
  /// While something is sent to it, no more of what the host says is held.
  private static let mostUnread = 1 << 20
  /// Before qtctl answers, a login shell, a question of sudo's or of a person's may take its time. Then something comes
  /// every few seconds, also over a connection that ssh shares, of which it finds out nothing by itself.
  private static let (firstPatience, patience) = (Duration.seconds(300), FrameOutput.interval * 6)
  private var patience = HostConnection.firstPatience
  /// How long nothing has come, as time that was spent waiting: a process that was stopped meanwhile has heard nothing.
  private var quiet = Duration.zero

  init(_ host: RemoteHost, _ ssh: SSHConnection) {
    self.host = host
    self.ssh = ssh
  }

  /// A line before the first frame; `nil` at the end.
  ///
  /// - Throws: `RemoteError` where a person interrupts.
  func line() throws -> [UInt8]? {
    while true {
      if let line = reader.line() { return line }
      // What has no end is as good as an answer that is too long.
      if reader.buffer.count > Greeting.mostNoise { return Array(reader.buffer) }
      guard try more() else { return nil }
    }
  }

  /// The next frame; `nil` at the end.
  func next() throws -> Frame? {
    while true {
      if let frame = try frame() { return frame }
      guard try more() else { return nil }
    }
  }

  /// The next frame, where one comes within a moment.
  func soon() throws -> (frame: Frame?, isAtEnd: Bool) {
    if let frame = try frame() { return (frame, false) }
    if reader.isAtEnd { return (nil, true) }
    _ = try hear()
    return (try frame(), false)
  }

  /// - Parameter isInterruptible: whether a person may end it half way.
  /// - Throws: `FileError` where nobody reads any more, `HostSilence`, or `RemoteError` where a person interrupts.
  func send(_ frame: Frame, isInterruptible: Bool = false) throws {
    var rest = frame.bytes[...]
    while !rest.isEmpty {
      guard !isInterruptible || Interrupts.count == 0 else { throw interrupted }
      let isFull = reader.buffer.count >= Self.mostUnread
      let begun = ContinuousClock.now
      let (count, isAnswered) = try ssh.process.write(
        rest, answers: isFull || reader.isAtEnd ? -1 : ssh.process.output, within: Self.slice)
      rest = rest.dropFirst(count)
      if isAnswered { reader.fill(from: ssh.process.output) }
      try note(isHeard: isAnswered || isFull, since: begun)
    }
  }

  /// From now on the host says every few seconds that it is there.
  func expectBeats() { patience = Self.patience }

  func close() { ssh.close() }

  var interrupted: RemoteError { .unreachable("interrupted; nothing was done on '\(host)'") }

  private func more() throws -> Bool {
    while !reader.isAtEnd {
      guard Interrupts.count == 0 else { throw interrupted }
      if try hear() { return true }
    }
    return false
  }

  /// The next frame that says something, out of what has come.
  private func frame() throws -> Frame? {
    while let frame = try reader.next() {
      if frame.kind != .alive { return frame }
    }
    return nil
  }

  /// Reads what comes within a moment.
  private func hear() throws -> Bool {
    let begun = ContinuousClock.now
    let isHeard = !PipedProcess.readable([ssh.process.output], within: Self.slice).isEmpty
    if isHeard { reader.fill(from: ssh.process.output) }
    try note(isHeard: isHeard, since: begun)
    return isHeard
  }

  private func note(isHeard: Bool, since begun: ContinuousClock.Instant) throws {
    quiet = isHeard ? .zero : quiet + min(.now - begun, Self.longestWait)
    guard quiet < patience else { throw HostSilence(length: patience) }
  }
}

/// The other side has said nothing for so long that it counts as gone.
struct HostSilence: Error, CustomStringConvertible {
  let length: Duration

  var description: String { "nothing was heard from it for \(length.compactText)" }
}
