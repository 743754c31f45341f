internal import Dispatch
internal import Glibc

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
