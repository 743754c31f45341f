extension BusMessage {
  /// Writes properties as `a(sv)`.
  func append(_ properties: [TransientProperty]) {
    container(BusType.array, "(sv)") {
      for property in properties {
        container(BusType.structure, "sv") {
          append(property.name)
          append(property.value)
        }
      }
    }
  }

  private func append(_ value: TransientProperty.Value) {
    switch value {
    case .text(let text): container(BusType.variant, "s") { append(text) }
    case .texts(let texts): container(BusType.variant, "as") { append(texts) }
    case .flag(let flag): container(BusType.variant, "b") { append(flag) }
    case .number(let number): container(BusType.variant, "t") { append(number) }
    case .command(let command) where command.needsFlags:
      single("(sasas)", "sasas") {
        append(command.path)
        append(command.arguments)
        append(command.flags.sorted())
      }
    case .command(let command):
      single("(sasb)", "sasb") {
        append(command.path)
        append(command.arguments)
        append(command.ignoresFailure)
      }
    case .timer(let base, let microseconds):
      single("(st)", "st") {
        append(base)
        append(microseconds)
      }
    }
  }

  /// Writes a variant of an array of one structure.
  private func single(_ structure: String, _ fields: String, _ body: () -> Void) {
    container(BusType.variant, "a" + structure) {
      container(BusType.array, structure) {
        container(BusType.structure, fields, body)
      }
    }
  }
}
