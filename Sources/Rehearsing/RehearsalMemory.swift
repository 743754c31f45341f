internal import Basics
internal import Deployment
internal import FileOperations

/// How much memory a rehearsal may take: the machine's files and its processes together.
enum RehearsalMemory {
  /// systemd, a few services and their files.
  private static let least = 512 << 20

  /// - Parameters:
  ///   - wanted: what was asked for; `nil`: half of what the host has free.
  ///   - redis: the bytes of the copied Redis files, which are there once as files and once more in the server.
  /// - Throws: `RehearsalUnavailable` where that is too little.
  static func limit(wanted: Int?, redis: Int) throws -> Int {
    let available = try available()
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

  /// What could be taken without swapping, in bytes (`MemAvailable` of proc(5)).
  private static func available() throws -> Int {
    let text = String(decoding: try Files.read("/proc/meminfo"), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    guard let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw RehearsalUnavailable("the kernel does not say how much memory is free ('/proc/meminfo')")
    }
    return kibibytes.multipliedSaturated(by: 1024)
  }
}
