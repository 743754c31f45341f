internal import Deployment

extension ManifestReading<Manifest.Hooks> {
  static var hooks: Self {
    section { keys in
      var hooks = Manifest.Hooks()
      hooks.prepare = keys.read("prepare", .hook())
      hooks.migrate = keys.read("migrate", .hook(hasUndo: true))
      hooks.finished = keys.read("finished", .hook(within: Manifest.Hook.usuallyFinished))
      return hooks
    }
  }
}

extension ManifestReading<Manifest.Hook> {
  fileprivate static func hook(within limit: Duration = Manifest.Hook.usually, hasUndo: Bool = false) -> Self {
    section { keys in
      var hook = Manifest.Hook(run: keys.require("run", .hookProgram) ?? [], within: limit)
      if hasUndo { hook.undo = keys.read("undo", .hookProgram) }
      keys.read("within", .duration(atLeast: .seconds(1)), into: &hook.within)
      return hook
    }
  }
}

extension ManifestReading<[String]> {
  /// A program, by its absolute path or by one relative to the manifest's folder, and its arguments. It is run as written:
  /// no shell, no search in `PATH`.
  fileprivate static var hookProgram: Self {
    let arguments = list(of: .argument, atLeast: 1)
    return Self { node in
      guard let run = arguments.read(node), let program = run.first else { return nil }
      let components = program.split(separator: "/", omittingEmptySubsequences: false)
      if program.isEmpty || program.hasSuffix("/") {
        node.complain("must start with the path of a program; no shell is used")
      } else if !program.contains("/") {
        node.complain(
          "'\(program.shortened)' is not looked for in PATH; write its absolute path, or './\(program.shortened)' for a "
            + "program of the release")
      } else if components.contains("..") {
        node.complain("'\(program.shortened)' must not contain '..'; a hook is a program of the release or of the host")
      } else {
        return run
      }
      return nil
    }
  }
}
