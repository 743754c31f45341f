internal import Deployment
internal import Systemd

/// A watch's events as entries of the journal. The ids and fields are contract; `packaging/qtctl.catalog` explains each id.
enum WatchEvent {
  case began(WatchRecord)
  case alarm(WatchRecord)
  case recovered(WatchRecord)
  case ended(WatchRecord)

  static let beganID = "8644bfabf8a94c26bcec076c523f2661"
  static let alarmID = "98cef587c52846a69cae09b81fc72ea6"
  static let recoveredID = "c40466a5a11b440b81c6764bf0ec4759"
  static let endedID = "adb53c6cb9f74df19ddb05df100aafb6"

  func send() { message.send(as: "qtctl") }

  var message: JournalMessage {
    switch self {
    case .began(let record):
      message(
        Self.beganID, .info, record,
        "the watch of \(record.name) \(record.release) began, until \(UTC.text(record.until))")
    case .alarm(let record):
      message(
        Self.alarmID, .error, record,
        "\(record.name) failed \(record.course.failing) looks in a row: "
          + record.course.failures.joined(separator: "; "))
    case .recovered(let record):
      message(Self.recoveredID, .notice, record, "\(record.name) is well again")
    case .ended(let record):
      message(
        Self.endedID, record.end?.kind == .failed ? .error : .notice, record,
        "the watch of \(record.name) ended: \(record.end?.why ?? "")")
    }
  }

  private func message(_ id: String, _ priority: Priority, _ record: WatchRecord, _ text: String) -> JournalMessage {
    JournalMessage(
      id: id, priority: priority, text: text,
      fields: [
        "QTCTL_NAME": record.name, "QTCTL_TO": "\(record.release)", "QTCTL_STAMP": record.stamp?.description,
        "QTCTL_LOOKS": String(record.course.looks), "QTCTL_FAILING": String(record.course.failing),
        "QTCTL_REASON": record.end?.why ?? record.course.failures.joined(separator: "\n"),
        "QTCTL_OUTCOME": record.end?.kind.rawValue,
      ])
  }
}
