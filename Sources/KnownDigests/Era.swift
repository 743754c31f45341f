internal import FileOperations
internal import Glibc

/// A time in which the times of files only grow: one boot, while nobody sets the clock.
struct Era: Sendable, Hashable {
  /// As `/proc/sys/kernel/random/boot_id` has it: 36 characters.
  var boot: String
  /// What the clock shows, less what has passed since the boot, in nanoseconds. Both run at the same rate, also where the
  /// time service slows them; setting the clock changes it.
  var clock: Int64

  static let bootLength = 36

  /// `nil` where the kernel does not tell.
  static var now: Era? {
    guard let bytes = try? Files.read("/proc/sys/kernel/random/boot_id"), let clock else { return nil }
    let boot = String(decoding: bytes.prefix(bootLength), as: UTF8.self)
    return boot.utf8.count == bootLength ? Era(boot: boot, clock: clock) : nil
  }

  /// Whether it is one with another. Between the two clocks that are read, a process may have to wait.
  func isSame(_ other: Era) -> Bool {
    let (difference, overflow) = clock.subtractingReportingOverflow(other.clock)
    return boot == other.boot && !overflow && difference.magnitude < 1_000_000
  }

  /// The least of a few looks at the two clocks: where a process had to wait in between, it is too large.
  private static var clock: Int64? {
    (0..<5).compactMap { _ -> Int64? in
      guard let since = nanoseconds(CLOCK_BOOTTIME), let now = nanoseconds(CLOCK_REALTIME) else { return nil }
      return now - since
    }.min()
  }

  private static func nanoseconds(_ clock: clockid_t) -> Int64? {
    var time = timespec()
    guard clock_gettime(clock, &time) == 0 else { return nil }
    let (seconds, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? nil : seconds + Int64(time.tv_nsec)
  }
}
