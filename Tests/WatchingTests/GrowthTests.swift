import Testing

@testable import Watching

@Suite("Growth without end")
struct GrowthTests {
  private static let mega = 1_048_576.0

  /// Feeds a series of looks, a minute apart, and returns at which look it was called endless.
  private static func alarms(_ looks: Int, ceiling: Double, usual: Double? = nil, _ value: (Int) -> Double) -> [Int] {
    var growth = Growth()
    return (0..<looks).filter { look in
      growth.add(value(look), at: look * 60)
      return growth.endless(below: ceiling, every: 60, usual: usual) != nil
    }
  }

  /// Pseudo-random, the same in every run.
  private struct Noise {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    /// From 0 to 1.
    mutating func next() -> Double {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(state >> 11) / Double(UInt64(1) << 53)
    }
  }

  @Test("a leak is found before what is free is gone, whatever its pace", arguments: [20, 30, 60, 120, 600])
  func leak(lifetime: Int) throws {
    var noise = Noise(UInt64(lifetime))
    let (base, ceiling) = (300 * Self.mega, 4096 * Self.mega)
    let alarms = Self.alarms(lifetime, ceiling: ceiling) { look in
      base + (ceiling - base) * Double(look) / Double(lifetime) + 20 * Self.mega * noise.next()
    }
    // Three in a row are what something follows from.
    let third = try #require(zip(alarms, alarms.dropFirst(2)).first { $1 == $0 + 2 }?.1)
    #expect(third >= lifetime / 4 && third <= lifetime * 17 / 20, "\(third) of \(lifetime)")
  }

  @Test("a leak of a garbage collected service is found by what is left after each collection")
  func sawtooth() throws {
    var noise = Noise(7)
    let ceiling = 2048 * Self.mega
    let alarms = Self.alarms(720, ceiling: ceiling) { look in
      (200 + 2.5 * Double(look) + Double(look % 9) * 15 + 10 * noise.next()) * Self.mega
    }
    let first = try #require(alarms.first)
    #expect(first < 600, "\(first)")
  }

  @Test("one that begins after a day is found as well, though the file keeps only so many values")
  func late() throws {
    let ceiling = 4096 * Self.mega
    let alarms = Self.alarms(2040, ceiling: ceiling) { look in
      (300 + (look > 1440 ? Double(look - 1440) * 6 : 0)) * Self.mega
    }
    let first = try #require(alarms.first)
    #expect(first > 1440 && first < 1440 + 520, "\(first)")
    var growth = Growth()
    for look in 0..<10_000 { growth.add(1, at: look * 60) }
    #expect(growth.points.count < 200)
  }

  @Test("a leak that is known from before the release is found earlier, and a return to what was before is none")
  func usual() throws {
    let ceiling = 4096 * Self.mega
    func value(_ look: Int) -> Double { (100 + Double(look) * 5) * Self.mega }
    let known = try #require(Self.alarms(720, ceiling: ceiling, usual: 150 * Self.mega, value).first)
    let unknown = try #require(Self.alarms(720, ceiling: ceiling, value).first)
    #expect(known < unknown && known <= 300, "\(known), \(unknown)")
    // A cache that fills over hours to what it was before.
    let cache = Self.alarms(600, ceiling: ceiling, usual: 2400 * Self.mega) { look in
      (100 + min(2400, Double(look) * 5)) * Self.mega
    }
    #expect(cache.isEmpty)
  }

  @Test("a warm-up raises no alarm", arguments: [5.0, 10, 30, 90, 240])
  func warmUp(time: Double) {
    var noise = Noise(UInt64(time))
    // Up to half of all that there is.
    let alarms = Self.alarms(1440, ceiling: 2048 * Self.mega) { look in
      (80 + 1000 * (1 - Self.decay(Double(look) / time)) + 15 * noise.next()) * Self.mega
    }
    #expect(alarms.isEmpty, "\(alarms)")
  }

  @Test("days of normal noisy load raise no alarm", arguments: 1...6)
  func day(seed: Int) {
    var noise = Noise(UInt64(seed))
    // Two days, whose load doubles the memory in a few hours, with collections, bursts and a warm-up; a tight limit.
    let collection = 5 + Int(noise.next() * 40)
    let phase = noise.next() * 1440
    let alarms = Self.alarms(2880, ceiling: 1024 * Self.mega) { look in
      let load = Self.wave((Double(look) + phase) / 1440)
      let burst = noise.next() > 0.995 ? 120 * noise.next() : 0
      let warm = 60 * (1 - Self.decay(Double(look) / 12))
      let saw = 80 * Double(look % collection) / Double(collection)
      return (200 + 150 * load + warm + saw + burst + 25 * noise.next()) * Self.mega
    }
    #expect(alarms.isEmpty, "\(alarms.prefix(10))")
  }

  /// e^-x, without the mathematics of the host.
  private static func decay(_ x: Double) -> Double {
    guard x < 50 else { return 0 }
    let part = 1 + x / 1024
    return 1 / (0..<10).reduce(part) { power, _ in power * power }
  }

  /// From 0 to 2, once a day.
  private static func wave(_ days: Double) -> Double {
    let x = (days - days.rounded(.down)) * 2 - 1
    // A parabola up and down is close enough to a sine.
    return 1 + 4 * x * (1 - abs(x))
  }
}
