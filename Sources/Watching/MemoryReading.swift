internal import Basics
internal import FileOperations
internal import Systemd
internal import Units

/// What units hold in memory, by the kernel's word: what cannot be written elsewhere, so neither the files that the kernel
/// caches for them nor their programs. A service that writes a log file has no growing memory by it.
struct MemoryReading {
  var groups = "/sys/fs/cgroup"
  var proc = "/proc"

  /// The parts of memory.stat (cgroups(7)) that stay until they are given back.
  private static let kept: Set<Substring> = ["anon", "shmem", "slab_unreclaimable", "kernel_stack", "pagetables"]

  func samples(of units: [String], _ manager: ServiceManager) -> [String: UnitSample] {
    let free = available()
    return units.reduce(into: [:]) { samples, unit in
      guard let status = try? manager.status(of: unit) else { return }
      var sample = UnitSample(run: status.invocationID, restarts: status.nRestarts.map { Int($0) })
      if let group = status.controlGroup, status.isActive, let memory = memory(of: group) {
        sample.memory = memory
        let limit = status.memoryMax.map { Int(clamping: $0) }
        sample.ceiling = [limit, free.map { $0.addingSaturated(memory) }].compactMap { $0 }.min()
      }
      samples[unit] = sample
    }
  }

  /// The memory of what has run for long.
  ///
  /// - Parameter age: in seconds; of what is younger, nothing is known.
  func settled(_ units: [String], _ manager: ServiceManager, age: Double, now: Int) -> [String: Int] {
    samples(of: units, manager).compactMapValues(\.memory).filter { unit, _ in
      guard let since = (try? manager.status(of: unit))?.activeEnter else { return false }
      return Double(now.subtractingSaturated(Int(since.realtime / 1_000_000))) >= age
    }
  }

  /// Bytes of a control group; `nil` where there is none.
  func memory(of group: String) -> Int? {
    if let text = text(groups + group + "/memory.stat") {
      let parts = Self.fields(text, separator: " ").filter { Self.kept.contains($0.key) }
      let swapped = number(groups + group + "/memory.swap.current") ?? 0
      if !parts.isEmpty { return Array(parts.values).saturatedSum.addingSaturated(swapped) }
    }
    let processes = ProcessPaths(proc: proc, groups: groups).processes(group: group).prefix(10_000)
    let held = processes.compactMap { process -> Int? in
      guard let text = text("\(proc)/\(process)/status") else { return nil }
      let fields = Self.fields(text, separator: ":")
      return ["RssAnon", "RssShmem", "VmSwap"].compactMap { fields[$0] }.saturatedSum.multipliedSaturated(by: 1024)
    }
    return held.isEmpty ? nil : held.saturatedSum
  }

  /// What the host could still give, in bytes.
  private func available() -> Int? {
    guard let text = text(proc + "/meminfo") else { return nil }
    let fields = Self.fields(text, separator: ":")
    guard let free = fields["MemAvailable"] else { return nil }
    return free.addingSaturated(fields["SwapFree"] ?? 0).multipliedSaturated(by: 1024)
  }

  private func number(_ path: String) -> Int? { text(path).flatMap { Int($0.filter { !$0.isNewline }) } }

  private func text(_ path: String) -> String? {
    (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Lines of a name and a number; a unit behind the number is left out.
  private static func fields(_ text: String, separator: Character) -> [Substring: Int] {
    var fields: [Substring: Int] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: separator, maxSplits: 1)
      guard parts.count == 2, let name = parts.first,
        let number = parts.last?.split(whereSeparator: \.isWhitespace).first,
        let value = Int(number), value >= 0
      else { continue }
      fields[name] = value
    }
    return fields
  }
}
