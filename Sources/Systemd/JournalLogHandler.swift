internal import CSystemd
internal import Glibc
package import Logging

/// Logs to the journal with fields: `MESSAGE`, `PRIORITY`, `SYSLOG_IDENTIFIER`, `CODE_FILE`, `CODE_LINE`, `CODE_FUNC`,
/// `LOGGER`, and one for each metadata key (`trace_id` becomes `TRACE_ID`).
///
/// Use it when `isJournalConnected`, and a handler for stderr otherwise: what is sent where no journald listens is lost.
package struct JournalLogHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var logLevel: Logger.Level = .info
  package var metadataProvider: Logger.MetadataProvider?
  private let label: String
  private let identifier: String

  /// - Parameter identifier: `SYSLOG_IDENTIFIER`, best the program's name.
  package init(label: String, identifier: String) {
    self.label = label
    self.identifier = identifier
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Whether stderr of this process is a stream to journald, by `JOURNAL_STREAM` (systemd.exec(5)).
  package static var isJournalConnected: Bool {
    guard let stream = getenv("JOURNAL_STREAM") else { return false }
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return false }
    return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
  }

  package func log(event: LogEvent) {
    JournalSender.send(fields(of: event))
  }

  /// The fields of an entry, in the order in which they are sent.
  func fields(of event: LogEvent) -> [(name: String, value: String)] {
    var all: [(name: String, value: String)] = [
      ("MESSAGE", "\(event.message)"),
      ("PRIORITY", String(Self.priority(of: event.level).rawValue)),
      ("SYSLOG_IDENTIFIER", identifier),
      ("CODE_FILE", event.file),
      ("CODE_LINE", String(event.line)),
      ("CODE_FUNC", event.function),
      ("LOGGER", label),
    ]
    if let error = event.error { all.append(("ERROR", "\(error)")) }
    // The nearer to the event, the stronger, as swift-log's own handlers have it.
    let metadata = metadata.merging(metadataProvider?.get() ?? [:]) { _, new in new }
      .merging(event.metadata ?? [:]) { _, new in new }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      all.append((JournalField.name(forMetadata: key), "\(value)"))
    }
    return all
  }

  private static func priority(of level: Logger.Level) -> Priority {
    switch level {
    case .trace, .debug: .debug
    case .info: .info
    case .notice: .notice
    case .warning: .warning
    case .error: .error
    case .critical: .critical
    }
  }
}

/// Writes entries to journald's own socket (sd_journal_sendv(3)).
enum JournalSender {
  /// Where no journald listens, nothing happens; an entry that cannot be sent is lost, as there is nowhere to report it.
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
