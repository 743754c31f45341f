internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc

/// The shared libraries of a program, found as the loader will find them (ld.so(8)), by reading what the files say. Neither
/// the program nor a loader is run.
package struct SharedLibraries {
  package let future: PlannedFileSystem
  /// The `LD_LIBRARY_PATH` that it will have.
  package let libraryPath: String?
  private let cache = LoaderCache.read()

  package init(future: PlannedFileSystem, libraryPath: String?) {
    self.future = future
    self.libraryPath = libraryPath
  }

  /// Objects that are looked at; a program with more is one that leads in circles.
  private static let most = 1000
  #if arch(x86_64)
    private static let library = "lib/x86_64-linux-gnu"
  #else
    private static let library = "lib/aarch64-linux-gnu"
  #endif
  private static let folders = [
    "/\(library)", "/usr/\(library)", "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib",
  ]

  /// A program, or a library that it needs.
  private struct Object {
    let image: ELFImage
    /// Its folder, for `$ORIGIN`.
    let home: String
    /// The `DT_RPATH` of those that need it.
    let inherited: [String]
  }

  /// - Parameters:
  ///   - path: where the program will lie, without symlinks.
  /// - Returns: what the loader will not find, in words; nothing where that cannot be told.
  package func missing(_ image: ELFImage, at path: String) throws -> [String] {
    var found: [String: Object?] = [:]
    var faults: [String] = []
    var waiting = [Object(image: image, home: Files.parent(of: path), inherited: [])]
    while let object = waiting.popLast(), found.count < Self.most {
      for name in object.image.links.needed {
        let library: Object?
        if let known = found[name] {
          library = known
        } else {
          library = try find(name, for: object)
          found[name] = .some(library)
          if let library {
            waiting.append(library)
          } else if !isExcused(name) {
            faults.append("the shared library \(name) is not found")
          }
        }
        guard let defined = library?.image.links.defined, !defined.isEmpty else { continue }
        for version in object.image.links.required[name] ?? [] where !defined.contains(version) {
          faults.append("\(name) has no version \(version)")
        }
      }
    }
    return faults.uniqued()
  }

  /// A library that comes with the release may lie where only ldconfig(8) will make it known. Without the cache nobody can
  /// tell.
  private func isExcused(_ name: String) -> Bool {
    cache == nil || name.contains("/") || future.brings(fileNamed: name)
  }

  private func find(_ name: String, for object: Object) throws -> Object? {
    let links = object.image.links
    let rpath = links.runpath.isEmpty ? expanded(links.rpath, object.home) + object.inherited : []
    if name.hasPrefix("/") { return try load(name, object.image, rpath) }
    let environment = (libraryPath ?? "").split { $0 == ":" || $0 == ";" }.map(String.init)
    let folders = rpath + expanded(environment, object.home) + expanded(links.runpath, object.home)
    let paths = folders.map { $0 + "/" + name } + (cache?.paths(name) ?? []) + Self.folders.map { $0 + "/" + name }
    for path in paths where path.hasPrefix("/") {
      if let found = try load(path, object.image, rpath) { return found }
    }
    return nil
  }

  /// - Returns: `nil` where there is no library for that machine, which the loader passes over.
  private func load(_ path: String, _ needs: ELFImage, _ rpath: [String]) throws -> Object? {
    guard let file = future.look(path), file.state.type == .file, let image = ELFImage(try FileWindow(file.content)),
      image.is64Bit == needs.is64Bit, image.machine == needs.machine
    else { return nil }
    return Object(image: image, home: Files.parent(of: file.path), inherited: rpath)
  }

  private func expanded(_ folders: [String], _ home: String) -> [String] {
    folders.map { folder in
      [("ORIGIN", home), ("LIB", Self.library)].reduce(folder) { text, token in
        text.replacing("${\(token.0)}", with: token.1).replacing("$\(token.0)", with: token.1)
      }
    }
  }
}

/// What `/etc/ld.so.cache` knows: a list of names and paths that ldconfig(8) has made.
package struct LoaderCache {
  private let libraries: [String: [String]]

  /// Where the libraries of that name lie, the best first.
  package func paths(_ name: String) -> [String] { libraries[name] ?? [] }

  /// - Returns: `nil` where there is none that this reads.
  package static func read(_ path: String = "/etc/ld.so.cache") -> LoaderCache? {
    guard let size = try? FileState.peek(path).size, size < 64 << 20, let bytes = try? Files.read(path) else {
      return nil
    }
    return LoaderCache(bytes)
  }

  // The layout of glibc's dl-cache.h: a head of 48 bytes that says how many entries of 24 follow, each with the places of
  // its two texts, counted from the beginning.
  private static let magic = Array("glibc-ld.so.cache1.1".utf8)
  private static let (head, entry) = (48, 24)

  package init?(_ bytes: [UInt8]) {
    guard bytes.starts(with: Self.magic), let count = Self.number(bytes, at: 20),
      count <= (bytes.count - Self.head) / Self.entry
    else { return nil }
    var libraries: [String: [String]] = [:]
    for place in stride(from: Self.head, to: Self.head + count * Self.entry, by: Self.entry) {
      guard let name = Self.number(bytes, at: place + 4).flatMap({ Self.text(bytes, at: $0) }),
        let path = Self.number(bytes, at: place + 8).flatMap({ Self.text(bytes, at: $0) })
      else { return nil }
      libraries[name, default: []].append(path)
    }
    self.libraries = libraries
  }

  private static func number(_ bytes: [UInt8], at place: Int) -> Int? {
    guard place >= 0, bytes.count >= 4, place <= bytes.count - 4 else { return nil }
    return Int(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt32.self) })
  }

  private static func text(_ bytes: [UInt8], at place: Int) -> String? {
    guard bytes.indices.contains(place) else { return nil }
    return String(decoding: bytes[place...].prefix(Int(PATH_MAX)).prefix { $0 != 0 }, as: UTF8.self)
  }
}
