/// The connections that read by a group, from `CLIENT LIST`.
///
/// Redis 7.0 counts a consumer's silence from the last entry that it was given: a read that waits in vain neither ends it
/// nor even makes a new consumer known. So silence alone tells nothing of a consumer that has nothing to do; that
/// somebody sits in XREADGROUP does, though not for which group.
enum GroupReaders {
  static func count(_ list: String) -> Int {
    list.split(whereSeparator: \.isNewline).count { line in
      line.split(separator: " ").contains("cmd=xreadgroup")
    }
  }
}
