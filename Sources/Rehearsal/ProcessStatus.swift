/// What `/proc/PID/status` says of a process, as proc(5) describes it.
struct ProcessStatus {
  /// Its number as this process sees it.
  let number: Int32
  /// Its parent's number.
  let parent: Int32
  /// Its numbers from this process's PID namespace inwards to its own.
  let numbers: [Int32]

  /// Fails when the process is gone.
  init?(of number: Int32) {
    guard let text = try? Machine.hostFile("/proc/\(number)/status") else { return nil }
    self.number = number
    parent = Self.field("PPid", of: text).first ?? 0
    numbers = Self.field("NSpid", of: text)
  }

  private static func field(_ name: String, of text: String) -> [Int32] {
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().compactMap { Int32($0) } ?? []
  }
}
