internal import Dispatch
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// An open file that is closed when its last owner lets go, or earlier.
final class OwnedDescriptor: Sendable {
  private let descriptor: FileDescriptor
  private let isOpen = Mutex(true)

  init(_ descriptor: FileDescriptor) {
    self.descriptor = descriptor
  }

  deinit {
    close()
  }

  /// The number, valid while this object lives and is not closed.
  var rawValue: CInt { descriptor.rawValue }

  /// Uses the descriptor unless it is closed, and keeps it open meanwhile.
  func use<Result>(_ body: (FileDescriptor) throws -> Result) rethrows -> Result? {
    try isOpen.withLock { isOpen in isOpen ? try body(descriptor) : nil }
  }

  func close() {
    isOpen.withLock { isOpen in
      // Nothing can be done about a failing close: the number is gone either way.
      if isOpen { try? descriptor.close() }
      isOpen = false
    }
  }

  /// Opens a file for reading.
  static func open(_ path: String) throws(MachineError) -> OwnedDescriptor {
    do {
      return OwnedDescriptor(try FileDescriptor.open(path, .readOnly, options: .closeOnExec))
    } catch {
      throw .system(call: "open", subject: path, reason: "\(error)")
    }
  }

  /// The two ends of a new pipe that no child inherits.
  static func pipe() throws(MachineError) -> (readEnd: OwnedDescriptor, writeEnd: OwnedDescriptor) {
    do {
      let (readEnd, writeEnd) = try FileDescriptor.pipe(options: .closeOnExec)
      return (OwnedDescriptor(readEnd), OwnedDescriptor(writeEnd))
    } catch {
      throw .system(call: "pipe", subject: "pipe", reason: "\(error)")
    }
  }

  /// Two connected stream sockets that no child inherits. Unlike a pipe's, their writer can be spared SIGPIPE.
  static func socketPair() throws(MachineError) -> (OwnedDescriptor, OwnedDescriptor) {
    var numbers: [CInt] = [-1, -1]
    guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &numbers) == 0 else {
      throw .system(call: "socketpair", subject: "stream", reason: "\(Errno(rawValue: errno))")
    }
    return (
      OwnedDescriptor(FileDescriptor(rawValue: numbers[0])), OwnedDescriptor(FileDescriptor(rawValue: numbers[1]))
    )
  }

  /// A file without a name that holds these bytes, to be read from its start.
  static func spool(_ bytes: [UInt8]) throws(MachineError) -> OwnedDescriptor {
    let path = "/tmp/qtctl-spool-\(UInt64.random(in: 0 ... .max))"
    do {
      let descriptor = try FileDescriptor.open(
        path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
      let owned = OwnedDescriptor(descriptor)
      unlink(path)
      try descriptor.writeAll(bytes)
      try descriptor.seek(offset: 0, from: FileDescriptor.SeekOrigin.start)
      return owned
    } catch {
      throw .system(call: "write", subject: path, reason: "\(error)")
    }
  }
}

/// Waiting for files to become readable without keeping a thread of the concurrency pool.
enum Poll {
  /// Returns once one of the descriptors is readable or its other end is closed, or at the deadline, and says of each
  /// whether it is.
  static func readable(_ descriptors: [OwnedDescriptor], until deadline: ContinuousClock.Instant) async -> [Bool] {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        var entries = descriptors.map { pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0) }
        let left = max(.zero, deadline - .now)
        let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
        // An interrupted or failed wait is like one that is over: the caller looks, and waits again.
        _ = poll(&entries, nfds_t(entries.count), CInt(clamping: milliseconds + 1))
        withExtendedLifetime(descriptors) { continuation.resume(returning: entries.map { $0.revents != 0 }) }
      }
    }
  }
}
