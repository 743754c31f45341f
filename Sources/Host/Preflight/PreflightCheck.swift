/// One concern of preflight.
protocol PreflightCheck {
  /// What must be mended first; each says what, where and what to do. Changes nothing on the host.
  func findings(_ situation: PreflightSituation) async throws -> [String]
  /// What is worth a word and refuses nothing.
  func remarks(_ situation: PreflightSituation) -> [String]
}

extension PreflightCheck {
  func remarks(_ situation: PreflightSituation) -> [String] { [] }
}
