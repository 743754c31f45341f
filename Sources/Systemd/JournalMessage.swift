/// An entry of qtctl's own in the journal, of a kind that its catalog explains (`journalctl --catalog`).
package struct JournalMessage: Sendable, Hashable {
  /// 32 hexadecimal digits: the kind (sd_journal_send(3), `MESSAGE_ID`).
  package var id: String
  package var priority: Priority
  package var text: String
  /// Further fields; one without a value is left out.
  package var fields: [String: String?]

  package init(id: String, priority: Priority, text: String, fields: [String: String?]) {
    self.id = id
    self.priority = priority
    self.text = text
    self.fields = fields
  }

  /// Where no journald listens, nothing happens.
  package func send(as identifier: String) {
    let own = [
      ("MESSAGE", text), ("MESSAGE_ID", id), ("PRIORITY", String(priority.rawValue)), ("SYSLOG_IDENTIFIER", identifier),
    ]
    let others = fields.sorted { $0.key < $1.key }.compactMap { key, value in value.map { (key, $0) } }
    JournalSender.send((own + others).map { (name: $0.0, value: $0.1) })
  }
}
