// Each part of the section `verify`, its keys once each, in the order of docs/manifest.md.

extension ManifestReading<Manifest.Verify> {
  static var verify: Self {
    section { keys in
      var verify = Manifest.Verify()
      keys.read("stable", .duration(atLeast: .zero), into: &verify.stable)
      let group = ManifestReading<Manifest.ConsumerGroup>.group.unique("group") { "\($0.group)' of '\($0.stream)" }
      keys.read("groups", .list(of: group), into: &verify.groups)
      verify.duplicates = keys.read("duplicates", .duplicates)
      keys.read("deadLetters", .list(of: .line().unique("stream of dead letters")), into: &verify.deadLetters)
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
      return group
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
      keys.read("within", .duration(), into: &http.within)
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
