internal import Yams

extension ManifestFindings {
  /// Records why the text is no YAML. The parser stops at the first such error.
  func add(_ error: YamlError, in yaml: String) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let position = ManifestPosition(mark)
      if isTab(at: position, in: yaml) {
        add("a tab cannot indent YAML; use spaces", at: position)
      } else {
        let since = context.map { " (\($0.text) from line \($0.mark.line))" } ?? ""
        add("this is not YAML: \(problem)\(since)", at: position)
      }
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "'\($0.shortened)'" }.joined(separator: ", ")
      add(
        "duplicate key \(names): it stands here and again in the same mapping; keep one",
        at: ManifestPosition(context.mark))
    case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem), .representer(let problem):
      add("this is not YAML: \(problem)", at: .begin)
    case .no, .memory, .dataCouldNotBeDecoded:
      add("this cannot be read as YAML", at: .begin)
    }
  }

  private func isTab(at position: ManifestPosition, in yaml: String) -> Bool {
    let lines = yaml.unicodeScalars.split(separator: "\n", maxSplits: position.line, omittingEmptySubsequences: false)
    guard position.line <= lines.count else { return false }
    return lines[position.line - 1].dropFirst(position.column - 1).first == "\t"
  }
}
