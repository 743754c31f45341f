/// Takes the fields of a payload of our own out one by one, each held strictly against what it should be.
struct PayloadReader {
  private let members: [(name: String, value: JSONScalar)]

  init(_ payload: String) throws(MessageError) {
    var scanner = JSONScanner(payload)
    members = try scanner.object()
  }

  func text(_ name: String, should: String = "a text") throws(MessageError) -> String {
    let value = try value(name, should)
    guard case .text(let text) = value else { throw .wrong(name, is: value.words, should: should) }
    return text
  }

  /// A text that is the raw value of one of the cases.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(MessageError) -> Choice {
    let should = "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
    let text = try text(name, should: should)
    guard let choice = Choice(rawValue: text) else { throw .wrong(name, is: text.quoted, should: should) }
    return choice
  }

  /// A finite number that passes `test`.
  func number(
    _ name: String, should: String, where test: (Double) -> Bool
  ) throws(MessageError) -> Double {
    let value = try value(name, should)
    guard case .number(let number) = value, number.isFinite, test(number) else {
      throw .wrong(name, is: value.words, should: should)
    }
    return number
  }

  func timestamp(_ name: String) throws(MessageError) -> Timestamp {
    let text = try text(name, should: Timestamp.words)
    guard let timestamp = Timestamp(text) else { throw .wrong(name, is: text.quoted, should: Timestamp.words) }
    return timestamp
  }

  func symbol(_ name: String) throws(MessageError) -> Symbol {
    let text = try text(name, should: Symbol.words)
    guard let symbol = Symbol(text) else { throw .wrong(name, is: text.quoted, should: Symbol.words) }
    return symbol
  }

  private func value(_ name: String, _ should: String) throws(MessageError) -> JSONScalar {
    for member in members where member.name == name { return member.value }
    throw .missing(name, should: should)
  }
}

extension PayloadReader {
  func confidence() throws(MessageError) -> Double {
    try number("confidence", should: "a number from 0 to 1") { (0...1).contains($0) }
  }

  /// A price above 0.
  func price(_ name: String) throws(MessageError) -> Double {
    try number(name, should: "a number above 0") { $0 > 0 }
  }

  /// A price at which to leave; 0 sets none.
  func exitPrice(_ name: String) throws(MessageError) -> Double {
    try number(name, should: "a number, 0 or above") { $0 >= 0 }
  }

  func leverage() throws(MessageError) -> Int {
    let number = try number("leverage", should: "a whole number from 1 to 125") {
      (1...125).contains($0) && $0 == $0.rounded()
    }
    return Int(number)
  }
}
