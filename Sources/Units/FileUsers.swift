internal import Basics
package import Deployment
internal import FileOperations
internal import Glibc
package import Systemd

/// Who uses which file: asked of systemd (what units name) and of the kernel (what their processes use).
package struct FileUsers: Sendable {
  /// Variables whose folders are the user's or everybody's, and no place where a program looks for its own files.
  private static let ignored: Set = ["HOME", "PWD", "OLDPWD", "TMPDIR", "TMP", "TEMP", "MAIL", "XDG_RUNTIME_DIR"]
  /// Programs that look for modules beside the script that they run.
  private static let interpreters = ["python", "pypy", "node", "ruby", "perl", "php", "lua", "bun", "deno", "java"]

  private var index = PathIndex()
  /// Who would have a unit file of that name, and drop-ins in a folder of that name.
  private var byFile: [String: [PathUse]] = [:]
  private var byFolder: [String: [PathUse]] = [:]
  private var examined: Set<String> = []
  /// When the main process of a running unit started, in microseconds since 1970.
  private var started: [String: Int64] = [:]
  /// The files of which a unit has a deleted version open, by unit.
  private var deleted: [String: Set<String>] = [:]
  /// What the processes of each unit use, and whether a path that they use is a folder.
  private var processes: [String: Set<ProcessPaths.Use>] = [:]
  private var folders: [String: Bool] = [:]

  /// - Parameter units: those that are looked at whether they run or not; all running services are.
  package init(_ manager: ServiceManager, units: [String] = []) throws {
    let running = try manager.units(in: [.active, .reloading, .activating], matching: ["*.service"])
    // One that could not be read is asked for again.
    try? manager.readAhead(units + running)
    processes = Self.processes(of: (units + running).uniqued(), manager)
    for unit in units { try add(unit, manager) }
    for unit in running {
      // One that is gone by now runs no more.
      try? add(unit, manager)
    }
  }

  /// Who uses each of the paths; those that nobody uses are left out.
  package func uses(of paths: some Sequence<String>) -> [String: [PathUse]] {
    // Neighbours lie in one folder.
    let paths = paths.sorted()
    let found = Parallel.map(paths, with: { Places() }) { places, path in uses(of: path, &places) }
    return Dictionary(zip(paths, found).lazy.filter { !$0.1.isEmpty }) { first, _ in first }
  }

  private func uses(of path: String, _ places: inout Places) -> [PathUse] {
    var uses = byName(path)
    let named = uses
    uses += index.uses(of: path, at: places.place(of: path)).filter { use in !named.contains { $0.unit == use.unit } }
    guard !uses.isEmpty else { return [] }
    let written = Self.written(path)
    for index in uses.indices { uses[index].isOutdated = isOutdated(uses[index], path, written: written) }
    return uses
  }

  /// A file's time and a process's start come from clocks of different grain.
  private static let grain: Int64 = 50_000

  private func isOutdated(_ use: PathUse, _ path: String, written: Int64?) -> Bool {
    guard use.isRunning else { return false }
    if deleted[use.unit]?.contains(path) == true { return true }
    guard let written, let started = started[use.unit] else { return false }
    return written > started.addingReportingOverflow(Self.grain).partialValue
  }

  /// When a file was last written, in microseconds since 1970; `nil` for a time to come, which says nothing.
  private static func written(_ path: String) -> Int64? {
    guard let time = (try? FileState.peek(path))?.mtime else { return nil }
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    guard time.seconds <= now.tv_sec, time.seconds >= 0 else { return nil }
    return Int64(time.seconds) * 1_000_000 + Int64(time.nanoseconds) / 1000  // trap: no later than this machine's clock
  }

  /// A unit file or drop-in by its place alone: it may not be there yet.
  private func byName(_ path: String) -> [PathUse] {
    guard UnitFolders.contain(path) else { return [] }
    let file = Paths.name(path)
    return (byFile[file] ?? []) + (file.hasSuffix(".conf") ? byFolder[Paths.name(Files.parent(of: path))] ?? [] : [])
  }

  private mutating func addNames(_ names: Set<String>, _ use: (String) -> PathUse) {
    for name in names.map({ UnitName($0) }) {
      for file in name.files { byFile[file, default: []].append(use("its unit file")) }
      for folder in name.dropInFolders + [name.typeDropInFolder] {
        byFolder[folder, default: []].append(use("a drop-in of it"))
      }
    }
  }

  // MARK: Looking

  /// What the processes of the units use: the kernel is asked on all cores.
  private static func processes(of units: [String], _ manager: ServiceManager) -> [String: Set<ProcessPaths.Use>] {
    let groups = units.compactMap { unit -> (unit: String, group: String)? in
      guard let status = try? manager.details(of: unit).status, !status.activeState.isDown else { return nil }
      return status.controlGroup.map { (unit, $0) }
    }
    let uses = Parallel.map(groups.map(\.group)) { Set(ProcessPaths().uses(group: $0)) }
    return Dictionary(zip(groups.map(\.unit), uses)) { first, _ in first }
  }

  private mutating func add(_ unit: String, _ manager: ServiceManager) throws {
    guard examined.insert(unit).inserted else { return }
    let details = try manager.details(of: unit)
    let status = details.status
    // By another name it was looked at already.
    guard status.unit == unit || examined.insert(status.unit).inserted else { return }
    let isRunning = !status.activeState.isDown
    if isRunning, let start = status.execMainStart?.realtime, start > 0 { started[unit] = start }
    func use(_ how: String) -> PathUse { PathUse(unit: unit, how: how, isRunning: isRunning) }
    func definition(_ how: String) -> PathUse {
      PathUse(unit: unit, how: how, isRunning: isRunning, definesUnit: true)
    }
    addNames(Set(status.names + [unit]), definition)
    guard status.loadState != .notFound || isRunning else { return }
    if let path = status.fragmentPath { index.add(path, definition("its unit file"), readByManager: true) }
    if let source = details.sourcePath {
      index.add(source, definition("from which its unit file is generated"), readByManager: true)
    }
    for path in status.dropInPaths { index.add(path, definition("a drop-in of it"), readByManager: true) }
    for path in details.credentials { add(path, use("which its LoadCredential= names")) }
    for path in details.bindPaths { add(path, use("which its BindPaths= names")) }
    if let image = details.rootImage { index.add(image, use("which its RootImage= names")) }
    if let root = status.rootDirectory { index.add(tree: root, use("in its RootDirectory=")) }
    let working = status.workingDirectory.map { $0.first == "!" ? String($0.dropFirst()) : $0 }
    if let working, working.hasPrefix("/") { index.add(tree: working, use("in its WorkingDirectory=")) }
    addEnvironment(status, use)
    for command in status.commands { add(command, working, use) }
    if isRunning, let group = status.controlGroup { addProcesses(group, of: unit, use) }
  }

  private mutating func addEnvironment(_ status: UnitStatus, _ use: (String) -> PathUse) {
    var variables = status.environment
    for file in status.environmentFiles {
      for path in UnitCompanions.matches(file.path) {
        index.add(path, use("which its EnvironmentFile= names"), readByManager: true)
        guard let text = Self.start(of: path, bytes: 1 << 20) else { continue }
        variables += EnvironmentText(text).variables.map { "\($0.key)=\($0.value)" }
      }
    }
    for variable in variables {
      guard let mark = variable.firstIndex(of: "=") else { continue }
      let name = String(variable[..<mark])
      guard !Self.ignored.contains(name) else { continue }
      for path in PathWords.paths(in: String(variable[variable.index(after: mark)...])) {
        add(path, use("to which its variable \(name) leads"))
      }
    }
  }

  private mutating func add(_ command: ExecCommand, _ working: String?, _ use: (String) -> PathUse) {
    let named = use("which its \(command.directive)= names")
    index.add(command.path, named)
    addHome(of: command.path, use)
    var script: String?
    for word in command.arguments.dropFirst() {
      for path in PathWords.paths(in: word) { add(path, named) }
      guard !word.hasPrefix("-") else { continue }
      let path = Paths.resolve(word, in: working ?? "/")
      if !word.hasPrefix("/"), Files.exists(path) { add(path, named) }
      if script == nil, (try? FileState.peek(path).type) == .file { script = path }
    }
    if Self.isInterpreter(command.path), let script {
      index.add(tree: Files.parent(of: script), use("beside the script that its \(command.directive)= runs"))
    } else if let line = Self.firstLine(of: command.path), line.hasPrefix("#!"),
      line.split(whereSeparator: { $0 == " " || $0 == "/" }).contains(where: { Self.isInterpreter(String($0)) })
    {
      index.add(
        tree: Files.parent(of: command.path), use("beside the script that its \(command.directive)= runs"))
    }
  }

  /// The virtual environment that a Python program belongs to.
  private mutating func addHome(of program: String, _ use: (String) -> PathUse) {
    let home = Files.parent(of: Files.parent(of: program))
    if Files.exists(home + "/pyvenv.cfg") { index.add(tree: home, use("in the virtual environment that it runs in")) }
  }

  private mutating func addProcesses(_ group: String, of unit: String, _ use: (String) -> PathUse) {
    for found in processes[unit] ?? Set(ProcessPaths().uses(group: group)) {
      if found.isDeleted { deleted[unit, default: []].insert(found.path) }
      if found.isFolder { index.add(tree: found.path, use(found.how)) } else { add(found.path, use(found.how)) }
    }
  }

  private mutating func add(_ path: String, _ use: PathUse) {
    // Hundreds of processes use the same libraries.
    let isFolder = folders[path] ?? ((try? FileState.peek(Paths.of(path) ?? path).type) == .directory)
    folders[path] = isFolder
    if isFolder { index.add(tree: path, use) } else { index.add(path, use) }
  }

  private static func isInterpreter(_ path: String) -> Bool {
    let name = Paths.name(path)
    return interpreters.contains { name.hasPrefix($0) }
  }

  private static func firstLine(of path: String) -> String? {
    start(of: path, bytes: 256).map { String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) }
  }

  /// The beginning of a file; `nil` for what is none: opening a pipe would wait for whoever writes to it.
  private static func start(of path: String, bytes: Int) -> [UInt8]? {
    guard let path = Paths.of(path), (try? FileState.peek(path).type) == .file, let file = try? FileWindow(path) else {
      return nil
    }
    return file.bytes(at: 0, count: min(bytes, file.size))
  }
}
