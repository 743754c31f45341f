internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc
internal import Systemd
internal import Units

/// A path that a unit uses and that a release may have to bring.
struct Candidate: Hashable {
  enum Kind: Hashable {
    case definition, environment, program, argument, folder
  }

  var path: String
  var kind: Kind
  /// Such as `its ExecStart= names it`.
  var how: String
}

/// A unit with all that it uses, before anything is decided.
struct UnitCandidates {
  let details: UnitDetails
  var candidates: [Candidate] = []
  /// The paths that its processes have open for writing.
  var written: Set<String> = []
  var ports: [ListeningPorts.Port] = []
  var connections: [ListeningPorts.Connection] = []

  var status: UnitStatus { details.status }
  /// When it was started, in seconds since 1970; `nil`: it does not run.
  var started: Int? { status.execMainStart.map { Int($0.realtime / 1_000_000) } }

  private static let interpreters = ["python", "pypy", "node", "ruby", "perl", "php", "lua", "java"]
  private static let searchPaths: Set = [
    "PYTHONPATH", "NODE_PATH", "CLASSPATH", "LD_LIBRARY_PATH", "PERL5LIB", "RUBYLIB",
  ]

  init(_ unit: String, _ manager: ServiceManager, _ listening: ListeningPorts) throws {
    details = try manager.details(of: unit)
    let patterns = status.environmentFiles.map(\.path)
    for companion in try UnitCompanions(status.unit).all(environmentFiles: patterns) {
      switch companion.role {
      case .unitFile: add(companion.path, .definition, "its unit file")
      case .dropIn: add(companion.path, .definition, "a drop-in of it")
      case .environment: add(companion.path, .environment, "its EnvironmentFile= names it")
      case .link, .mask: continue
      }
    }
    if let path = status.fragmentPath { add(path, .definition, "its unit file") }
    for path in status.dropInPaths { add(path, .definition, "a drop-in of it") }
    if let folder = status.workingDirectory, folder.hasPrefix("/") {
      add(folder, .folder, "it is its WorkingDirectory=")
    }
    addEnvironment()
    for command in status.commands { add(command) }
    guard let group = status.controlGroup, !group.isEmpty, !status.activeState.isDown else { return }
    ports = listening.ports(group: group)
    connections = listening.connections(group: group)
    written = Self.written(ProcessPaths().processes(group: group))
  }

  private mutating func add(_ path: String, _ kind: Candidate.Kind, _ how: String) {
    guard !candidates.contains(where: { $0.path == path }) else { return }
    candidates.append(Candidate(path: path, kind: kind, how: how))
  }

  private mutating func addEnvironment() {
    var variables = status.environment
    for file in candidates where file.kind == .environment {
      guard let text = try? Files.read(file.path), text.count < 1 << 20 else { continue }
      variables += EnvironmentText(text).variables.map { "\($0.key)=\($0.value)" }
    }
    for variable in variables {
      let parts = variable.split(separator: "=", maxSplits: 1)
      guard let name = parts.first, Self.searchPaths.contains(String(name)), parts.count == 2 else { continue }
      for path in (parts.last ?? "").split(separator: ":") where path.hasPrefix("/") {
        add(String(path), .folder, "its \(name) leads there")
      }
    }
  }

  private mutating func add(_ command: ExecCommand) {
    let how = "its \(command.directive)= names it"
    add(command.path, .program, how)
    let home = Files.parent(of: Files.parent(of: command.path))
    if Files.exists(home + "/pyvenv.cfg") { add(home, .folder, "it runs in this virtual environment") }
    let isInterpreter = Self.interpreters.contains { Paths.name(command.path).hasPrefix($0) }
    var script: String?
    for word in command.arguments.dropFirst() {
      for path in PathWords.paths(in: word) where Files.exists(path) { add(path, .argument, how) }
      guard isInterpreter, script == nil, !word.hasPrefix("-") else { continue }
      let path = Paths.resolve(word, in: status.workingDirectory ?? "/")
      guard (try? FileState.peek(path).type) == .file else { continue }
      script = path
      add(Files.parent(of: path), .folder, "its script looks for modules there")
      add(path, .argument, how)
    }
  }

  /// What processes have open for writing, by the flags in `/proc/PID/fdinfo`.
  private static func written(_ processes: [Int32]) -> Set<String> {
    var found: Set<String> = []
    for pid in processes {
      for name in (try? Files.names(in: "/proc/\(pid)/fd")) ?? [] {
        guard let path = Paths.link("/proc/\(pid)/fd/" + name), path.hasPrefix("/"),
          let text = try? Files.read("/proc/\(pid)/fdinfo/" + name)
        else { continue }
        let flags = String(decoding: text, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("flags:") }
        let number = flags?.split(whereSeparator: \.isWhitespace).last.flatMap { Int32($0, radix: 8) }
        if let number, number & O_ACCMODE != O_RDONLY { found.insert(path) }
      }
    }
    return found
  }
}
