internal import CSystemd
internal import Glibc

/// Writes entries to journald's own socket (sd_journal_sendv(3)).
enum JournalSender {
  /// Where no journald listens, nothing happens; an entry that cannot be sent is lost, as there is nowhere to tell it.
  static func send(_ fields: [(name: String, value: String)]) {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for field in fields {
      bytes += "\(field.name)=\(field.value)".utf8
      ends.append(bytes.count)
    }
    bytes.withUnsafeMutableBytes { buffer in
      var start = 0
      let vectors = ends.map { end in
        defer { start = end }
        return iovec(iov_base: buffer.baseAddress.map { $0 + start }, iov_len: end - start)
      }
      _ = sd_journal_sendv(vectors, Int32(vectors.count))
    }
  }
}
