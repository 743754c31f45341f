/// The checkout that the tests are built from, and its release build.
package enum Checkout {
  /// Absolute.
  package static let root = String(
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/"))

  /// A program of the release build (`make build`), with which acceptance tests work, as users do.
  package static func program(_ name: String) -> String { root + "/.build/release/" + name }
}
