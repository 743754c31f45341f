internal import Deployment
internal import FileOperations
internal import Glibc
internal import Preflight
internal import Systemd

/// Which of the files that a unit uses a release brings.
struct FileChoice {
  /// What a reboot empties, or what the kernel makes.
  private static let volatile = ["/proc/", "/sys/", "/dev/", "/run/", "/tmp/", "/var/run/", "/var/tmp/"]
  /// Symlinks of the distribution, of which dpkg does not know all.
  private static let system: Set = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/var/run", "/var/lock"]
  /// A larger file is no program.
  private static let mostBytes = 512 << 20

  let owners: PackageOwners
  let trees: [AdoptedTree]

  func unit(_ unit: UnitCandidates) -> AdoptedUnit {
    let status = unit.status
    var adopted = AdoptedUnit(unit: status.unit)
    var packages: [String: [String]] = [:]
    for candidate in unit.candidates where candidate.kind != .folder {
      if let package = owners[candidate.path] {
        packages[package, default: []].append(candidate.path)
        continue
      }
      // A symlink of the host's own may lead to a package's file.
      if let real = Paths.of(candidate.path), let package = owners[real], !isInTree(candidate.path) {
        packages[package, default: []].append(real)
      }
      do {
        for file in try files(candidate, unit) where !adopted.files.contains(where: { $0.target == file.target }) {
          adopted.files.append(file)
        }
      } catch {
        adopted.notes.append("\(error)")
      }
    }
    for (package, paths) in packages.sorted(by: { $0.key < $1.key }) {
      adopted.notes.append(
        "not copied, since the Debian package \(package) brings it: \(paths.joined(separator: ", "))")
    }
    settle(&adopted, unit.details)
    return adopted
  }

  /// Its state as found, and what is wrong with it already.
  private func settle(_ adopted: inout AdoptedUnit, _ details: UnitDetails) {
    let status = details.status
    let restarts = status.nRestarts ?? 0
    let triggers = details.related(.triggeredBy).filter { trigger in
      trigger.hasSuffix(".timer") || trigger.hasSuffix(".path")
        || trigger.hasSuffix(".socket") && status.serviceType == "oneshot"
    }
    if status.activeState == .failed || status.subState == "auto-restart" || Self.keepsRestarting(status) {
      adopted.isLenient = true
      let how = restarts > 0 ? ", restarted \(restarts) times" : ""
      adopted.notes.append("it is ill (\(status.activeState), \(status.subState)\(how)), so its checks only warn")
      adopted.state = "as-found"
    }
    if !triggers.isEmpty {
      adopted.notes.append("started by \(triggers.sorted().joined(separator: ", ")), so it may be up or down")
    } else if status.activeState.isDown && !adopted.isLenient {
      adopted.state = "as-found"
      adopted.notes.append("it was down; 'state: stopped' keeps it down, 'running' starts it")
    }
  }

  /// Whether it was started anew several times, and lately.
  private static func keepsRestarting(_ status: UnitStatus) -> Bool {
    guard let start = status.execMainStart, status.nRestarts ?? 0 >= 3 else { return false }
    return Int64(time(nil)) - start.realtime / 1_000_000 < 600
  }

  /// The file with the symlinks that lead to it; empty where none is to be brought.
  private func files(_ candidate: Candidate, _ unit: UnitCandidates) throws -> [AdoptedFile] {
    guard let real = Paths.of(candidate.path), Files.exists(real) else { return [] }
    var found: [AdoptedFile] = []
    for link in HostLinks.links(on: candidate.path) where owners[link] == nil && !isInTree(link) {
      guard !Self.system.contains(link), !Self.volatile.contains(where: link.hasPrefix) else { continue }
      found.append(try file(link, candidate))
    }
    guard !isInTree(real), owners[real] == nil else { return found }
    let kind = try FileState.peek(real).type
    if Self.volatile.contains(where: { (real + "/").hasPrefix($0) }) {
      guard candidate.kind != .argument else { return [] }
      throw note(candidate, real, "a reboot removes it")
    }
    if candidate.kind == .argument { try checkData(candidate, real, kind, unit) }
    guard kind == .file else { return found }
    return found + [try file(real, candidate)]
  }

  /// What is named in a command line may be a program, a configuration, or data.
  private func checkData(
    _ candidate: Candidate, _ path: String, _ kind: FileState.Kind, _ unit: UnitCandidates
  ) throws {
    if kind == .directory {
      throw note(candidate, path, "it is a folder; list it under 'files' if it is part of the release")
    }
    if path.hasPrefix("/var/") { throw note(candidate, path, "it looks like data") }
    if unit.written.contains(path) { throw note(candidate, path, "the service writes to it") }
    let state = try FileState.peek(path)
    if (state.size ?? 0) > Self.mostBytes {
      throw note(candidate, path, "it is larger than \(Self.mostBytes >> 20) MiB")
    }
  }

  private func note(_ candidate: Candidate, _ path: String, _ why: String) -> Refusal {
    Refusal(["not copied: '\(path)' (\(candidate.how)): \(why)"])
  }

  private func isInTree(_ path: String) -> Bool {
    trees.contains { path == $0.target || path.hasPrefix($0.target + "/") }
  }

  private func file(_ path: String, _ candidate: Candidate) throws -> AdoptedFile {
    let state = try FileState.read(shared: path)
    let owner = Accounts.userName(state.owner ?? 0)
    let group = Accounts.groupName(state.group ?? 0)
    guard UInt32(owner) == nil, UInt32(group) == nil else {
      throw note(candidate, path, "its owner \(owner):\(group) has no name; create the account, or run chown")
    }
    return AdoptedFile(
      target: path, state: state, owner: state.owner == 0 ? nil : owner, group: state.group == 0 ? nil : group,
      isEnvironment: candidate.kind == .environment)
  }
}

/// Which of the folders that units use a release brings as trees.
struct TreeChoice {
  private let units: [UnitCandidates]
  private let owners: PackageOwners
  /// What was not taken and why, by unit.
  private(set) var notes: [String: [String]] = [:]

  init(_ units: [UnitCandidates], _ owners: PackageOwners) {
    self.units = units
    self.owners = owners
  }

  /// The outermost ones.
  mutating func choose() -> [AdoptedTree] {
    var users: [String: [UnitCandidates]] = [:]
    for unit in units {
      for candidate in unit.candidates where candidate.kind == .folder && owners[candidate.path] == nil {
        if let fault = TreeReading.fault(of: candidate.path) {
          notes[unit.status.unit, default: []].append(
            "not copied: folder '\(candidate.path)' (\(candidate.how)): \(fault)")
        } else {
          users[candidate.path, default: []].append(unit)
        }
      }
    }
    var trees: [AdoptedTree] = []
    for (path, own) in users.sorted(by: { $0.key < $1.key }) {
      if let outer = trees.firstIndex(where: { path.hasPrefix($0.target + "/") }) {
        trees[outer].users += own.map(\.status.unit)
        continue
      }
      let inside = users.filter { $0.key == path || $0.key.hasPrefix(path + "/") }.flatMap(\.value)
      do {
        var tree = AdoptedTree(
          target: path,
          exclude: try TreeReading.exclusions(
            of: path, written: Set(inside.flatMap(\.written)), started: inside.compactMap(\.started).min()))
        tree.users = own.map(\.status.unit)
        tree.isSecret = units.contains { unit in
          unit.candidates.contains { $0.kind == .environment && $0.path.hasPrefix(path + "/") }
        }
        trees.append(tree)
      } catch {
        for unit in own { notes[unit.status.unit, default: []].append("not copied: folder '\(path)': \(error)") }
      }
    }
    return trees
  }
}
