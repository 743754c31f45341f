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

  /// The two ends of a new pipe that no child inherits.
  static func pipe() throws(MachineError) -> (readEnd: OwnedDescriptor, writeEnd: OwnedDescriptor) {
    do {
      let (readEnd, writeEnd) = try FileDescriptor.pipe(options: .closeOnExec)
      return (OwnedDescriptor(readEnd), OwnedDescriptor(writeEnd))
    } catch {
      throw .system(call: "pipe", subject: "pipe", reason: "\(error)")
    }
  }
}
