package import Deployment
internal import FileOperations
internal import Manifests
internal import Units

/// What can be said of a manifest and its sources on any machine: without systemd, without root, and without the host that
/// the release is for.
package struct ReleaseLint {
  /// Every finding, and what was looked at and found right. Never empty.
  package private(set) var checks: [CheckResult] = []

  /// - Parameter path: the manifest, or a folder that holds a `qtctl.yaml`.
  /// - Throws: `Refusal` or `FileError` where there is no manifest to look at.
  package init(at path: String) throws {
    let file: ManifestFile
    do {
      file = try ManifestFile(at: path)
    } catch let error as ManifestError {
      checks = error.problems.map { problem in
        CheckResult(
          id: "lint.manifest", subject: "\(error.file):\(problem.line):\(problem.column)", status: .fail,
          detail: problem.message,
          evidence: ["line": .int(problem.line), "column": .int(problem.column)])
      }
      return
    }
    let manifest = file.manifest
    add("manifest", path, .pass, "\(manifest.name); units: \(manifest.services.count)")
    var brought: [DesiredState.File] = []
    let owned = manifest.services.flatMap { service in service.files.map { (entry: $0, unit: service.unit) } }
    for (entry, unit) in manifest.files.map({ (entry: $0, unit: "") }) + owned {
      brought += try look(at: entry, of: unit, in: file.folder)
    }
    for service in manifest.services {
      for (status, detail) in try UnitLint(service, brought).findings() { add("unit", service.unit, status, detail) }
    }
    let verify = manifest.verify
    if verify.http.isEmpty, verify.tcp.isEmpty, verify.commands.isEmpty, !verify.concernsRedis {
      let detail = "only that the units run is verified; add http, tcp, commands or groups to check what they do"
      add("verify", "verify", .warn, detail)
    }
  }

  /// What the entry brings; empty where it cannot be known here.
  private mutating func look(
    at entry: Manifest.File, of unit: String, in folder: String
  ) throws -> [DesiredState.File] {
    lookAtAccounts(of: entry)
    let path = Paths.resolve(entry.source, in: folder)
    if entry.link == nil, try !FileState.peek(path).exists {
      add("source", entry.source, .warn, "does not exist here; it has to be built before the deploy")
      return []
    }
    var readable = entry
    // Whether an account exists is the host's business.
    (readable.owner, readable.group) = ("0", "0")
    do {
      let source = ReleaseSource(entry: readable, unit: unit, folder: folder)
      var last = LastFolder()
      let found = try source.look(&last)
      let what = found.tree == nil ? found.files.map(\.state.type.rawValue) : ["\(found.files.count) files and folders"]
      add("source", entry.link ?? entry.source, .pass, "\(what.joined()) for \(entry.target)")
      return found.files
    } catch let error as Refusal {
      for finding in error.findings { add("source", entry.source, .fail, finding) }
    } catch let error as FileError {
      add("source", entry.source, .fail, error.description)
    }
    return []
  }

  private mutating func lookAtAccounts(of entry: Manifest.File) {
    let accounts: [(String, () throws -> UInt32)] = [
      ("user '\(entry.owner)'", { try Accounts.user(entry.owner) }),
      ("group '\(entry.group)'", { try Accounts.group(entry.group) }),
    ]
    for (name, look) in accounts where (try? look()) == nil {
      let finding = "\(name) does not exist here; it has to exist on the host"
      guard !checks.contains(where: { $0.id == "lint.account" && $0.detail == finding }) else { continue }
      add("account", entry.target, .skip, finding)
    }
  }

  private mutating func add(_ id: String, _ subject: String, _ status: CheckResult.Status, _ detail: String) {
    checks.append(CheckResult(id: "lint." + id, subject: subject, status: status, detail: detail))
  }
}
