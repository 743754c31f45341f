/// A file that a person asked for.
package enum TextFile {
  /// Writes it whole, in place of what was there. Readable by all.
  package static func write(_ text: String, to path: String) throws {
    try Files.replace(path, with: Array(text.utf8), mode: 0o644)
  }
}
