import Logging
import Testing

@testable import Systemd

struct JournalLogHandlerTests {
  @Test(arguments: [
    ("trace_id", "TRACE_ID"), ("stream-id", "STREAM_ID"), ("traceID", "TRACEID"), ("a.b c", "A_B_C"),
    ("_private", "PRIVATE"), ("1st", "FIELD_1ST"), ("", "FIELD_"), ("_", "FIELD_"), ("é", "FIELD_"),
    ("message", "FIELD_MESSAGE"), ("Priority", "FIELD_PRIORITY"),
    (String(repeating: "x", count: 70), String(repeating: "X", count: 64)),
  ])
  func `a metadata key becomes a field that journald takes`(key: String, field: String) {
    #expect(JournalField.name(forMetadata: key) == field)
    #expect(JournalField.isValid(field))
  }

  @Test(arguments: ["", "lower", "1A", "A-B", "A B", "Ä", String(repeating: "A", count: 65)])
  func `a name that no entry can have is known`(name: String) {
    #expect(!JournalField.isValid(name))
  }

  @Test(arguments: [
    (Logger.Level.trace, "7"), (.debug, "7"), (.info, "6"), (.notice, "5"), (.warning, "4"), (.error, "3"),
    (.critical, "2"),
  ])
  func `a level is a syslog priority`(level: Logger.Level, priority: String) {
    #expect(fields(of: JournalLogHandler(label: "l", identifier: "i"), level: level)["PRIORITY"] == priority)
  }

  @Test func `the nearest metadata wins, and an error has a field`() {
    struct Failure: Error, CustomStringConvertible { let description = "went wrong" }
    var handler = JournalLogHandler(label: "label", identifier: "program")
    handler.metadata = ["a": "handler", "b": "handler", "c": "handler"]
    handler.metadataProvider = Logger.MetadataProvider { ["b": "provider", "c": "provider", "d": ["x", "y"]] }
    let fields = fields(of: handler, level: .info, error: Failure(), metadata: ["c": "event"])
    #expect(fields["A"] == "handler")
    #expect(fields["B"] == "provider")
    #expect(fields["C"] == "event")
    #expect(fields["D"]?.contains("x") == true)
    #expect(fields["ERROR"] == "went wrong")
    #expect(fields["MESSAGE"] == "text")
    #expect(fields["LOGGER"] == "label")
    #expect(fields["SYSLOG_IDENTIFIER"] == "program")
    #expect(fields["CODE_FILE"] == "file")
    #expect(fields["CODE_FUNC"] == "function")
    #expect(fields["CODE_LINE"] == "12")
  }

  private func fields(
    of handler: JournalLogHandler, level: Logger.Level, error: (any Error)? = nil, metadata: Logger.Metadata = [:]
  ) -> [String: String] {
    let event = LogEvent(
      level: level, message: "text", error: error, metadata: metadata, source: nil, file: "file",
      function: "function", line: 12)
    return Dictionary(uniqueKeysWithValues: handler.fields(of: event).map { ($0.name, $0.value) })
  }
}
