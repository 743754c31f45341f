internal import Deployment

// Each part of the section `verify`, its keys once each, in the order of docs/manifest.md.

extension ManifestReading<Manifest.Verify> {
  static var verify: Self {
    section { keys in
      var verify = Manifest.Verify()
      keys.read("stable", .duration(atLeast: .zero), into: &verify.stable)
      let group = ManifestReading<Manifest.ConsumerGroup>.group.unique("group") { "\($0.group)' of '\($0.stream)" }
      keys.read("groups", .list(of: group), into: &verify.groups)
      verify.duplicates = keys.read("duplicates", .duplicates)
      let deadLetters = keys.read(
        "deadLetters", .list(of: DeadLetterStream.reading.unique("stream of dead letters", of: \.stream)))
      for letters in deadLetters ?? [] {
        verify.deadLetters.append(letters.stream)
        if letters.severity != .fail { verify.deadLetterSeverity[letters.stream] = letters.severity }
      }
      keys.read("commands", .list(of: .command.unique("command", of: \.name)), into: &verify.commands)
      keys.read("http", .list(of: .http.unique("url", of: \.url)), into: &verify.http)
      keys.read("tcp", .list(of: .tcp.unique("address", of: \.address)), into: &verify.tcp)
      keys.read("files", .list(of: .logFile.unique("unit with a log file", of: \.unit)), into: &verify.files)
      return verify
    }
  }
}

extension ManifestReading<Manifest.ConsumerGroup> {
  static var group: Self {
    section { keys in
      let stream = keys.require("stream", .line())
      let name = keys.require("group", .line())
      var group = Manifest.ConsumerGroup(stream: stream ?? "", group: name ?? "")
      keys.read("consumers", .integer(0...1_000_000_000), into: &group.consumers)
      keys.read("pending", .integer(0...1_000_000_000), into: &group.pending)
      keys.read("lag", .integer(0...1_000_000_000), into: &group.lag)
      keys.read("severity", .choice(Manifest.Severity.self), into: &group.severity)
      return group
    }
  }
}

/// A stream of dead letters by its name, or a mapping with more about it.
private struct DeadLetterStream {
  var stream: String
  var severity = Manifest.Severity.fail

  static var reading: ManifestReading<DeadLetterStream> {
    let mapping = ManifestReading<DeadLetterStream>.section { keys in
      var letters = DeadLetterStream(stream: keys.require("stream", .line()) ?? "")
      keys.read("severity", .choice(Manifest.Severity.self), into: &letters.severity)
      return letters
    }
    return ManifestReading { node in
      if node.kind == .mapping { return mapping.read(node) }
      return ManifestReading<String>.line().read(node).map { DeadLetterStream(stream: $0) }
    }
  }
}

extension ManifestReading<Manifest.Duplicates> {
  static var duplicates: Self {
    section { keys in
      // The defaults are the streams of the services that qtctl ships with: docs/manifest.md.
      let into = keys.read("into", .line()) ?? "quantum:stream:ai.decision.made"
      let out = keys.read("out", .line()) ?? "quantum:stream:trade.intent"
      let unit = keys.require("unit", .unitReference)
      var duplicates = Manifest.Duplicates(into: into, out: out, unit: unit ?? "")
      keys.read("probe", .probe, into: &duplicates.probe)
      keys.read("log", .line(), into: &duplicates.log)
      duplicates.terminal = keys.read("terminal", .terminal)
      keys.read("within", .duration(), into: &duplicates.within)
      keys.read("severity", .choice(Manifest.Severity.self), into: &duplicates.severity)
      return duplicates
    }
  }
}

extension ManifestReading<Manifest.Terminal> {
  static var terminal: Self {
    section { keys in
      let unit = keys.require("unit", .unitReference)
      var terminal = Manifest.Terminal(unit: unit ?? "")
      keys.read("log", .line(), into: &terminal.log)
      terminal.stale = keys.read("stale", .line())
      return terminal
    }
  }
}

extension ManifestReading<Manifest.Command> {
  static var command: Self {
    section { keys in
      let name = keys.read("name", .line(atMost: 64))
      let run = keys.require("run", .program) ?? []
      let program = run.first?.split(separator: "/").last.map(String.init) ?? ""
      var command = Manifest.Command(name: name ?? program, run: run)
      keys.read("within", .duration(), into: &command.within)
      keys.read("repeat", .flag, into: &command.repeats)
      keys.read("severity", .choice(Manifest.Severity.self), into: &command.severity)
      return command
    }
  }
}

extension ManifestReading<Manifest.HTTP> {
  static var http: Self {
    section { keys in
      let url = keys.require("url", .url)
      var http = Manifest.HTTP(url: url ?? "")
      keys.read("status", .integer(100...599), into: &http.status)
      http.body = keys.read("body", .bodyText)
      http.ca = keys.read("ca", .certificates(for: http))
      keys.read("within", .duration(), into: &http.within)
      keys.read("severity", .choice(Manifest.Severity.self), into: &http.severity)
      return http
    }
  }
}

extension ManifestReading<Manifest.TCP> {
  static var tcp: Self {
    section { keys in
      let address = keys.require("address", .address)
      var tcp = Manifest.TCP(address: address ?? "")
      keys.read("within", .duration(), into: &tcp.within)
      keys.read("severity", .choice(Manifest.Severity.self), into: &tcp.severity)
      return tcp
    }
  }
}

extension ManifestReading<Manifest.LogFile> {
  static var logFile: Self {
    section { keys in
      let log = keys.require("log", .target)
      let unit = keys.require("unit", .unitReference)
      return Manifest.LogFile(log: log ?? "", unit: unit ?? "")
    }
  }
}

extension ManifestReading<Manifest.ProbeShape> {
  /// The fields of a probe by name, or `off`. Unquoted, `off` is false to YAML 1.1 and text to YAML 1.2; both mean the
  /// same here.
  static var probe: Self {
    Self { node in
      guard node.kind != .mapping else { return template(node) }
      guard let scalar = node.scalar(as: "the fields of a probe, or off") else { return nil }
      switch (scalar.kind, scalar.text) {
      case (.truth, "off"), (.truth, "false"), (.text, "off"): return .off
      default: return node.mismatch("the fields of a probe, or off")
      }
    }
  }

  private static func template(_ node: ManifestNode) -> Manifest.ProbeShape? {
    let problems = node.findings.problems.count
    guard let pairs = node.pairs() else { return nil }
    let fields = pairs.compactMap { key, value -> Manifest.ProbeField? in
      guard let name = ManifestReading<String>.line(atMost: 64).read(key),
        let text = ManifestReading<String>.fieldText.read(node.child(value, key: name))
      else { return nil }
      return Manifest.ProbeField(name, text)
    }
    guard node.findings.problems.count == problems else { return nil }
    guard fields.contains(where: { $0.named.contains("trace_id") }) else {
      node.complain("no field has ${trace_id}, which tells one probe from another; add it to one")
      return nil
    }
    return .template(fields)
  }
}

extension ManifestReading<String> {
  /// The text of a field: anything, with placeholders that are known.
  fileprivate static var fieldText: Self {
    text { text in
      if text.utf8.count > 65_536 { return "must be at most 65536 bytes long" }
      let known = Manifest.ProbeField.placeholders
      let unknown = Manifest.ProbeField("", text).named.first { !known.contains($0) }
      guard let unknown else { return nil }
      return "has the unknown placeholder ${\(unknown.shortened)}; known are "
        + known.map { "${\($0)}" }.joined(separator: " and ")
    }
  }
}
