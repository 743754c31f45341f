internal import Basics
internal import CLinux
internal import Crypto
internal import Glibc

/// What tells one content of a file from another without reading it.
package struct FileFacts: Sendable, Hashable {
  /// Which file it is, until the next boot.
  package struct Identity: Sendable, Hashable {
    /// Of the mount: no other one gets this number until the next boot.
    package var mount: UInt64
    package var device: UInt64
    package var inode: UInt64

    package init(mount: UInt64, device: UInt64, inode: UInt64) {
      (self.mount, self.device, self.inode) = (mount, device, inode)
    }
  }

  /// A time as a filesystem keeps it, since 1970.
  package struct Moment: Sendable, Hashable, Comparable {
    package var seconds: Int64
    package var nanoseconds: UInt32

    package init(_ seconds: Int64, _ nanoseconds: UInt32) {
      (self.seconds, self.nanoseconds) = (seconds, nanoseconds)
    }

    package static func < (left: Moment, right: Moment) -> Bool {
      (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The clock by which filesystems set times: it moves in ticks.
    package static var now: Moment {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME_COARSE, &time)
      return Moment(Int64(time.tv_sec), UInt32(truncatingIfNeeded: time.tv_nsec))
    }

    /// Whether it is so long before another one that nothing that happened then can have this time. Some filesystems keep
    /// whole seconds; the others set what the clock shows, which ticks at least every hundredth of a second.
    package func isClearlyBefore(_ other: Moment) -> Bool {
      let (whole, overflow) = seconds.addingReportingOverflow(2)
      guard !overflow else { return false }
      guard nanoseconds != 0 else { return whole < other.seconds }
      let later = nanoseconds + 100_000_000
      let (carried, rest) = later >= 1_000_000_000 ? (whole - 1, later - 1_000_000_000) : (whole - 2, later)
      return Moment(carried, rest) < other
    }
  }

  package var identity: Identity
  package var size: UInt64
  package var changed: Moment
  package var modified: Moment
  package var born: Moment

  package init(identity: Identity, size: UInt64, changed: Moment, modified: Moment, born: Moment) {
    self.identity = identity
    self.size = size
    self.changed = changed
    self.modified = modified
    self.born = born
  }

  /// - Parameter name: empty for what the descriptor itself is.
  fileprivate init?(_ folder: Int32, _ name: String) {
    var facts = qtctl_facts()
    guard qtctl_facts(folder, FileName.cString(name), &facts) == 0 else { return nil }
    identity = Identity(mount: facts.mount, device: facts.device, inode: facts.inode)
    size = facts.size
    changed = Moment(facts.changed, facts.changed_nanoseconds)
    modified = Moment(facts.modified, facts.modified_nanoseconds)
    born = Moment(facts.born, facts.born_nanoseconds)
  }

  /// The facts of an open file by which every later change shows; `nil` where one may not: somebody can write it now, its
  /// filesystem does not tell, or its times are as new as this moment.
  fileprivate init?(telling file: Int32) {
    // Whoever opens it for writing after the lease sets a later time than this one.
    let now = Moment.now
    guard qtctl_shows_every_change(file) == 1, qtctl_has_no_writer(file) == 1 else { return nil }
    self.init(file, "")
    guard changed.isClearlyBefore(now), modified.isClearlyBefore(now) else { return nil }
  }
}

extension FileLocation {
  /// The facts of what is there; `nil` where it is no plain file, or where the kernel does not tell them all.
  package func facts() -> FileFacts? { FileFacts(folder.descriptor, name) }

  /// Reads every byte.
  ///
  /// - Returns: the digest, and the facts that are true for as long as the content is this one; `nil` where it could change
  ///   and they stay the same.
  package func digestWithFacts() throws -> (digest: String, facts: FileFacts?) {
    let (file, size) = try openForReading()
    defer { close(file) }
    let before = FileFacts(telling: file)
    let digest = try Digest.open(file, size: size, of: self)
    // A change while it was read counts as well.
    return (digest, before.flatMap { before in FileFacts(file, "") == before ? before : nil })
  }
}
