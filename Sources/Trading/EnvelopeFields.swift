/// Takes the fields of an entry out by name. There are six or seven, so looking along them is the fastest way.
struct EnvelopeFields {
  private let fields: [(name: String, value: String)]

  init(_ fields: [(name: String, value: String)]) {
    self.fields = fields
  }

  func optional(_ name: String) throws(MessageError) -> String? {
    var found: String?
    for field in fields where field.name == name {
      guard found == nil else { throw MessageError("the entry has the field '\(name)' twice") }
      found = field.value
    }
    return found
  }

  func required(_ name: String, mayBeEmpty: Bool) throws(MessageError) -> String {
    guard let value = try optional(name) else {
      throw .missing(name, should: mayBeEmpty ? "a text" : "a text that is not empty")
    }
    guard mayBeEmpty || !value.isEmpty else { throw .wrong(name, is: "empty", should: "a text that is not empty") }
    return value
  }
}
