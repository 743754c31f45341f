/// Which evidence of failed releases is kept. Pure: the store is told what to remove.
public struct EvidenceRetention: Sendable {
  /// One folder of evidence.
  public struct Candidate: Sendable, Hashable {
    public var stamp: Stamp
    /// Of all its files.
    public var bytes: Int

    public init(stamp: Stamp, bytes: Int) {
      self.stamp = stamp
      self.bytes = bytes
    }
  }

  /// How many are kept at most.
  public var count: Int
  /// How many bytes all of them may have.
  public var bytes: Int

  public init(count: Int = 10, bytes: Int = 64 << 20) {
    self.count = count
    self.bytes = bytes
  }

  /// What goes, oldest first. The newest stays whatever its size: somebody is about to read it.
  public func removals(_ candidates: [Candidate]) -> [Stamp] {
    var left = bytes
    var isFull = false
    var removals: [Stamp] = []
    for (place, candidate) in candidates.sorted(by: { $0.stamp > $1.stamp }).enumerated() {
      left -= candidate.bytes
      isFull = isFull || left < 0 || place >= count
      if isFull && place > 0 { removals.append(candidate.stamp) }
    }
    return removals.reversed()
  }
}
