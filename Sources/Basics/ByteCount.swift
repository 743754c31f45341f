/// A number of bytes as people read it: `812 B`, `12.3 KiB`, `4.0 GiB`.
package enum ByteCount {
  private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]

  /// What is finer than a tenth is cut off.
  package static func text(_ bytes: some BinaryInteger) -> String {
    var (rest, tenths) = (max(0, Int(clamping: bytes)), 0)
    var unit = 0
    while rest >= 1024, unit < units.count - 1 {
      tenths = rest % 1024 * 10 / 1024
      rest /= 1024
      unit += 1
    }
    // trap: below the count
    return unit == 0 ? "\(rest) B" : "\(rest).\(tenths) \(units[unit])"
  }
}
