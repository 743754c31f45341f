internal import Basics
internal import Deployment
internal import Rehearsal

/// How much memory a rehearsal may take: the machine's files and its processes together.
enum RehearsalMemory {
  /// systemd, a few services and their files.
  private static let least = 512 << 20

  /// - Parameters:
  ///   - wanted: what was asked for; `nil`: half of what the host has free.
  ///   - redis: the bytes of the copied Redis files, which are there once as files and once more in the server.
  /// - Throws: `RehearsalUnavailable` where that is too little.
  static func limit(wanted: Int?, redis: Int) throws -> Int {
    guard let available = try Machine.freeMemory() else {
      throw RehearsalUnavailable("the kernel does not say how much memory is free ('/proc/meminfo')")
    }
    let limit = wanted ?? available / 2
    let needed = least.addingSaturated(redis.multipliedSaturated(by: 3))
    guard limit >= needed else {
      throw RehearsalUnavailable(
        "it needs \(ByteCount.text(needed)) of memory and may take \(ByteCount.text(limit)) of the "
          + "\(ByteCount.text(available)) that are free; free some, or allow more with --memory")
    }
    guard limit <= available else {
      throw RehearsalUnavailable(
        "--memory allows \(ByteCount.text(limit)), and only \(ByteCount.text(available)) are free on this host")
    }
    return limit
  }
}
