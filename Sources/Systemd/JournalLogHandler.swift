internal import CSystemd
public import Logging

/// Logs to the journal with fields: `MESSAGE`, `PRIORITY`, `SYSLOG_IDENTIFIER`, `CODE_FILE`, `CODE_LINE`, `CODE_FUNC`,
/// `LOGGER`, and one for each metadata key (`trace_id` becomes `TRACE_ID`).
///
/// Use it when `isJournalConnected`, and a handler for stderr otherwise: what is sent where no journald listens is lost.
public struct JournalLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level = .info
  public var metadataProvider: Logger.MetadataProvider?
  private let label: String
  private let identifier: String

  /// - Parameter identifier: `SYSLOG_IDENTIFIER`, best the program's name.
  public init(label: String, identifier: String) {
    self.label = label
    self.identifier = identifier
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Whether stderr of this process is a stream to journald, by `JOURNAL_STREAM` (systemd.exec(5)).
  public static var isJournalConnected: Bool { false }

  public func log(event: LogEvent) {}
}
