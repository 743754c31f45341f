/// Why something could not be looked at. What cannot be looked at is never taken for healthy.
struct Unseen: Error, Equatable, CustomStringConvertible {
  var why: String
  init(_ why: String) { self.why = why }
  var description: String { why }
}
