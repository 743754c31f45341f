/// The data of an entry, wherever its producer puts it: in `payload`, in `data`, or in the entry's own fields. Each value
/// is read as widely as it can be understood, and no wider.
struct MessageData {
  private let members: [(name: String, value: JSONScalar)]

  private static let most = 1000

  /// A `payload` that is present and cannot be read is an error, whatever else the entry has: fields beside it are those
  /// of an envelope.
  init(_ fields: [(name: String, value: String)]) throws(MessageError) {
    let envelope = EnvelopeFields(fields)
    for name in ["payload", "data"] {
      guard let text = try envelope.optional(name) else { continue }
      var scanner = JSONScanner(text)
      members = try scanner.object()
      return
    }
    guard fields.count <= Self.most else { throw MessageError("the entry has more than \(Self.most) fields") }
    var members: [(name: String, value: JSONScalar)] = []
    members.reserveCapacity(fields.count)
    for field in fields {
      guard !members.contains(where: { $0.name == field.name }) else {
        throw MessageError("the entry has the field \(field.name.quoted) twice")
      }
      members.append((field.name, .text(field.value)))
    }
    self.members = members
  }

  /// nil where the field is absent or says nothing.
  func value(_ name: String) -> JSONScalar? {
    for member in members where member.name == name { return member.value.isNothing ? nil : member.value }
    return nil
  }

  /// The name of the first field that `test` picks and that says something.
  func name(where test: (String) -> Bool) -> String? {
    members.first { test($0.name) && !$0.value.isNothing }?.name
  }

  func text(_ name: String, should: String) throws(MessageError) -> String? {
    switch value(name) {
    case nil: return nil
    case .text(let text)?: return text
    case let other?: throw .wrong(name, is: other.words, should: should)
    }
  }

  /// A finite decimal number, also as a text.
  func number(_ name: String) throws(MessageError) -> Double? {
    guard let value = value(name) else { return nil }
    switch value {
    case .number(let number) where number.isFinite: return number
    case .text(let text):
      if let number = Double(decimal: text) { return number }
    default: break
    }
    throw .wrong(name, is: value.words, should: "a number")
  }

  /// `true` or `false`, also as a text in any case, as 1 and as 0.
  func flag(_ name: String) throws(MessageError) -> Bool? {
    guard let value = value(name) else { return nil }
    switch value {
    case .boolean(let flag): return flag
    case .number(1): return true
    case .number(0): return false
    case .text(let text):
      switch text.lowercased() {
      case "true", "1": return true
      case "false", "0": return false
      default: break
      }
    default: break
    }
    throw .wrong(name, is: value.words, should: "true or false")
  }

  func timestamp(_ name: String) throws(MessageError) -> Timestamp? {
    guard let value = value(name) else { return nil }
    let text: String? =
      switch value {
      case .text(let text): text
      case .number(let number) where number.isFinite: number.plainText
      default: nil
      }
    guard let text, let timestamp = Timestamp(text) else {
      throw .wrong(name, is: value.words, should: Timestamp.words)
    }
    return timestamp
  }

  func symbol(_ name: String) throws(MessageError) -> Symbol? {
    guard let text = try text(name, should: Symbol.words) else { return nil }
    guard let symbol = Symbol(text) else { throw .wrong(name, is: text.quoted, should: Symbol.words) }
    return symbol
  }
}
