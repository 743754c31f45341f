import Deployment
import FileOperations
import Foundation
import Testing

@testable import HTMLReport

@Suite("The file of a page")
struct ReportFileTests {
  private static let page = ReportPage.mark + "<html></html>"

  /// In a folder that everybody may write to, as /tmp is.
  private static func with(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "qtctl-page-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o1777])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private static func text(_ path: String) throws -> String { String(decoding: try Files.read(path), as: UTF8.self) }

  @Test("is written whole, for its owner alone, and replaces the page of an earlier call")
  func written() throws {
    try Self.with { folder in
      try ReportFile("a.html", in: folder).write(Self.page)
      #expect(try Self.text(folder + "/a.html") == Self.page)
      #expect(try FileState.read(folder + "/a.html").mode == 0o600)
      try ReportFile("./a.html", in: folder).write(Self.page + "two")
      #expect(try Self.text(folder + "/a.html") == Self.page + "two")
      #expect(try Files.names(in: folder) == ["a.html"])
    }
  }

  @Test("is no file that is there and is something else, no folder, and leads through no link")
  func refused() throws {
    try Self.with { folder in
      try "precious".write(toFile: folder + "/notes", atomically: false, encoding: .utf8)
      try Self.page.write(toFile: folder + "/real.html", atomically: false, encoding: .utf8)
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/real.html")
      try FileManager.default.createSymbolicLink(atPath: folder + "/dangling", withDestinationPath: folder + "/new")
      try FileManager.default.createDirectory(atPath: folder + "/sub", withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(atPath: folder + "/way", withDestinationPath: folder + "/sub")
      for (name, words) in [
        ("notes", "is no page of qtctl report"), ("link", "is a symlink"), ("dangling", "is a symlink"),
        ("sub", "is a folder"), ("way/a.html", "is a symlink that others than root can change"),
        ("none/a.html", "No such"),
      ] {
        let error = #expect(throws: Refusal.self, "\(name)") { try ReportFile(name, in: folder) }
        #expect(error?.description.contains(words) ?? false, "\(String(describing: error))")
      }
      #expect(try Self.text(folder + "/notes") == "precious")
      #expect(try Files.names(in: folder).sorted() == ["dangling", "link", "notes", "real.html", "sub", "way"])
    }
  }

  @Test("that somebody makes meanwhile is not replaced, and nothing is left beside it")
  func race() throws {
    try Self.with { folder in
      let file = try ReportFile("a.html", in: folder)
      try FileManager.default.createSymbolicLink(atPath: folder + "/a.html", withDestinationPath: "/etc/passwd")
      #expect(throws: Refusal.self) { try file.write(Self.page) }
      #expect(try Files.names(in: folder) == ["a.html"] && FileState.read(folder + "/a.html").link == "/etc/passwd")
    }
  }
}
