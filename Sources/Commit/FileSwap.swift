internal import Basics
internal import Deployment
internal import FileOperations

/// One step of a plan that changes a file, a link or a folder of the host.
struct FileSwap {
  let action: Plan.Action

  init(_ action: Plan.Action) { self.action = action }

  /// The folders that have to be made durable afterwards.
  var folders: [String] {
    switch action {
    case .install(let file):
      Set([Files.parent(of: file.path), Files.parent(of: file.stagedPath)]).sorted()
        + (file.state.type == .directory ? [file.path] : [])
    case .remove(let path): [Files.parent(of: path)]
    default: []
    }
  }

  /// - Returns: what is worth a word.
  func apply() throws -> String? {
    switch action {
    case .install(let file): return try install(file)
    case .remove(let path): try FileLocation(shared: path).remove()
    case .removeEmptyFolder(let path):
      // Twice: a fault that passes must not undo all the rest.
      let gone = try (try? Self.removeFolder(path)) ?? Self.removeFolder(path)
      if !gone { return "it has other files and stays" }
    default: break
    }
    return nil
  }

  /// Changes many files of one tree, and makes that durable at once.
  ///
  /// - Parameter toleratesFailures: whether what can be changed is, past what cannot.
  /// - Returns: what is worth a word.
  static func apply(_ actions: [Plan.Action], toleratesFailures: Bool) throws -> [String] {
    var failures: [any Error] = []
    var remarks: [String] = []
    var folders: Set<String> = []
    for action in actions {
      let swap = FileSwap(action)
      do {
        if let remark = try swap.apply() { remarks.append("\(action): \(remark)") }
        folders.formUnion(swap.folders)
      } catch {
        guard toleratesFailures else { throw error }
        failures.append(error)
      }
    }
    try Files.sync(folders: folders.filter(Files.exists))
    guard failures.isEmpty else { throw SwapFailure(errors: failures) }
    return remarks.count > 3 ? ["\(remarks.count) folders have other files and stay"] : remarks
  }

  func sync() throws { try Files.sync(folders: Set(folders)) }

  private func install(_ file: DesiredState.File) throws -> String? {
    let location = try FileLocation(shared: file.path)
    guard file.state.type != .directory else {
      try location.makeFolder(as: file.state)
      return nil
    }
    var staged = location.staged
    if let elsewhere = file.staged { staged = try FileLocation(shared: elsewhere) }
    let isFolder = try location.peek().type == .directory
    let aside = isFolder ? try location.clearFolder() : nil
    try staged.move(to: location)
    return aside.map { "the folder that was there is now '\($0)'" }
  }

  /// Whether it is gone.
  private static func removeFolder(_ path: String) throws -> Bool {
    try FileLocation.reachable(path)?.removeFolderIfEmpty() ?? true
  }
}

/// Why files of a tree could not be changed.
struct SwapFailure: Error, CustomStringConvertible {
  let errors: [any Error]

  var description: String {
    errors.map { "\($0)" }.joined(separator: "; ", atMost: 5)
  }
}
