internal import CLinux
package import FileOperations
internal import Glibc
internal import SystemPackage

/// A place in the line of those who wait for the lock, in the order in which they came.
///
/// The kernel keeps the line: who waits as number N holds a lock of its own open file description on byte N of the file
/// `queue`, so a place ends with its process, whatever that dies of. Nothing is written: a number is one above all that
/// are taken, so they begin at 0 again when nobody waits.
package final class WaitingLine: Sendable {
  private let file: Int32
  private let number: Int

  /// Takes the last place.
  package init(_ folder: StateFolder) throws(FileError) {
    let path = folder.queue
    file = Int32(try Files.check("open", path) { Int(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)) })
    var number = 0
    repeat {
      while let taken = Self.taken(file, from: number, count: 0) { number = taken.upperBound }
      // Somebody else may take it in this very moment; then the search goes on behind them.
    } while try !Self.take(number, of: file, path: path)
    self.number = number
  }

  deinit { close(file) }

  /// How many stand before this one.
  package var ahead: Int { Self.count(file, 0..<number) }

  /// Returns when nobody stands before this one any more.
  package func waitForTurn() {
    guard number > 0 else { return }
    // Of the same kind as the own place, so that the two become one lock and are counted as one.
    var lock = Self.lock(F_WRLCK, from: 0, count: number)
    while fcntl(file, Int32(OFD_SETLKW), &lock) != 0 && errno == EINTR {}
  }

  /// Gives the place up.
  package func leave() {
    var all = Self.lock(F_UNLCK, from: 0, count: 0)
    _ = fcntl(file, Int32(OFD_SETLK), &all)
  }

  private static func take(_ number: Int, of file: Int32, path: String) throws(FileError) -> Bool {
    var place = lock(F_WRLCK, from: number, count: 1)
    while fcntl(file, Int32(OFD_SETLK), &place) != 0 {
      let error = FileError(operation: "lock a place in", path: path, errno: Errno(rawValue: errno))
      if error.errno == .resourceTemporarilyUnavailable || error.errno == .permissionDenied { return false }
      guard error.errno == .interrupted else { throw error }
    }
    return true
  }

  /// Every place is a lock; a range that is one lock is one waiter's, who has nobody before it.
  private static func count(_ file: Int32, _ range: Range<Int>) -> Int {
    guard !range.isEmpty, let taken = taken(file, from: range.lowerBound, count: range.count) else { return 0 }
    let below = range.lowerBound..<max(range.lowerBound, taken.lowerBound)
    let above = min(range.upperBound, taken.upperBound)..<range.upperBound
    return 1 + count(file, below) + count(file, above)
  }

  /// One of the places that others hold in `count` bytes from `start`; a count of 0 reaches to the end.
  private static func taken(_ file: Int32, from start: Int, count: Int) -> Range<Int>? {
    var found = lock(F_WRLCK, from: start, count: count)
    guard fcntl(file, Int32(OFD_GETLK), &found) == 0, found.l_type != Int16(F_UNLCK) else { return nil }
    return Int(found.l_start)..<Int(found.l_start) + max(1, Int(found.l_len))
  }

  private static func lock(_ type: Int32, from start: Int, count: Int) -> flock {
    flock(l_type: Int16(type), l_whence: Int16(SEEK_SET), l_start: off_t(start), l_len: off_t(count), l_pid: 0)
  }
}
