extension ManifestFindings {
  /// Records each unit named by a check that is one of the services but for a misspelling. A unit far from all of them
  /// is left alone: a check may look at a unit that another manifest manages.
  func checkReferences() {
    let services = claims["unit", default: [:]].keys.sorted()
    for (unit, node) in references where !services.contains(unit) {
      guard let meant = NearestKey.nearest(to: unit, in: services, edits: 2) else { continue }
      node.complain("'\(unit)' is none of the services, did you mean '\(meant)'?")
    }
  }

  /// Records each target that lies beneath another one: a file is no folder.
  func checkNestedTargets() {
    let targets = claims["target", default: [:]]
    for (target, position) in targets {
      var folder = target[...]
      while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
        folder = folder[..<slash]
        guard let outer = targets[String(folder)] else { continue }
        add("target '\(target.shortened)' lies beneath the target in line \(outer.line), which is a file", at: position)
      }
    }
  }
}
