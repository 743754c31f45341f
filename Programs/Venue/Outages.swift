import Glibc
import TestSupport

/// Closes the door now and then for a while.
struct Outages: Sendable {
  let door: Door
  let seed: UInt64
  /// Seconds, on average.
  let upTime: Double
  let downTime: Double

  /// Never returns.
  func run() {
    var generator = SeededGenerator(seed: seed, for: "outages")
    while true {
      sleep(upTime * (0.5 + generator.share()))
      door.shut()
      sleep(downTime * (0.5 + generator.share()))
      do {
        try door.open()
      } catch {
        fatalError("the venue cannot open again: \(error)")
      }
    }
  }

  private func sleep(_ seconds: Double) {
    usleep(UInt32(seconds * 1_000_000))
  }
}
