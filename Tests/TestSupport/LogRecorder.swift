package import Logging
internal import Synchronization

/// Keeps what is logged, for a test to look at.
package final class LogRecorder: Sendable {
  package struct Line: Sendable, Hashable {
    package let level: Logger.Level
    package let message: String
    package let fields: [String: String]
  }

  private let kept = Mutex<[Line]>([])

  package init() {}

  package var lines: [Line] { kept.withLock { $0 } }

  /// The lines whose message begins with a text.
  package func lines(_ beginning: String) -> [Line] {
    lines.filter { $0.message.hasPrefix(beginning) }
  }

  /// A logger that logs here.
  package func logger() -> Logger {
    Logger(label: "test") { _ in Handler(recorder: self) }
  }

  private struct Handler: LogHandler {
    let recorder: LogRecorder
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
      recorder.kept.withLock { $0.append(Line(level: event.level, message: "\(event.message)", fields: fields)) }
    }
  }
}
