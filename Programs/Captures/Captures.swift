import FileOperations
import Glibc
import TestSupport

/// `make captures`: what an operator sees, as a terminal shows it, taken on a throwaway machine at two widths and written to
/// docs/captures: as text, and as a picture with colours.
@main
enum Captures {
  static func main() async {
    do {
      try await Site.with(name: "captures") { site in
        try await Shop.prepare(on: site)
        let folder = Checkout.root + "/docs/captures"
        try Files.makeFolders(folder, mode: 0o755)
        for columns in [120, 60] {
          try await Film(site: site, columns: columns, folder: folder).play()
        }
      }
    } catch {
      print("the captures failed: \(error)")
      exit(1)
    }
  }
}
