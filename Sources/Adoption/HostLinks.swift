internal import FileOperations

/// The symlinks that lead to a path.
enum HostLinks {
  /// Absolute, each with its own folder free of symlinks; in the order in which they are followed.
  static func links(on path: String) -> [String] {
    var found: [String] = []
    var rest = path.split(separator: "/").map(String.init)[...]
    var folder = ""
    while let name = rest.popFirst() {
      if name == ".." {
        folder = folder.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        continue
      }
      let place = folder + "/" + name
      guard let link = Paths.link(place) else {
        folder = place
        continue
      }
      // As often as the kernel follows (path_resolution(7)).
      guard found.count < 40 else { return found }
      found.append(place)
      rest = link.split(separator: "/").map(String.init).filter { $0 != "." } + rest
      if link.hasPrefix("/") { folder = "" }
    }
    return found
  }
}
